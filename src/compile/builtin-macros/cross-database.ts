/**
 * The macros dbt packages call to stay independent of a database, answered in DuckDB's SQL. Each is `dbt.<name>`, looks for an
 * implementation through adapter.dispatch(), and finds `default__<name>` here.
 */
interface CrossDatabaseMacro {
  /** As in the macro's head: `field, table_alias=none`. */
  readonly parameters: string;
  readonly body: string;
}

const macros: Readonly<Record<string, CrossDatabaseMacro>> = {
  any_value: { parameters: 'expression', body: 'any_value({{ expression }})' },
  array_append: { parameters: 'array, new_element', body: 'list_append({{ array }}, {{ new_element }})' },
  array_concat: { parameters: 'array_1, array_2', body: 'list_concat({{ array_1 }}, {{ array_2 }})' },
  array_construct: {
    parameters: 'inputs=[], data_type=none',
    body: "{% if inputs | length > 0 %}[{{ inputs | join(', ') }}]{% else %}[]{% if data_type %}::{{ data_type }}[]{% endif %}{% endif %}",
  },
  bool_or: { parameters: 'expression', body: 'bool_or({{ expression }})' },
  cast: { parameters: 'expression, data_type', body: 'cast({{ expression }} as {{ data_type }})' },
  cast_bool_to_text: { parameters: 'bool_expression', body: 'cast({{ bool_expression }} as varchar)' },
  concat: { parameters: 'fields', body: "{{ fields | join(' || ') }}" },
  current_timestamp: { parameters: '', body: 'now()' },
  current_timestamp_backcompat: { parameters: '', body: 'now()::timestamp' },
  current_timestamp_in_utc_backcompat: { parameters: '', body: "(now() at time zone 'utc')" },
  date: {
    parameters: 'year, month, day',
    body: 'make_date({{ year }}, {{ month }}, {{ day }})',
  },
  date_trunc: { parameters: 'datepart, date', body: "date_trunc('{{ datepart }}', {{ date }})" },
  dateadd: {
    parameters: 'datepart, interval, from_date_or_timestamp',
    body: 'date_add({{ from_date_or_timestamp }}, interval ({{ interval }}) {{ datepart }})',
  },
  datediff: {
    parameters: 'first_date, second_date, datepart',
    body: "date_diff('{{ datepart }}', {{ first_date }}::timestamp, {{ second_date }}::timestamp)",
  },
  equals: {
    parameters: 'expr1, expr2',
    body: '({{ expr1 }} is not distinct from {{ expr2 }})',
  },
  escape_single_quotes: { parameters: 'expression', body: `{{ expression | replace("'", "''") }}` },
  except: { parameters: '', body: 'except' },
  hash: { parameters: 'field', body: 'md5(cast({{ field }} as varchar))' },
  intersect: { parameters: '', body: 'intersect' },
  last_day: {
    parameters: 'date, datepart',
    body: `cast(date_trunc('{{ datepart }}', {{ date }}) + interval 1 {{ datepart }} - interval 1 day as date)`,
  },
  length: { parameters: 'expression', body: 'length({{ expression }})' },
  listagg: {
    parameters: `measure, delimiter_text="','", order_by_clause=none, limit_num=none`,
    body: `{% if limit_num -%}
      list_aggregate(
        (array_agg({{ measure }}{% if order_by_clause %} {{ order_by_clause }}{% endif %}))[1:{{ limit_num }}],
        'string_agg',
        {{ delimiter_text }}
      )
    {%- else -%}
      string_agg({{ measure }}, {{ delimiter_text }}{% if order_by_clause %} {{ order_by_clause }}{% endif %})
    {%- endif %}`,
  },
  position: { parameters: 'substring_text, string_text', body: 'position({{ substring_text }} in {{ string_text }})' },
  replace: {
    parameters: 'field, old_chars, new_chars',
    body: 'replace({{ field }}, {{ old_chars }}, {{ new_chars }})',
  },
  right: { parameters: 'string_text, length_expression', body: 'right({{ string_text }}, {{ length_expression }})' },
  safe_cast: { parameters: 'field, type', body: 'try_cast({{ field }} as {{ type }})' },
  split_part: {
    parameters: 'string_text, delimiter_text, part_number',
    body: 'split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})',
  },
  string_literal: { parameters: 'value', body: "'{{ value }}'" },
  type_bigint: { parameters: '', body: 'bigint' },
  type_boolean: { parameters: '', body: 'boolean' },
  type_float: { parameters: '', body: 'double' },
  type_int: { parameters: '', body: 'integer' },
  type_numeric: { parameters: '', body: 'numeric(28, 6)' },
  type_string: { parameters: '', body: 'varchar' },
  type_timestamp: { parameters: '', body: 'timestamp' },
  convert_timezone: {
    parameters: 'column, target_tz, source_tz',
    body: "({{ column }} at time zone '{{ source_tz }}' at time zone '{{ target_tz }}')",
  },
  generate_series: {
    parameters: 'upper_bound',
    body: 'select unnest(generate_series(1, {{ upper_bound }})) as generated_number',
  },
  date_spine: {
    parameters: 'datepart, start_date, end_date',
    body: `select cast(unnest(generate_series(
      cast({{ start_date }} as timestamp),
      cast({{ end_date }} as timestamp) - interval 1 microsecond,
      interval 1 {{ datepart }}
    )) as timestamp) as date_{{ datepart }}`,
  },
};

/** Head, dispatch and body of one macro. */
function written([name, { parameters, body }]: readonly [string, CrossDatabaseMacro]): string {
  const names =
    parameters === '' ? [] : parameters.split(/,\s*(?![^[\]"']*["'\]])/).map((one) => one.split('=')[0]?.trim());
  return `{% macro ${name}(${parameters}) %}{{ return(adapter.dispatch('${name}', 'dbt')(${names.join(', ')})) }}{% endmacro %}
{% macro default__${name}(${parameters}) -%}
  ${body}
{%- endmacro %}
`;
}

const lists = `
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y-%m-%d', out_fmt='%Y-%m-%d') -%}
  {%- set day = modules.datetime.datetime.strptime(start_date_str, in_fmt) -%}
  {%- set last = modules.datetime.datetime.strptime(end_date_str or start_date_str, in_fmt) -%}
  {%- if (last - day).days < 0 -%}
    {{ exceptions.raise_compiler_error('The start date ' ~ start_date_str ~ ' is after the end date ' ~ end_date_str) }}
  {%- endif -%}
  {%- set found = [] -%}
  {%- for step in range(0, (last - day).days + 1) -%}
    {%- do found.append((day + modules.datetime.timedelta(days=step)).strftime(out_fmt)) -%}
  {%- endfor -%}
  {{ return(found) }}
{%- endmacro %}
{% macro py_current_timestring() -%}
  {{ return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) }}
{%- endmacro %}
`;

export const crossDatabase = Object.entries(macros).map(written).join('') + lists;

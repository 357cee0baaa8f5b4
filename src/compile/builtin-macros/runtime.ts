/** Statements, queries and what a template may ask about its own run. */
export const runtime = `
{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
  {%- if execute -%}
    {%- set answer = adapter.execute(caller(), auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- if name is not none -%}
      {%- do store_result(name, response=answer[0], agate_table=answer[1]) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
  {%- if name is not none -%}
    {%- do store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=none) -%}
  {%- endif -%}
{%- endmacro %}
{% macro run_query(sql) -%}
  {%- if execute -%}
    {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}{{ sql }}{%- endcall -%}
    {{ return(load_result('run_query_statement').table) }}
  {%- else -%}
    {{ return(none) }}
  {%- endif -%}
{%- endmacro %}
{% macro is_incremental() -%}{{ return(__is_incremental__) }}{%- endmacro %}
{% macro should_full_refresh() -%}
  {%- set configured = config.get('full_refresh') -%}
  {{ return(flags.FULL_REFRESH if configured is none else configured) }}
{%- endmacro %}
{% macro should_store_failures() -%}
  {%- set configured = config.get('store_failures') -%}
  {{ return(flags.STORE_FAILURES if configured is none else configured) }}
{%- endmacro %}
{% macro get_where_subquery(relation) -%}
  {{ return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) }}
{%- endmacro %}
{% macro default__get_where_subquery(relation) -%}
  {%- set where = config.get('where', '') -%}
  {%- if where -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery') }}
  {%- else -%}
    {{ return(relation) }}
  {%- endif -%}
{%- endmacro %}
{% macro get_columns_in_query(select_sql) -%}
  {%- if not execute -%}{{ return([]) }}{%- endif -%}
  {{ return(run_query('select * from (' ~ select_sql ~ ') as dbt_query limit 0').columns | map(attribute='name') | list) }}
{%- endmacro %}
{% macro get_columns_in_relation(relation) -%}
  {{ return(adapter.get_columns_in_relation(relation)) }}
{%- endmacro %}
{% macro load_cached_relation(relation) -%}
  {{ return(adapter.get_relation(relation.database, relation.schema, relation.identifier)) }}
{%- endmacro %}
{% macro load_relation(relation) -%}{{ return(load_cached_relation(relation)) }}{%- endmacro %}
{% macro make_temp_relation(base_relation, suffix='__dbt_tmp') -%}
  {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix, 'schema': none, 'database': none})) }}
{%- endmacro %}
{% macro create_schema(relation) -%}
  {%- call statement('create_schema') -%}create schema if not exists {{ relation.without_identifier() }}{%- endcall -%}
{%- endmacro %}
{% macro drop_relation_if_exists(relation) -%}
  {%- if relation is not none -%}{%- do adapter.drop_relation(relation) -%}{%- endif -%}
{%- endmacro %}
{% macro get_quoted_csv(column_names) -%}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}{%- do quoted.append(adapter.quote(name)) -%}{%- endfor -%}
  {{ return(quoted | join(', ')) }}
{%- endmacro %}
{% macro snapshot_get_time() -%}{{ current_timestamp() }}{%- endmacro %}
{% macro log_relation(relation) -%}{%- do log(relation | string) -%}{%- endmacro %}
`;

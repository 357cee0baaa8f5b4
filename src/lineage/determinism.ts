/** Would the same query on the same tables answer the same twice? Judged from the syntax alone; types are not known here. */
import { byteOffsetOf, childNodes, nodeOf, nodesOf, type SyntaxNode, type SyntaxTree, textOf } from './syntax-tree.ts';

export interface Wobble {
  /**
   * random: another value at each call · clock: depends on when · session: settings, variables, users · sequence: counts on ·
   * sample: another choice of rows · file: reads files, which are inputs of their own · catalog: asks what is in the database ·
   * order: the answer may depend on the order in which rows happen to arrive · unknown: there is no tree to judge.
   */
  readonly kind: 'random' | 'clock' | 'session' | 'sequence' | 'sample' | 'file' | 'catalog' | 'order' | 'unknown';
  readonly certainty: 'surely' | 'maybe';
  /** A clause for a sentence: "random() gives another value at each call". */
  readonly because: string;
  /** UTF-8 bytes into the SQL. */
  readonly at?: number;
}

export interface Determinism {
  /** False when some wobble is sure. A query with only `maybe`s counts as deterministic: see `maybe`. */
  readonly deterministic: boolean;
  /** The first sure wobble's reason. */
  readonly because?: string;
  /** The first possible wobble's reason, e.g. a LIMIT without ORDER BY. */
  readonly maybe?: string;
  readonly wobbles: readonly Wobble[];
}

/**
 * Sums of DOUBLE may differ in the last digit between runs on several threads; types are not in the tree, so that is not
 * reported. Macros hide what they call; hand in their expanded SQL where it matters.
 */
export function deterministic(tree: SyntaxTree): Determinism {
  const wobbles: Wobble[] = [];
  if (tree.statements.length === 0)
    wobbles.push({
      kind: 'unknown',
      certainty: 'surely',
      because: `DuckDB gives no syntax tree for it${tree.error === undefined ? '' : ` (${tree.error})`}`,
    });
  for (const statement of tree.statements) visit(statement, wobbles);
  const sure = wobbles.find((wobble) => wobble.certainty === 'surely');
  const maybe = wobbles.find((wobble) => wobble.certainty === 'maybe');
  return {
    deterministic: sure === undefined,
    ...(sure === undefined ? {} : { because: sure.because }),
    ...(maybe === undefined ? {} : { maybe: maybe.because }),
    wobbles,
  };
}

const FUNCTIONS: Readonly<Record<string, Wobble['kind']>> = {
  ...named('random', 'random uuid gen_random_uuid uuidv4 uuidv7 setseed reservoir_quantile'),
  ...named(
    'clock',
    'now current_timestamp get_current_timestamp get_current_time current_time current_date today transaction_timestamp current_localtime current_localtimestamp localtime localtimestamp clock_timestamp txid_current ago pg_conf_load_time pg_postmaster_start_time pg_timezone_names',
  ),
  ...named(
    'session',
    'current_setting getvariable getenv current_user user session_user current_role current_database current_catalog current_schema current_schemas current_query current_connection_id current_transaction_id current_query_id version get_user in_search_path',
  ),
  ...named('sequence', 'nextval currval'),
  ...named(
    'file',
    'read_parquet parquet_scan parquet_metadata parquet_schema parquet_file_metadata parquet_kv_metadata parquet_full_metadata parquet_bloom_probe read_csv read_csv_auto sniff_csv read_json read_json_auto read_json_objects read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_text read_blob read_duckdb read_xlsx st_read glob iceberg_scan delta_scan sqlite_scan postgres_scan mysql_scan arrow_scan',
  ),
  ...named(
    'catalog',
    'query query_table json_execute_serialized_sql seq_scan histogram_values which_secret pg_get_viewdef pg_get_constraintdef has_table_privilege pragma_table_info table_info',
  ),
};

function named(kind: Wobble['kind'], names: string): Record<string, Wobble['kind']> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}

const PHRASES: Readonly<Record<string, string>> = {
  random: 'gives another value at each call',
  clock: 'depends on when it runs',
  session: 'depends on the session',
  sequence: 'counts on at each call',
  file: 'reads files',
  catalog: 'depends on what is in the database',
};

/** Words that SQL lets stand without parentheses; as column references they are clocks only when no column has that name. */
const BARE_CLOCKS =
  /^(current_date|current_time|current_timestamp|localtime|localtimestamp|current_user|session_user)$/i;

const callOf = (kinds: readonly Wobble['kind'][]): RegExp =>
  new RegExp(
    `\\b(?:${Object.keys(FUNCTIONS)
      .filter((name) => kinds.includes(FUNCTIONS[name] ?? 'order'))
      .join('|')})\\s*\\(`,
    'i',
  );
const VARYING = callOf(['random', 'clock', 'session', 'sequence', 'catalog']);
const READING = callOf(['file']);

/** Of text that nobody parsed: whether it calls what may answer differently over the same rows. A column of the same name is no call. */
export const callsVarying = (text: string): boolean =>
  VARYING.test(text) || /\b(?:current|local)_?(?:date|time|timestamp)\b/i.test(text);

/** Of text that nobody parsed: whether it reads files by itself. */
export const callsFiles = (text: string): boolean => READING.test(text);

/** Aggregates whose answer follows the order of their input unless ORDER BY settles it. */
const ORDERED_AGGREGATES =
  /^(first|last|any_value|arbitrary|array_agg|list|string_agg|group_concat|listagg|mode|arg_max|arg_min|max_by|min_by|argmax|argmin|histogram|approx_top_k|approx_quantile)$/;
/** Of these a tie, not the order alone, is the trouble; DuckDB's arg_max with equal keys takes whichever came first. */
const ORDERED_WINDOWS =
  /^(row_number|first|last|first_value|last_value|nth_value|lag|lead|ntile|array_agg|list|string_agg)$/;

function visit(node: SyntaxNode, wobbles: Wobble[]): void {
  const place = byteOffsetOf(node);
  const at = place === undefined ? {} : { at: place };
  const surely = (kind: Wobble['kind'], because: string) => wobbles.push({ kind, certainty: 'surely', because, ...at });
  const maybe = (because: string) => wobbles.push({ kind: 'order', certainty: 'maybe', because, ...at });

  switch (node['class']) {
    case 'FUNCTION': {
      const name = textOf(node, 'function_name').toLowerCase();
      const kind = Object.hasOwn(FUNCTIONS, name)
        ? FUNCTIONS[name]
        : name.startsWith('duckdb_') || name.startsWith('pragma_')
          ? 'catalog'
          : undefined;
      if (kind !== undefined) surely(kind, `${name}() ${PHRASES[kind] ?? ''}`);
      // age(born, died) is a difference, age(born) counts from today.
      if (name === 'age' && nodesOf(node, 'children').length === 1)
        surely('clock', 'age() of one date counts from today');
      const orders = nodeOf(node, 'order_bys');
      const ordered = orders !== undefined && nodesOf(orders, 'orders').length > 0;
      if (ORDERED_AGGREGATES.test(name) && !ordered) maybe(`${name}() follows the order its rows arrive in`);
      break;
    }
    case 'WINDOW': {
      const name = textOf(node, 'function_name').toLowerCase();
      if (ORDERED_WINDOWS.test(name)) {
        const ordered = nodesOf(node, 'orders').length > 0;
        maybe(
          ordered ? `${name}() over an ORDER BY with ties may number them either way` : `${name}() has no ORDER BY`,
        );
      }
      break;
    }
    case 'COLUMN_REF': {
      const names = node['column_names'];
      const only = Array.isArray(names) && names.length === 1 ? names[0] : null;
      if (typeof only === 'string' && BARE_CLOCKS.test(only))
        surely(
          /user/i.test(only) ? 'session' : 'clock',
          `${only} depends on ${/user/i.test(only) ? 'the session' : 'when it runs'}`,
        );
      break;
    }
    default:
  }
  if (nodeOf(node, 'sample') !== undefined) surely('sample', 'a sample takes other rows each time');
  if (node['type'] === 'BASE_TABLE') {
    const table = textOf(node, 'table_name');
    const schema = textOf(node, 'schema_name').toLowerCase();
    if (schema === '' && /[./\\*]/.test(table)) surely('file', `'${table}' is a file`);
    if (schema === 'information_schema' || schema === 'pg_catalog')
      surely('catalog', `${schema}.${table} depends on what is in the database`);
    if (/^(duckdb|pragma|sqlite)_/i.test(table) || /^sqlite_(master|schema)$/i.test(table))
      surely('catalog', `${table} depends on what is in the database`);
  }
  if (node['type'] === 'SHOW_REF') surely('catalog', 'it describes a relation instead of reading it');
  const modifiers = nodesOf(node, 'modifiers');
  const isOrdered = modifiers.some((modifier) => modifier['type'] === 'ORDER_MODIFIER');
  for (const modifier of modifiers) {
    if (String(modifier['type']).startsWith('LIMIT'))
      maybe(
        isOrdered
          ? 'LIMIT may cut through ties of its ORDER BY'
          : 'LIMIT without ORDER BY takes whichever rows come first',
      );
    if (modifier['type'] === 'DISTINCT_MODIFIER' && nodesOf(modifier, 'distinct_on_targets').length > 0)
      maybe(
        isOrdered
          ? 'DISTINCT ON may meet ties of its ORDER BY'
          : 'DISTINCT ON without ORDER BY keeps whichever row comes first',
      );
  }
  if (node['ref_type'] === 'POSITIONAL') maybe('a positional join pairs rows in the order they arrive');
  for (const child of childNodes(node)) visit(child, wobbles);
}

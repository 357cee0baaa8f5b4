/** What a passed test says about every row, so that it can be true of a copy, too. */
import type { GraphNode } from '../compile/manifest.ts';
import type { Json } from '../core/node-id.ts';
import { isConstant } from './bounds.ts';
import { resolveCheck } from './resolve-check.ts';

/** `each`: about every value that is not NULL. Equal `what`, equal statement. */
export interface TestClaim {
  readonly kind: 'not_null' | 'unique' | 'each';
  readonly columns: readonly string[];
  readonly what: string;
}

/** Tests that judge each value by itself. */
const EACH = new Set([
  'accepted_values',
  'not_accepted_values',
  'accepted_range',
  'matches_regex',
  'matches_like',
  'matches_format',
  'length_between',
  'not_empty_string',
  'parses_as',
]);

/** Undefined for a test that says something else, about some rows only, or passes in spite of failures. */
export function claimOf(test: GraphNode): TestClaim | undefined {
  const { test_metadata: metadata, config, column_name: column } = test;
  const isPlain =
    (config['where'] ?? null) === null &&
    (config['limit'] ?? null) === null &&
    (config['fail_calc'] ?? 'count(*)') === 'count(*)' &&
    (config['on_null'] ?? 'ignore') === 'ignore' &&
    [config['warn_if'], config['error_if']].every((bar) => (bar ?? '!= 0') === '!= 0');
  if (!metadata || !isPlain) return undefined;
  const resolved = resolveCheck(metadata.name, metadata.namespace, metadata.kwargs);
  if (!resolved || 'problem' in resolved) return undefined;
  const { name } = resolved.check;
  const { column_name: _, model: __, ...given } = resolved.kwargs;
  const what = Object.keys(given).length === 0 ? '' : JSON.stringify(Object.entries(given).sort());
  if (name === 'unique_combination') {
    const columns = textsOf(given['columns']);
    return columns.length > 0 ? { kind: 'unique', columns, what: `rows ${String(given['ignore_row_if'])}` } : undefined;
  }
  if (typeof column !== 'string') return undefined;
  const columns = [column.replace(/^"(.*)"$/, '$1')];
  if (name === 'not_null' || name === 'unique') return { kind: name, columns, what };
  return EACH.has(name) && isAboutItsColumn(given) ? { kind: 'each', columns, what: `${name} ${what}` } : undefined;
}

/** Bounds and values can be SQL, which may name other columns. */
const isAboutItsColumn = ({ min, max, quote, on_null }: Readonly<Record<string, Json>>): boolean =>
  quote !== false &&
  on_null !== 'fail' &&
  [min, max].every(
    (bound) => bound === undefined || ((typeof bound === 'number' || typeof bound === 'string') && isConstant(bound)),
  );

const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : [];

/** Expressions that surely have a value, or one of few. */
import type { Json } from '../core/node-id.ts';
import { columnAt, type KnownColumn, lower, pathOf, type Reading, samePath } from './known-rows.ts';
import { childNodes, nodeOf, nodesOf, type SyntaxNode, textOf } from './syntax-tree.ts';

const AGGREGATES = new Set([
  'count',
  'count_star',
  'count_if',
  'countif',
  'sum',
  'min',
  'max',
  'avg',
  'mean',
  'median',
  'any_value',
  'first',
  'last',
  'arbitrary',
  'arg_max',
  'arg_min',
  'max_by',
  'min_by',
  'bool_and',
  'bool_or',
  'string_agg',
  'list',
  'array_agg',
  'stddev',
  'stddev_samp',
  'variance',
  'quantile_cont',
  'mode',
]);
const COUNTS = new Set(['count', 'count_star']);
/** Of these, a figure over rows that all have a value has one, too. */
const KEEPS_VALUES = new Set(['sum', 'min', 'max', 'any_value', 'first', 'last', 'arbitrary']);
const NUMBERING = new Set([
  'WINDOW_ROW_NUMBER',
  'WINDOW_RANK',
  'WINDOW_RANK_DENSE',
  'WINDOW_CUME_DIST',
  'WINDOW_PERCENT_RANK',
]);

/** True when it surely is a figure over a group and no part of its key. */
export const isAggregate = (node: SyntaxNode): boolean =>
  node['class'] === 'FUNCTION' && AGGREGATES.has(lower(textOf(node, 'function_name')))
    ? true
    : node['class'] !== 'WINDOW' && node['class'] !== 'SUBQUERY' && childNodes(node).some(isAggregate);

const MULTIPLYING = new Set(['unnest', 'unlist', 'generate_subscripts']);
/** True when a row may become several. */
export const multipliesRows = (node: SyntaxNode): boolean =>
  MULTIPLYING.has(lower(textOf(node, 'function_name'))) || childNodes(node).some(multipliesRows);

/** Conditions that all have to hold: the parts of an AND. */
export const conjuncts = (node: SyntaxNode | undefined): readonly SyntaxNode[] =>
  node === undefined
    ? []
    : node['type'] === 'CONJUNCTION_AND'
      ? nodesOf(node, 'children').flatMap((child) => conjuncts(child))
      : [node];

/** Why an expression is never NULL; undefined when that is not certain. */
export function notNullBecause(node: SyntaxNode, reading: Reading): string | undefined {
  const children = nodesOf(node, 'children');
  switch (node['class']) {
    case 'CONSTANT':
      return isNullConstant(node) ? undefined : 'a constant';
    case 'COLUMN_REF':
      return columnNotNull(node, reading);
    case 'CASE':
      return branchesOf(node)?.every((branch) => branch && notNullBecause(branch, reading))
        ? 'every branch of its case has a value'
        : undefined;
    case 'WINDOW':
      return NUMBERING.has(textOf(node, 'type')) || isCount(node) ? `${nameOf(node)}() always has a value` : undefined;
    case 'CAST':
      return castKeeps(node) ? notNullBecause(nodeOf(node, 'child') ?? node, reading) : undefined;
    case 'OPERATOR':
      if (node['type'] === 'OPERATOR_COALESCE')
        return children.some((child) => notNullBecause(child, reading)) ? 'coalesce ends in a value' : undefined;
      return ['OPERATOR_IS_NULL', 'OPERATOR_IS_NOT_NULL'].includes(textOf(node, 'type'))
        ? 'is null always has a value'
        : undefined;
    case 'FUNCTION':
      if (isCount(node)) return 'count() always has a value';
      return reading.hasGroups && keepsValues(node) && children.every((child) => notNullBecause(child, reading))
        ? `${nameOf(node)}() of values in groups that have rows`
        : undefined;
    default:
      return undefined;
  }
}

const nameOf = (node: SyntaxNode): string =>
  textOf(node, 'function_name') || lower(textOf(node, 'type').replace('WINDOW_', ''));
const isCount = (node: SyntaxNode): boolean => COUNTS.has(lower(textOf(node, 'function_name')));
const keepsValues = (node: SyntaxNode): boolean =>
  KEEPS_VALUES.has(lower(textOf(node, 'function_name'))) &&
  isAbsent(node['filter']) &&
  nodesOf(node, 'children').length === 1;
const isAbsent = (value: Json | undefined): boolean => value === undefined || value === null;

/** A cast that fails rather than give NULL: JSON's null would become one, so only of what surely is no JSON. */
function castKeeps(node: SyntaxNode): boolean {
  const child = nodeOf(node, 'child');
  if (node['try_cast'] === true || child === undefined) return false;
  return child['class'] === 'CONSTANT' || isCount(child) || NUMBERING.has(textOf(child, 'type'));
}

function columnNotNull(node: SyntaxNode, { where, sources }: Reading): string | undefined {
  const path = pathOf(node);
  if (path === undefined) return undefined;
  const found = where.find((condition) => isOnlyTrueWithValue(condition, path, sources));
  return found ? `where asks for a value of ${path.at(-1)}` : columnAt(path, sources)?.notNull;
}

const COMPARISONS = new Set([
  'COMPARE_EQUAL',
  'COMPARE_NOTEQUAL',
  'COMPARE_LESSTHAN',
  'COMPARE_GREATERTHAN',
  'COMPARE_LESSTHANOREQUALTO',
  'COMPARE_GREATERTHANOREQUALTO',
  'COMPARE_IN',
  'COMPARE_BETWEEN',
]);

/** `x is not null`, `not x is null`, or a comparison of x itself. */
function isOnlyTrueWithValue(condition: SyntaxNode, path: readonly string[], sources: Reading['sources']): boolean {
  const isColumn = (node: SyntaxNode | undefined): boolean => {
    const own = node && pathOf(node);
    return own !== undefined && samePath(own, path, sources);
  };
  const type = textOf(condition, 'type');
  const [first] = nodesOf(condition, 'children');
  if (type === 'OPERATOR_IS_NOT_NULL') return isColumn(first);
  if (type === 'OPERATOR_NOT') return first?.['type'] === 'OPERATOR_IS_NULL' && isColumn(nodesOf(first, 'children')[0]);
  if (!COMPARISONS.has(type)) return false;
  return [first, nodeOf(condition, 'left'), nodeOf(condition, 'right'), nodeOf(condition, 'input')].some(isColumn);
}

/** The texts an expression can be, besides NULL; undefined when that is not certain. */
export function valuesOf(node: SyntaxNode, reading: Reading): KnownColumn['values'] {
  const text = constantText(node);
  if (text !== undefined) return { values: [text], because: 'a constant' };
  if (node['class'] === 'CASE') {
    const branches = branchesOf(node)?.filter((branch) => branch !== undefined && !isNullConstant(branch));
    const values = branches?.map((branch) => branch && valuesOf(branch, reading)?.values);
    return values && together(values, 'every branch of its case is written down');
  }
  if (node['type'] === 'OPERATOR_COALESCE')
    return together(
      nodesOf(node, 'children').map((child) => valuesOf(child, reading)?.values),
      'coalesce of values that are written down',
    );
  const path = pathOf(node);
  if (path === undefined) return undefined;
  for (const condition of reading.where) {
    const listed = listedIn(condition, path, reading.sources);
    if (listed) return { values: listed, because: `where lists the values of ${path.at(-1)}` };
  }
  return columnAt(path, reading.sources)?.values;
}

function together(all: readonly (readonly string[] | undefined)[], because: string): KnownColumn['values'] {
  const values = all.flatMap((each) => each ?? []);
  return all.length > 0 && all.every((each) => each !== undefined)
    ? { values: [...new Set(values)], because }
    : undefined;
}

/** The texts of `column in ('a', 'b')` or `column = 'a'`. */
function listedIn(
  condition: SyntaxNode,
  path: readonly string[],
  sources: Reading['sources'],
): readonly string[] | undefined {
  const isColumn = (node: SyntaxNode | undefined) => {
    const own = node && pathOf(node);
    return own !== undefined && samePath(own, path, sources);
  };
  const [first, ...rest] =
    condition['type'] === 'COMPARE_IN'
      ? nodesOf(condition, 'children')
      : condition['type'] === 'COMPARE_EQUAL'
        ? [nodeOf(condition, 'left'), nodeOf(condition, 'right')]
        : [];
  const texts = rest.map((node) => node && constantText(node));
  return isColumn(first) && texts.length > 0 && texts.every((text) => text !== undefined) ? texts : undefined;
}

/** The branches of a CASE; one without ELSE has a NULL branch, which is undefined here. */
function branchesOf(node: SyntaxNode): readonly (SyntaxNode | undefined)[] | undefined {
  const checks = nodesOf(node, 'case_checks').map((check) => nodeOf(check, 'then_expr'));
  return checks.length === 0 || checks.includes(undefined) ? undefined : [...checks, nodeOf(node, 'else_expr')];
}

const isNullConstant = (node: SyntaxNode): boolean =>
  node['class'] === 'CONSTANT' && nodeOf(node, 'value')?.['is_null'] !== false;

/** The text of a literal text. */
function constantText(node: SyntaxNode): string | undefined {
  const value = node['class'] === 'CONSTANT' ? nodeOf(node, 'value') : undefined;
  const type = value && nodeOf(value, 'type');
  const text = value?.['value'];
  return type?.['id'] === 'VARCHAR' && value?.['is_null'] === false && typeof text === 'string' ? text : undefined;
}

/** The whole number of a literal whole number. */
export function constantNumber(node: SyntaxNode): number | undefined {
  const value = node['class'] === 'CONSTANT' ? nodeOf(node, 'value')?.['value'] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/**
 * An expression as DuckDB prints it (`ParsedExpression::ToString`), which is how it names a select item without alias.
 * The tree does not keep everything (`varchar(10)` is written VARCHAR there), so a name from DESCRIBE always beats this one.
 */
import { printedName } from './names.ts';
import { byteOffsetOf, isList, nodeOf, nodesOf, type SyntaxNode, subqueryOf, textOf, textsOf } from './syntax-tree.ts';

const COMPARISONS: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '!=',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHAN: '>',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_DISTINCT_FROM: 'IS DISTINCT FROM',
  COMPARE_NOT_DISTINCT_FROM: 'IS NOT DISTINCT FROM',
};

/** The text, or undefined for kinds this does not know. */
export function expressionText(node: SyntaxNode): string | undefined {
  const text = printed(node);
  return text.includes(UNPRINTABLE) ? undefined : text;
}

const UNPRINTABLE = '\u0000';

function printed(node: SyntaxNode | undefined): string {
  if (node === undefined) return UNPRINTABLE;
  const children = () => nodesOf(node, 'children').map(printed);
  switch (node.class) {
    case 'COLUMN_REF':
      return textsOf(node, 'column_names').map(printedName).join('.');
    case 'CONSTANT':
      return constantText(nodeOf(node, 'value'));
    case 'COMPARISON':
      return `(${printed(nodeOf(node, 'left'))} ${comparison(node.type)} ${printed(nodeOf(node, 'right'))})`;
    case 'CONJUNCTION':
      return `(${children().join(node.type === 'CONJUNCTION_OR' ? ' OR ' : ' AND ')})`;
    case 'BETWEEN':
      return `(${printed(nodeOf(node, 'input'))} BETWEEN ${printed(nodeOf(node, 'lower'))} AND ${printed(nodeOf(node, 'upper'))})`;
    case 'CASE': {
      const checks = nodesOf(node, 'case_checks').map(
        (check) => ` WHEN (${printed(nodeOf(check, 'when_expr'))}) THEN (${printed(nodeOf(check, 'then_expr'))})`,
      );
      return `CASE ${checks.join('')} ELSE ${printed(nodeOf(node, 'else_expr'))} END`;
    }
    case 'CAST': {
      const word = node.try_cast === true ? 'TRY_CAST' : 'CAST';
      return `${word}(${printed(nodeOf(node, 'child'))} AS ${typeText(nodeOf(node, 'cast_type'))})`;
    }
    case 'COLLATE':
      return `${printed(nodeOf(node, 'child'))} COLLATE ${printedName(textOf(node, 'collation'))}`;
    case 'OPERATOR':
      return operatorText(node, children());
    case 'FUNCTION':
      return functionText(node);
    case 'WINDOW':
      return windowText(node);
    case 'LAMBDA':
      return lambdaText(node);
    case 'SUBQUERY':
      return subqueryText(node);
    case 'POSITIONAL_REFERENCE':
      return `#${String(node.index)}`;
    case 'PARAMETER':
      return `$${textOf(node, 'identifier')}`;
    case 'STAR':
      return starText(node);
    default:
      return UNPRINTABLE;
  }
}

const comparison = (type: unknown): string => COMPARISONS[String(type)] ?? UNPRINTABLE;

/** A constant's value as SQL. */
export function constantText(value: SyntaxNode | undefined): string {
  if (value === undefined) return UNPRINTABLE;
  const plain = plainConstant(value);
  if (plain === null) return 'NULL';
  const type = nodeOf(value, 'type');
  if (type?.id === 'VARCHAR') return `'${plain.replaceAll("'", "''")}'`;
  return plain;
}

/** A constant's value as DuckDB casts it to VARCHAR; null for NULL. */
export function plainConstant(value: SyntaxNode): string | null {
  if (value.is_null === true) return null;
  const type = nodeOf(value, 'type');
  const raw = value.value;
  const digits = wholeNumber(raw);
  if (type?.id === 'DECIMAL' && digits !== undefined) return decimalText(digits, nodeOf(type, 'type_info') ?? {});
  if (type?.id === 'DOUBLE' && typeof raw === 'number') return doubleText(raw);
  if (type?.id === 'DATE' && typeof raw === 'number') return new Date(raw * 86_400_000).toISOString().slice(0, 10);
  if (/^(TIME|INTERVAL)/.test(String(type?.id))) return UNPRINTABLE;
  if (digits !== undefined) return digits;
  if (typeof raw === 'string') return raw;
  if (typeof raw === 'boolean') return String(raw);
  return UNPRINTABLE;
}

/** 128-bit numbers come as two halves, long ones as text. */
function wholeNumber(raw: unknown): string | undefined {
  if (typeof raw === 'number' && Number.isInteger(raw)) return String(raw);
  if (typeof raw === 'string' && /^-?\d{16,}$/.test(raw)) return raw;
  if (typeof raw !== 'object' || raw === null || !('upper' in raw) || !('lower' in raw)) return undefined;
  return String((BigInt(String(raw.upper)) << 64n) + BigInt(String(raw.lower)));
}

/** `.5` has no digit before its point (width equals scale), `0.5` has one. */
function decimalText(digits: string, { width, scale }: SyntaxNode): string {
  const places = Number(scale ?? 0);
  if (places === 0) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  const padded = digits.replace('-', '').padStart(width === scale ? places : places + 1, '0');
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

function doubleText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    const sign = exponent.startsWith('-') ? '-' : '+';
    return `${mantissa}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Types that DuckDB's grammar spells itself; the others are names, and names in capitals are printed in quotes. */
const GRAMMAR_TYPES = /^(INTEGER|SMALLINT|BIGINT|FLOAT|DECIMAL|VARCHAR|BOOLEAN|TIME|TIMESTAMP|INTERVAL|BIT)$/;

function typeText(type: SyntaxNode | undefined): string {
  if (type === undefined) return UNPRINTABLE;
  const id = textOf(type, 'id');
  const info = nodeOf(type, 'type_info');
  const children = () => (info === undefined ? [] : nodesOf(info, 'child_types'));
  if (id === 'LIST' && info !== undefined) return `${typeText(nodeOf(info, 'child_type'))}[]`;
  if (id === 'ARRAY' && info !== undefined) return `${typeText(nodeOf(info, 'child_type'))}[${String(info.size)}]`;
  if (id === 'DECIMAL' && info !== undefined)
    return info.scale === 0
      ? `DECIMAL(${String(info.width)})`
      : `DECIMAL(${String(info.width)}, ${String(info.scale)})`;
  if (id === 'STRUCT' || id === 'UNION') {
    const fields = children()
      .filter((field) => textOf(field, 'first') !== '')
      .map((field) => `${printedName(textOf(field, 'first'))} ${typeText(nodeOf(field, 'second'))}`);
    return `${id}(${fields.join(', ')})`;
  }
  if (id === 'MAP') {
    const entry = info && nodeOf(info, 'child_type');
    const inner = entry && nodeOf(entry, 'type_info');
    const [key, value] = inner === undefined ? [] : nodesOf(inner, 'child_types');
    return `MAP(${typeText(key && nodeOf(key, 'second'))}, ${typeText(value && nodeOf(value, 'second'))})`;
  }
  if (id === 'UNBOUND' && info !== undefined && nodesOf(info, 'user_type_modifiers').length > 0) return UNPRINTABLE;
  if (id === 'UNBOUND' && info !== undefined) return `"${textOf(info, 'name')}"`;
  if (id === 'ENUM') return UNPRINTABLE;
  return GRAMMAR_TYPES.test(id) ? id : `"${id}"`;
}

function operatorText(node: SyntaxNode, children: readonly string[]): string {
  const [first = UNPRINTABLE, ...rest] = children;
  switch (node.type) {
    case 'OPERATOR_IS_NULL':
      return `(${first} IS NULL)`;
    case 'OPERATOR_IS_NOT_NULL':
      return `(${first} IS NOT NULL)`;
    case 'OPERATOR_NOT':
      return `(NOT ${first})`;
    case 'OPERATOR_COALESCE':
      return `COALESCE(${children.join(', ')})`;
    case 'OPERATOR_TRY':
      return `TRY(${first})`;
    case 'COMPARE_IN':
      return `(${first} IN (${rest.join(', ')}))`;
    case 'COMPARE_NOT_IN':
      return `(${first} NOT IN (${rest.join(', ')}))`;
    case 'ARRAY_EXTRACT':
      return `${first}[${rest.join(', ')}]`;
    case 'ARRAY_SLICE':
      return `${first}[${sliceText(nodesOf(node, 'children').slice(1))}]`;
    case 'STRUCT_EXTRACT': {
      const value = nodeOf(nodesOf(node, 'children')[1] ?? {}, 'value');
      return `(${first}).${printedName(value === undefined ? UNPRINTABLE : (plainConstant(value) ?? UNPRINTABLE))}`;
    }
    case 'ARRAY_CONSTRUCTOR':
      return `(ARRAY[${children.join(', ')}])`;
    case 'GROUPING_FUNCTION':
      return `GROUPING(${children.join(', ')})`;
    default:
      return UNPRINTABLE;
  }
}

/** An absent bound is an empty list in the tree. */
function sliceText(bounds: readonly SyntaxNode[]): string {
  return bounds
    .map((bound) => {
      const value = nodeOf(bound, 'value');
      const type = value && nodeOf(value, 'type');
      return type?.id === 'LIST' || (bound.class === 'FUNCTION' && nodesOf(bound, 'children').length === 0)
        ? ''
        : printed(bound);
    })
    .join(':');
}

function functionText(node: SyntaxNode): string {
  const name = textOf(node, 'function_name');
  const args = nodesOf(node, 'children');
  const [first, second] = args;
  if (node.is_operator === true) {
    if (name === '-' && args.length === 1 && first !== undefined && isNegativeLiteral(first))
      return `-${printed(first)}`;
    if (args.length === 1) return name === '!__postfix' ? `((${printed(first)})!)` : `${name}(${printed(first)})`;
    if (args.length === 2) return `(${printed(first)} ${name} ${printed(second)})`;
  }
  if (isIntervalPart(node)) {
    const cast = first && nodesOf(nodeOf(first, 'child') ?? {}, 'children')[0];
    return `${name}(CAST(trunc(CAST(${printed(cast && nodeOf(cast, 'child'))} AS DOUBLE)) AS ${first ? typeText(nodeOf(first, 'cast_type')) : ''}))`;
  }
  const schema = textOf(node, 'schema');
  const catalog = textOf(node, 'catalog');
  const prefix = [catalog, schema].filter((part) => part !== '').map((part) => `${printedName(part)}.`);
  const distinct = node.distinct === true ? 'DISTINCT ' : '';
  const orders = orderText(nodesOf(nodeOf(node, 'order_bys') ?? {}, 'orders'));
  const filter = nodeOf(node, 'filter');
  return [
    prefix.join(''),
    printedName(name),
    '(',
    distinct,
    args.map((argument) => namedArgument(argument)).join(', '),
    orders === '' ? '' : args.length === 0 ? `) WITHIN GROUP ( ${orders}` : ` ${orders}`,
    ')',
    filter === undefined ? '' : ` FILTER (WHERE ${printed(filter)})`,
  ].join('');
}

const isNegativeLiteral = (node: SyntaxNode): boolean => node.class === 'CONSTANT' && node.type === 'VALUE_CONSTANT';

/** `interval 3 day` becomes to_days(cast(trunc(cast(3 as double)) as integer)), written by the parser itself. */
function isIntervalPart(node: SyntaxNode): boolean {
  const [cast] = nodesOf(node, 'children');
  const trunc = cast && nodeOf(cast, 'child');
  return (
    /^to_[a-z]+$/.test(textOf(node, 'function_name')) &&
    cast?.class === 'CAST' &&
    byteOffsetOf(cast) === undefined &&
    trunc !== undefined &&
    textOf(trunc, 'function_name') === 'trunc' &&
    byteOffsetOf(trunc) === undefined
  );
}

function namedArgument(node: SyntaxNode): string {
  const alias = textOf(node, 'alias');
  return alias === '' ? printed(node) : `${printedName(alias)} := ${printed(node)}`;
}

const NULL_ORDERS: Readonly<Record<string, string>> = { 'NULLS FIRST': ' NULLS FIRST', 'NULLS LAST': ' NULLS LAST' };

function orderText(orders: readonly SyntaxNode[]): string {
  if (orders.length === 0) return '';
  const terms = orders.map((order) => {
    const direction = order.type === 'DESCENDING' ? ' DESC' : order.type === 'ASCENDING' ? ' ASC' : '';
    return `${printed(nodeOf(order, 'expression'))}${direction}${NULL_ORDERS[String(order.null_order)] ?? ''}`;
  });
  return `ORDER BY ${terms.join(', ')}`;
}

function windowText(node: SyntaxNode): string {
  const args = [
    ...nodesOf(node, 'children').map(printed),
    ...[nodeOf(node, 'offset_expr'), nodeOf(node, 'default_expr')].flatMap((extra) =>
      extra === undefined ? [] : [printed(extra)],
    ),
  ].join(', ');
  const inner = orderText(nodesOf(node, 'arg_orders'));
  const filter = nodeOf(node, 'filter_expr');
  const partitions = nodesOf(node, 'partitions').map(printed);
  const over = [
    partitions.length === 0 ? '' : `PARTITION BY ${partitions.join(', ')}`,
    orderText(nodesOf(node, 'orders')),
    frameText(node),
  ].filter((part) => part !== '');
  const schema = textOf(node, 'schema');
  return [
    schema === '' ? '' : `${printedName(schema)}.`,
    textOf(node, 'function_name'),
    `(${node.distinct === true ? 'DISTINCT ' : ''}${args}${inner === '' ? '' : ` ${inner}`}${node.ignore_nulls === true ? ' IGNORE NULLS' : ''})`,
    filter === undefined ? '' : ` FILTER (WHERE ${printed(filter)})`,
    ` OVER (${over.join(' ')})`,
  ].join('');
}

function frameText(node: SyntaxNode): string {
  const start = textOf(node, 'start');
  const end = textOf(node, 'end');
  const exclude = textOf(node, 'exclude_clause');
  const excluded = /^(CURRENT_ROW|GROUP|TIES)$/.test(exclude) ? ` EXCLUDE ${exclude.replace('_', ' ')}` : '';
  if (start === 'UNBOUNDED_PRECEDING' && end === 'CURRENT_ROW_RANGE' && excluded === '') return '';
  const unit = /_(ROWS|RANGE|GROUPS)$/.exec(start)?.[1] ?? /_(ROWS|RANGE|GROUPS)$/.exec(end)?.[1] ?? 'ROWS';
  const from = boundText(start, nodeOf(node, 'start_expr'));
  const to = boundText(end, nodeOf(node, 'end_expr'));
  return `${unit} BETWEEN ${from} AND ${to}${excluded}`;
}

function boundText(bound: string, expression: SyntaxNode | undefined): string {
  if (bound.startsWith('CURRENT_ROW')) return 'CURRENT ROW';
  if (bound === 'UNBOUNDED_PRECEDING') return 'UNBOUNDED PRECEDING';
  if (bound === 'UNBOUNDED_FOLLOWING') return 'UNBOUNDED FOLLOWING';
  return `${printed(expression)} ${bound.includes('PRECEDING') ? 'PRECEDING' : 'FOLLOWING'}`;
}

function lambdaText(node: SyntaxNode): string {
  const parameters = nodeOf(node, 'lhs');
  const body = printed(nodeOf(node, 'expr'));
  // `lambda x: …` keeps no place for its parameters, `x -> …` does.
  if (parameters !== undefined && byteOffsetOf(parameters) !== undefined) return `(${printed(parameters)} -> ${body})`;
  const names = parameters?.class === 'FUNCTION' ? nodesOf(parameters, 'children').map(printed) : [printed(parameters)];
  return `(lambda ${names.join(', ')}: ${body})`;
}

function subqueryText(node: SyntaxNode): string {
  const query = queryText(subqueryOf(node));
  switch (node.subquery_type) {
    case 'ANY':
      return `(${printed(nodeOf(node, 'child'))} ${comparison(node.comparison_type)} ANY(${query}))`;
    case 'EXISTS':
      return `EXISTS(${query})`;
    case 'NOT_EXISTS':
      return `NOT EXISTS(${query})`;
    case 'SCALAR':
      return `(${query})`;
    default:
      return UNPRINTABLE;
  }
}

/** Plain queries only: SELECT … FROM a table or nothing … WHERE … GROUP BY … ; the rest is left to DESCRIBE. */
function queryText(query: SyntaxNode | undefined): string {
  if (query?.type !== 'SELECT_NODE' || nodesOf(nodeOf(query, 'cte_map') ?? {}, 'map').length > 0) return UNPRINTABLE;
  const from = nodeOf(query, 'from_table');
  const where = nodeOf(query, 'where_clause');
  const modifiers = nodesOf(query, 'modifiers');
  const groups = nodesOf(query, 'group_expressions');
  if (
    query.aggregate_handling === 'FORCE_AGGREGATES' ||
    nodeOf(query, 'having') ||
    nodeOf(query, 'qualify') ||
    nodeOf(query, 'sample')
  )
    return UNPRINTABLE;
  if (groups.length > 0 && isList(query.group_sets) && query.group_sets.length > 1) return UNPRINTABLE;
  const distinct = modifiers.some(
    (modifier) => modifier.type === 'DISTINCT_MODIFIER' && nodesOf(modifier, 'distinct_on_targets').length === 0,
  );
  const items = nodesOf(query, 'select_list').map((item) => {
    const alias = textOf(item, 'alias');
    return alias === '' ? printed(item) : `${printed(item)} AS ${printedName(alias)}`;
  });
  return [
    `SELECT ${distinct ? 'DISTINCT ' : ''}${items.join(', ')}`,
    from === undefined || from.type === 'EMPTY' ? '' : ` FROM ${tableText(from)}`,
    where === undefined ? '' : ` WHERE ${printed(where)}`,
    groups.length === 0 ? '' : ` GROUP BY ${groups.map(printed).join(', ')}`,
    ...modifiers.map(modifierText),
  ].join('');
}

function modifierText(modifier: SyntaxNode): string {
  if (modifier.type === 'ORDER_MODIFIER') return ` ${orderText(nodesOf(modifier, 'orders'))}`;
  if (modifier.type === 'LIMIT_MODIFIER') {
    const limit = nodeOf(modifier, 'limit');
    const offset = nodeOf(modifier, 'offset');
    return `${limit === undefined ? '' : ` LIMIT ${printed(limit)}`}${offset === undefined ? '' : ` OFFSET ${printed(offset)}`}`;
  }
  if (modifier.type === 'DISTINCT_MODIFIER' && nodesOf(modifier, 'distinct_on_targets').length === 0) return '';
  return UNPRINTABLE;
}

function tableText(table: SyntaxNode): string {
  if (table.type !== 'BASE_TABLE' || nodeOf(table, 'sample') !== undefined) return UNPRINTABLE;
  const name = ['catalog_name', 'schema_name', 'table_name'].flatMap((key) => {
    const part = textOf(table, key);
    return part === '' ? [] : [printedName(part)];
  });
  const alias = textOf(table, 'alias');
  if (textsOf(table, 'column_name_alias').length > 0) return UNPRINTABLE;
  return alias === '' ? name.join('.') : `${name.join('.')} AS ${printedName(alias)}`;
}

function starText(node: SyntaxNode): string {
  const relation = textOf(node, 'relation_name');
  const plain =
    nodesOf(node, 'replace_list').length === 0 &&
    textsOf(node, 'exclude_list').length === 0 &&
    nodesOf(node, 'rename_list').length === 0 &&
    nodesOf(node, 'qualified_exclude_list').length === 0 &&
    nodeOf(node, 'expr') === undefined;
  if (!plain) return UNPRINTABLE;
  const star = relation === '' ? '*' : `${printedName(relation)}.*`;
  return node.columns === true ? `COLUMNS(${star})` : star;
}

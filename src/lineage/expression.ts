/** Which columns an expression takes its value from, and which only influence it. */
import { type Analysis, mention, notResolved, senseOf } from './analysis.ts';
import { relationKey } from './literal-tables.ts';
import {
  addAsUses,
  addMeaning,
  type Gathering,
  gathering,
  type IndirectKind,
  type Meaning,
  rowsetText,
  type Step,
  stronger,
} from './meaning.ts';
import { isAggregate } from './names.ts';
import { resolve, rowMeaning, type Scope, starColumns } from './scope.ts';
import {
  childNodes,
  isSyntaxNode,
  nodeOf,
  nodesOf,
  type SyntaxNode,
  subqueryOf,
  textOf,
  textsOf,
} from './syntax-tree.ts';

/** The meaning of a whole expression. A bare column keeps its step, so a copy stays a copy. */
export function meaningOf(node: SyntaxNode, scope: Scope, analysis: Analysis): Meaning {
  const into = gathering();
  gather(node, scope, analysis, into, 'same');
  return { ...into, text: senseOf(node, analysis) };
}

/** Adds what an expression uses, all of it as influence of one kind, to a query's (or column's) indirect uses. */
export function gatherUses(
  node: SyntaxNode,
  scope: Scope,
  analysis: Analysis,
  into: Gathering['indirect'],
  use: IndirectKind,
): void {
  const inner = gathering();
  gather(node, scope, analysis, inner, 'same');
  addAsUses(into, inner, use);
}

function gather(node: SyntaxNode, scope: Scope, analysis: Analysis, into: Gathering, step: Step): void {
  const uses = (inner: SyntaxNode | undefined, use: IndirectKind) => {
    if (inner !== undefined) gatherUses(inner, scope, analysis, into.indirect, use);
  };
  switch (node.class) {
    case 'COLUMN_REF':
      gatherColumn(node, scope, analysis, into, step);
      return;
    case 'POSITIONAL_REFERENCE': {
      const shown = starColumns(scope.bindings)[Number(node.index) - 1]?.column;
      if (shown === undefined) {
        notResolved(analysis, `#${String(node.index)} is not among the known columns`, node);
        return;
      }
      mention(analysis, shown.meaning);
      analysis.standIns.set(node, shown.meaning.text);
      addMeaning(into, shown.meaning, step);
      return;
    }
    case 'STAR':
      gatherStar(node, scope, analysis, into);
      return;
    case 'SUBQUERY':
      gatherSubquery(node, scope, analysis, into, step);
      return;
    case 'LAMBDA': {
      const inner = { ...scope, parameters: new Set([...scope.parameters, ...lambdaParameters(node)]) };
      const body = nodeOf(node, 'expr');
      if (body !== undefined) gather(body, inner, analysis, into, stronger(step, 'derived'));
      return;
    }
    case 'FUNCTION': {
      const own = isAggregate(textOf(node, 'function_name').toLowerCase()) ? 'aggregated' : 'derived';
      for (const child of nodesOf(node, 'children')) gather(child, scope, analysis, into, stronger(step, own));
      uses(nodeOf(node, 'filter'), 'filter');
      for (const order of nodesOf(nodeOf(node, 'order_bys') ?? {}, 'orders'))
        uses(nodeOf(order, 'expression'), 'order');
      return;
    }
    case 'WINDOW': {
      const own = node.type === 'WINDOW_AGGREGATE' ? 'aggregated' : 'derived';
      const values = [...nodesOf(node, 'children'), nodeOf(node, 'default_expr'), nodeOf(node, 'offset_expr')];
      for (const value of values) if (value !== undefined) gather(value, scope, analysis, into, stronger(step, own));
      for (const partition of nodesOf(node, 'partitions')) uses(partition, 'window');
      for (const order of [...nodesOf(node, 'orders'), ...nodesOf(node, 'arg_orders')])
        uses(nodeOf(order, 'expression'), 'window');
      uses(nodeOf(node, 'start_expr'), 'window');
      uses(nodeOf(node, 'end_expr'), 'window');
      uses(nodeOf(node, 'filter_expr'), 'filter');
      return;
    }
    case 'OPERATOR':
      if (node.type === 'GROUPING_FUNCTION') {
        for (const child of nodesOf(node, 'children')) uses(child, 'group');
        return;
      }
      break;
    case 'CONSTANT':
    case 'PARAMETER':
      return;
    default:
  }
  // Operators, casts, CASE, comparisons and whatever a later DuckDB adds: the value comes from every part.
  for (const child of childNodes(node)) gather(child, scope, analysis, into, stronger(step, 'derived'));
}

function gatherColumn(node: SyntaxNode, scope: Scope, analysis: Analysis, into: Gathering, step: Step): void {
  const pinned = analysis.pinned.get(node);
  if (pinned !== undefined) {
    analysis.standIns.set(node, pinned.meaning.text);
    addMeaning(into, pinned.meaning, step);
    return;
  }
  const path = textsOf(node, 'column_names');
  const found = resolve(path, scope);
  switch (found.kind) {
    case 'column': {
      mention(analysis, found.column.meaning);
      const fields = found.fields.map((field) => `.${field.toLowerCase()}`).join('');
      analysis.standIns.set(node, found.column.meaning.text + fields);
      addMeaning(into, found.column.meaning, fields === '' ? step : stronger(step, 'derived'));
      return;
    }
    case 'row': {
      const row = rowMeaning(found.binding);
      mention(analysis, row);
      if (found.binding.open !== undefined)
        notResolved(analysis, `the columns of ${found.binding.alias} are not known, so its whole row is not`, node);
      if (found.binding.relation !== undefined)
        analysis.starred.set(relationKey(found.binding.relation), found.binding.relation);
      const fields = found.fields.map((field) => `.${field.toLowerCase()}`).join('');
      analysis.standIns.set(node, row.text + fields);
      addMeaning(into, row, stronger(step, 'derived'));
      return;
    }
    case 'ambiguous':
      notResolved(
        analysis,
        `column ${path.join('.')} may belong to ${found.tables.join(' or ')}, whose columns are not all known`,
        node,
      );
      return;
    case 'unknown':
      if (path.length === 1 && BARE_FUNCTIONS.test(path[0] ?? '')) return;
      notResolved(analysis, `column ${path.join('.')} was not found`, node);
      return;
    case 'parameter':
      return;
    default:
      found satisfies never;
  }
}

/** Words that DuckDB lets stand without parentheses though they are functions. */
const BARE_FUNCTIONS =
  /^(current_(date|time|timestamp|user|role|catalog|schema|database)|local(time|timestamp)|session_user|user)$/i;

function gatherStar(node: SyntaxNode, scope: Scope, analysis: Analysis, into: Gathering): void {
  const relation = textOf(node, 'relation_name');
  const excluded = new Set(textsOf(node, 'exclude_list').map((name) => name.toLowerCase()));
  const texts: string[] = [];
  for (const { table, column } of starColumns(scope.bindings, relation === '' ? undefined : relation)) {
    if (table.relation !== undefined) analysis.starred.set(relationKey(table.relation), table.relation);
    if (column === undefined) notResolved(analysis, `the columns of ${table.alias} are not known, so * is not`, node);
    else if (!excluded.has(column.name.toLowerCase())) {
      addMeaning(into, column.meaning, 'derived');
      texts.push(column.meaning.text);
    }
  }
  analysis.standIns.set(node, `*(${texts.join(' ')})`);
}

function gatherSubquery(node: SyntaxNode, scope: Scope, analysis: Analysis, into: Gathering, step: Step): void {
  const query = subqueryOf(node);
  if (query === undefined) {
    notResolved(analysis, 'a subquery without a query', node);
    return;
  }
  const relation = analysis.query(query, scope.ctes, scope);
  for (const [key, use] of relation.rowset.uses) into.indirect.set(key, use);
  const tested = nodeOf(node, 'child');
  const exists = String(node.subquery_type).includes('EXISTS');
  if (tested !== undefined) gather(tested, scope, analysis, into, stronger(step, 'derived'));
  if (!exists) {
    const own: Step = tested === undefined ? 'same' : 'derived';
    for (const column of relation.columns) addMeaning(into, column.meaning, stronger(step, own));
    if (relation.open !== undefined) notResolved(analysis, `the columns of ${relation.open.of} are not known`, node);
  }
  const columns = exists ? '' : relation.columns.map((column) => column.meaning.text).join(' ');
  analysis.standIns.set(
    node,
    `subquery(${String(node.subquery_type)} ${String(node.comparison_type)} ${tested === undefined ? '' : senseOf(tested, analysis)} ${columns} ${rowsetText(relation.rowset)})`,
  );
}

/** The names a lambda gives its arguments, lower case. */
export function lambdaParameters(lambda: SyntaxNode): readonly string[] {
  const left = nodeOf(lambda, 'lhs');
  if (left === undefined) return [];
  const names = left.class === 'COLUMN_REF' ? [left] : nodesOf(left, 'children');
  return names.flatMap((name) => textsOf(name, 'column_names')).map((name) => name.toLowerCase());
}

/** Does an expression fold rows, outside of windows and subqueries? */
export function hasAggregate(node: SyntaxNode): boolean {
  if (node.class === 'SUBQUERY' || node.class === 'LAMBDA') return false;
  if (node.class === 'FUNCTION' && isAggregate(textOf(node, 'function_name').toLowerCase())) return true;
  for (const child of childNodes(node)) if (isSyntaxNode(child) && hasAggregate(child)) return true;
  return false;
}

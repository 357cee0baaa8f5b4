/** A query: SELECT, set operations, recursive CTEs. What each output column means, and what decides the rows. */
import { type Analysis, eitherMeaning, notResolved, senseOf } from './analysis.ts';
import { gatherUses, hasAggregate, meaningOf } from './expression.ts';
import { bindingsOf } from './from-clause.ts';
import { addAsUses, addRowset, type GrowingRowset, growingRowset, type IndirectKind, type Rowset } from './meaning.ts';
import { eitherOrigins, padded } from './origins.ts';
import { type BoundColumn, type Ctes, NO_BINDINGS, type Open, type Relation, type Scope, scopeOf } from './scope.ts';
import { type Item, selectItems } from './select-list.ts';
import {
  childNodes,
  ctesOf,
  isList,
  nodeOf,
  nodesOf,
  type SyntaxNode,
  textOf,
  textsOf,
  type WrittenCte,
} from './syntax-tree.ts';

export function analyseRelation(
  query: SyntaxNode,
  around: Ctes,
  outer: Scope | undefined,
  analysis: Analysis,
): Relation {
  const ctes = withCtes(query, around, outer, analysis);
  switch (query.type) {
    case 'SELECT_NODE':
      return selected(query, ctes, outer, analysis);
    case 'SET_OPERATION_NODE':
      return combined(query, ctes, outer, analysis);
    case 'RECURSIVE_CTE_NODE':
      return recursive(query, ctes, outer, analysis);
    case 'CTE_NODE': {
      const name = textOf(query, 'cte_name').toLowerCase();
      const inner = nodeOf(query, 'query');
      const child = nodeOf(query, 'child');
      if (inner === undefined || child === undefined) return unknownQuery(query, analysis);
      const given = once(() => renamed(analyseRelation(inner, ctes, outer, analysis), textsOf(query, 'aliases')));
      return analyseRelation(child, new Map([...ctes, [name, given]]), outer, analysis);
    }
    default:
      return unknownQuery(query, analysis);
  }
}

function unknownQuery(query: SyntaxNode, analysis: Analysis): Relation {
  notResolved(analysis, `a query of kind ${String(query.type)} cannot be analysed`, query);
  return { columns: [], open: { at: 0, of: 'a query', column: () => undefined }, rowset: growingRowset() };
}

/** The CTEs in sight. Each sees those written before it, and is analysed when it is first read. */
function withCtes(query: SyntaxNode, around: Ctes, outer: Scope | undefined, analysis: Analysis): Ctes {
  const written = ctesOf(query);
  if (written.length === 0) return around;
  let visible = around;
  for (const cte of written) {
    const before = visible;
    const given = once(() => cteRelation(cte, before, outer, analysis));
    visible = new Map([...visible, [cte.name.toLowerCase(), given]]);
  }
  return visible;
}

function cteRelation(cte: WrittenCte, before: Ctes, outer: Scope | undefined, analysis: Analysis): Relation {
  return renamed(analyseRelation(cte.query, before, outer, analysis), cte.aliases);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function renamed(relation: Relation, names: readonly string[]): Relation {
  if (names.length === 0) return relation;
  return {
    ...relation,
    columns: relation.columns.map((column, position) => ({ ...column, name: names[position] ?? column.name })),
  };
}

function selected(query: SyntaxNode, ctes: Ctes, outer: Scope | undefined, analysis: Analysis): Relation {
  const rowset = growingRowset();
  const bindings = bindingsOf(nodeOf(query, 'from_table'), { ctes, outer, analysis, rowset, readings: new Map() });
  const aliases = new Map<string, BoundColumn>();
  const scope: Scope = { ...scopeOf(bindings, ctes, outer), aliases };
  const items = selectItems(nodesOf(query, 'select_list'), scope, analysis, (column, written) => {
    const key = column.name.toLowerCase();
    if (textOf(written, 'alias') !== '' && !aliases.has(key)) aliases.set(key, column);
  });
  const relation = relationOf(items, analysis);
  for (const item of items)
    if (item.kind === 'column' && item.node !== undefined)
      for (const list of unnestedLists(item.node)) {
        gatherUses(list, scope, analysis, rowset.uses, 'join');
        rowset.parts.joins.push(`unnest ${senseOf(list, analysis)}`);
      }

  const filter = (key: string, at: Scope) => {
    const condition = nodeOf(query, key);
    if (condition === undefined) return;
    gatherUses(condition, at, analysis, rowset.uses, 'filter');
    rowset.parts.filters.push(`${key} ${senseOf(condition, analysis)}`);
  };
  filter('where_clause', scope);
  grouped(query, items, scope, analysis, rowset);
  filter('having', { ...scope, aliasesFirst: true });
  filter('qualify', scope);
  const sample = nodeOf(query, 'sample');
  if (sample !== undefined) rowset.parts.filters.push(`sample ${senseOf(sample, analysis)}`);
  modified(query, relation.columns, relation.open, { ...scope, aliasesFirst: true }, analysis, rowset);
  const list = nodesOf(query, 'select_list');
  const singular = list.some(repeatsRows) ? [] : bindings.singular;
  // Each grouping set but the widest leaves columns NULL.
  const isPadded = isList(query.group_sets) && query.group_sets.length > 1;
  const columns = isPadded ? relation.columns.map(padded) : relation.columns;
  return { ...relation, columns, singular: isPadded ? [] : singular, rowset };
}

/** A row becomes as many as a list has elements. */
const repeatsRows = (node: SyntaxNode): boolean =>
  (node.class === 'FUNCTION' && /^(unnest|generate_subscripts)$/.test(textOf(node, 'function_name'))) ||
  [...childNodes(node)].some(repeatsRows);

/** The arguments of `unnest` in a select item: as many rows as they have elements. */
function unnestedLists(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.class === 'SUBQUERY' || node.class === 'LAMBDA') return [];
  if (node.class === 'FUNCTION' && textOf(node, 'function_name') === 'unnest') return nodesOf(node, 'children');
  return [...childNodes(node)].flatMap(unnestedLists);
}

function relationOf(items: readonly Item[], analysis: Analysis): Pick<Relation, 'columns' | 'open'> {
  const columns = items.flatMap((item) => (item.kind === 'column' ? [item.column] : []));
  const opens = items.flatMap((item, at) => (item.kind === 'open' ? [{ ...item, at }] : []));
  const [first, ...others] = opens;
  if (first === undefined) return { columns };
  if (others.length === 0) return { columns, open: first };
  const of = opens.map((open) => open.of).join(' and ');
  return {
    columns,
    open: {
      at: first.at,
      of,
      column: (name) => {
        const found = opens.flatMap((open) => open.column(name) ?? []);
        if (found.length > 1) notResolved(analysis, `column ${name} may belong to ${of}, whose columns are not known`);
        return found.length === 1 ? found[0] : undefined;
      },
    },
  };
}

function grouped(
  query: SyntaxNode,
  items: readonly Item[],
  scope: Scope,
  analysis: Analysis,
  rowset: GrowingRowset,
): void {
  const texts: string[] = [];
  if (query.aggregate_handling === 'FORCE_AGGREGATES') {
    for (const item of items) {
      if (item.kind === 'open')
        notResolved(analysis, `GROUP BY ALL over columns of ${item.of} that are not known`, query);
      else if (item.node === undefined || !hasAggregate(item.node)) {
        addAsUses(rowset.uses, item.column.meaning, 'group');
        texts.push(item.column.meaning.text);
      }
    }
    rowset.parts.grouping.push(`group by ${texts.join(' ')}`);
    return;
  }
  const groups = nodesOf(query, 'group_expressions');
  for (const group of groups) {
    const item = itemAt(
      group,
      items.flatMap((one) => (one.kind === 'column' ? [one.column] : [])),
    );
    const meaning = item?.meaning ?? meaningOf(group, scope, analysis);
    addAsUses(rowset.uses, meaning, 'group');
    texts.push(meaning.text);
  }
  const sets = query.group_sets;
  const aggregates = nodesOf(query, 'select_list').some(hasAggregate);
  if (groups.length > 0 || (isList(sets) && sets.length > 0))
    rowset.parts.grouping.push(`group by ${texts.join(' ')} ${JSON.stringify(sets)}`);
  else if (aggregates || nodeOf(query, 'having') !== undefined) rowset.parts.grouping.push('one row');
}

/** `group by 1`, `order by 2`: a whole number means a select item. */
function itemAt(node: SyntaxNode, columns: readonly BoundColumn[]): BoundColumn | undefined {
  if (node.class !== 'CONSTANT') return undefined;
  const value = nodeOf(node, 'value')?.value;
  return typeof value === 'number' ? columns[value - 1] : undefined;
}

/** DISTINCT, ORDER BY, LIMIT. */
function modified(
  query: SyntaxNode,
  columns: readonly BoundColumn[],
  open: Open | undefined,
  scope: Scope,
  analysis: Analysis,
  rowset: GrowingRowset,
): void {
  for (const modifier of nodesOf(query, 'modifiers')) {
    switch (modifier.type) {
      case 'DISTINCT_MODIFIER': {
        const targets = nodesOf(modifier, 'distinct_on_targets');
        if (targets.length === 0) allColumns(columns, open, query, 'distinct', analysis, rowset);
        for (const target of targets) useOf(target, columns, scope, analysis, rowset, 'distinct');
        const texts =
          targets.length === 0
            ? columns.map((column) => column.meaning.text)
            : targets.map((target) => itemSense(target, columns, analysis));
        // DISTINCT ON keeps the first row of each.
        if (targets.length > 0) analysis.limited.add(modifier);
        rowset.parts.grouping.push(`distinct ${targets.length} ${texts.join(' ')}`);
        break;
      }
      case 'ORDER_MODIFIER':
        for (const order of nodesOf(modifier, 'orders')) {
          const expression = nodeOf(order, 'expression');
          if (expression === undefined) continue;
          const direction = `${String(order.type)} ${String(order.null_order)}`;
          if (expression.class === 'STAR') {
            allColumns(columns, open, query, 'order', analysis, rowset);
            rowset.parts.order.push(`all ${direction} ${columns.map((column) => column.meaning.text).join(' ')}`);
            continue;
          }
          useOf(expression, columns, scope, analysis, rowset, 'order');
          rowset.parts.order.push(`${itemSense(expression, columns, analysis)} ${direction}`);
        }
        break;
      case 'LIMIT_MODIFIER':
      case 'LIMIT_PERCENT_MODIFIER':
        analysis.limited.add(modifier);
        for (const key of ['limit', 'offset']) {
          const expression = nodeOf(modifier, key);
          if (expression === undefined) continue;
          gatherUses(expression, scope, analysis, rowset.uses, 'filter');
          rowset.parts.order.push(`${String(modifier.type)} ${key} ${senseOf(expression, analysis)}`);
        }
        break;
      default:
        notResolved(analysis, `a clause of kind ${String(modifier.type)} cannot be analysed`, modifier);
    }
  }
}

function useOf(
  node: SyntaxNode,
  columns: readonly BoundColumn[],
  scope: Scope,
  analysis: Analysis,
  rowset: GrowingRowset,
  use: IndirectKind,
): void {
  const item = itemAt(node, columns);
  if (item !== undefined) addAsUses(rowset.uses, item.meaning, use);
  else gatherUses(node, scope, analysis, rowset.uses, use);
}

const itemSense = (node: SyntaxNode, columns: readonly BoundColumn[], analysis: Analysis): string =>
  itemAt(node, columns)?.meaning.text ?? senseOf(node, analysis);

function allColumns(
  columns: readonly BoundColumn[],
  open: Open | undefined,
  query: SyntaxNode,
  use: IndirectKind,
  analysis: Analysis,
  rowset: GrowingRowset,
): void {
  for (const column of columns) addAsUses(rowset.uses, column.meaning, use);
  if (open !== undefined) notResolved(analysis, `it compares all columns of ${open.of}, which are not known`, query);
}

/** UNION, EXCEPT, INTERSECT, by position or BY NAME. Newer trees keep a list, older ones a pair. */
function combined(query: SyntaxNode, ctes: Ctes, outer: Scope | undefined, analysis: Analysis): Relation {
  const listed = nodesOf(query, 'children');
  const parts =
    listed.length > 0
      ? listed
      : [nodeOf(query, 'left'), nodeOf(query, 'right')].flatMap((part) => (part === undefined ? [] : [part]));
  const relations = parts.map((part) => analyseRelation(part, ctes, outer, analysis));
  const [first, ...others] = relations;
  if (first === undefined) return unknownQuery(query, analysis);
  const operation = textOf(query, 'setop_type');
  const rowset = growingRowset();
  for (const relation of relations) addRowset(rowset, relation.rowset);
  const isUnion = operation.startsWith('UNION');
  const columns =
    operation === 'UNION_BY_NAME' ? byName(relations) : isUnion ? byPosition(relations) : keptByPosition(relations);
  const open = openOf(relations, operation, query, analysis);
  if (!isUnion)
    for (const other of others) for (const column of other.columns) addAsUses(rowset.uses, column.meaning, 'filter');
  const isDistinct = query.setop_all !== true;
  if (isDistinct || !isUnion) for (const column of columns) addAsUses(rowset.uses, column.meaning, 'distinct');
  const senses = relations.map((relation) => relation.columns.map((column) => column.meaning.text).join(' '));
  rowset.parts.grouping.push(`${operation} ${isDistinct} ${isUnion && !isDistinct ? '' : senses.join('|')}`);
  const aliases = new Map([...columns].reverse().map((column) => [column.name.toLowerCase(), column]));
  const scope: Scope = { ...scopeOf(NO_BINDINGS, ctes, outer), aliases, aliasesFirst: true };
  modified(query, columns, open, scope, analysis, rowset);
  const singular = isUnion ? [] : first.singular;
  return open === undefined ? { columns, singular, rowset } : { columns, open, rowset };
}

const byPosition = (relations: readonly Relation[]): readonly BoundColumn[] =>
  (relations[0]?.columns ?? []).map((column, position) => {
    const all = relations.flatMap((relation) => relation.columns[position] ?? []);
    return {
      name: column.name,
      meaning: eitherMeaning(all.map(({ meaning }) => meaning)),
      type: column.type,
      origins: eitherOrigins(all),
    };
  });

function byName(relations: readonly Relation[]): readonly BoundColumn[] {
  const found = new Map<string, { readonly name: string; readonly columns: BoundColumn[] }>();
  for (const relation of relations)
    for (const column of relation.columns) {
      const key = column.name.toLowerCase();
      const known = found.get(key) ?? { name: column.name, columns: [] };
      known.columns.push(column);
      found.set(key, known);
    }
  return [...found.values()].map(({ name, columns }) => ({
    name,
    meaning: eitherMeaning(columns.map((column) => column.meaning)),
    // NULL stands where a relation has no column of the name.
    origins: eitherOrigins(columns.length < relations.length ? columns.map(padded) : columns),
  }));
}

/** EXCEPT and INTERSECT keep rows of the first; where types differ its values are converted. */
const keptByPosition = (relations: readonly Relation[]): readonly BoundColumn[] =>
  (relations[0]?.columns ?? []).map((column, position) => {
    const all = relations.flatMap((relation) => relation.columns[position] ?? []);
    return eitherOrigins(all.map((each) => ({ ...each, origins: [] }))) === undefined
      ? { ...column, origins: undefined }
      : column;
  });

/** A union of relations whose columns are not known can still be asked by name, if all sides keep names in step. */
function openOf(
  relations: readonly Relation[],
  operation: string,
  query: SyntaxNode,
  analysis: Analysis,
): Open | undefined {
  const opens = relations.flatMap((relation) => relation.open ?? []);
  const [first] = opens;
  if (first === undefined) return undefined;
  if (opens.length < relations.length || operation !== 'UNION_BY_NAME')
    notResolved(
      analysis,
      `a set operation over ${opens.map((open) => open.of).join(' and ')}, whose columns are not known`,
      query,
    );
  return {
    ...first,
    column: (name) => {
      const found = opens.flatMap((open) => open.column(name) ?? []);
      return found.length === 0 ? undefined : { name, meaning: eitherMeaning(found.map((column) => column.meaning)) };
    },
  };
}

/** The recursive part reads what the query has given so far; edges only grow, so repeating until nothing is new ends. */
function recursive(query: SyntaxNode, ctes: Ctes, outer: Scope | undefined, analysis: Analysis): Relation {
  const start = nodeOf(query, 'left');
  const step = nodeOf(query, 'right');
  const name = textOf(query, 'cte_name').toLowerCase();
  if (start === undefined || step === undefined) return unknownQuery(query, analysis);
  const names = textsOf(query, 'aliases');
  const first = renamed(analyseRelation(start, ctes, outer, analysis), names);
  const itself = (column: BoundColumn, position: number): BoundColumn => ({
    ...column,
    meaning: { ...column.meaning, text: `itself.${position}` },
  });
  let columns = first.columns;
  let rowset: Rowset = first.rowset;
  for (;;) {
    const soFar: Relation = {
      columns: columns.map(itself),
      open: first.open,
      rowset: { uses: rowset.uses, parts: growingRowset().parts },
    };
    const next = analyseRelation(step, new Map([...ctes, [name, () => soFar]]), outer, analysis);
    const grown = byPosition([{ ...first, columns }, next]);
    const both = growingRowset();
    addRowset(both, first.rowset);
    addRowset(both, next.rowset);
    for (const [key, use] of rowset.uses) both.uses.set(key, use);
    const size = edges(columns, rowset);
    // The texts of the first and the repeated part, not of every round.
    columns = grown.map((column, position) => ({
      ...column,
      origins: undefined,
      meaning: {
        ...column.meaning,
        text: eitherMeaning([
          first.columns[position]?.meaning ?? column.meaning,
          next.columns[position]?.meaning ?? column.meaning,
        ]).text,
      },
    }));
    rowset = both;
    if (edges(columns, rowset) === size) break;
  }
  const decided = growingRowset();
  addRowset(decided, rowset);
  const keys = nodesOf(query, 'key_targets');
  if (query.union_all !== true || keys.length > 0)
    for (const column of columns) addAsUses(decided.uses, column.meaning, 'distinct');
  decided.parts.grouping.push(
    `recursive ${String(query.union_all)} ${keys.map((key) => textsOf(key, 'column_names').join('.').toLowerCase()).join(' ')} ${columns.map((column) => column.meaning.text).join(' ')}`,
  );
  return first.open === undefined ? { columns, rowset: decided } : { columns, open: first.open, rowset: decided };
}

/** How many edges there are, a stronger step counting more. */
function edges(columns: readonly BoundColumn[], rowset: Rowset): number {
  let count = rowset.uses.size;
  for (const { meaning } of columns) {
    count += meaning.indirect.size;
    for (const value of meaning.values.values()) count += value.step === 'same' ? 1 : value.step === 'derived' ? 2 : 3;
  }
  return count;
}

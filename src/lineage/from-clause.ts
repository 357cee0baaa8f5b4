/** A FROM clause: the tables in sight, and how joining them decides which rows there are. */
import { type Analysis, baseColumn, eitherMeaning, notResolved, senseOf } from './analysis.ts';
import { gatherUses, meaningOf } from './expression.ts';
import { expressionText } from './expression-text.ts';
import { relationKey, tableNameOf } from './literal-tables.ts';
import {
  addAsUses,
  addRowset,
  addValue,
  digest,
  type GrowingRowset,
  gathering,
  type Meaning,
  NOTHING,
} from './meaning.ts';
import { type Equal, originsWithin, paddedSide, singularOfJoin, singularWithin } from './origins.ts';
import { pivotBinding } from './pivot.ts';
import {
  type Binding,
  type Bindings,
  type BoundColumn,
  type Ctes,
  distinctNames,
  type Merged,
  NO_BINDINGS,
  type Relation,
  resolve,
  type Scope,
  scopeOf,
} from './scope.ts';
import { nodeOf, nodesOf, type SyntaxNode, subqueryOf, textOf, textsOf } from './syntax-tree.ts';

/** What a FROM clause is read with. */
export interface FromPlace {
  readonly ctes: Ctes;
  readonly outer: Scope | undefined;
  readonly analysis: Analysis;
  readonly rowset: GrowingRowset;
  /** How often each relation was read so far: `orders a join orders b` are two different readings. */
  readonly readings: Map<string, number>;
}

export function bindingsOf(table: SyntaxNode | undefined, place: FromPlace): Bindings {
  if (table === undefined || table.type === 'EMPTY') return NO_BINDINGS;
  const sample = nodeOf(table, 'sample');
  if (sample !== undefined) place.rowset.parts.tables.push(`sample ${senseOf(sample, place.analysis)}`);
  if (table.type === 'JOIN') return joined(table, place);
  const binding = bindingOf(table, place);
  return { tables: [binding], merged: [], singular: binding.singular };
}

function bindingOf(table: SyntaxNode, place: FromPlace): Binding {
  switch (table.type) {
    case 'BASE_TABLE':
      return baseTable(table, place);
    case 'SUBQUERY':
      return subquery(table, place);
    case 'TABLE_FUNCTION':
      return tableFunction(table, place);
    case 'EXPRESSION_LIST':
      return valuesList(table, place);
    case 'PIVOT': {
      const source = bindingsOf(nodeOf(table, 'source'), place);
      return withColumnNames(pivotBinding(table, source, place), table);
    }
    case 'SHOW_REF':
      return described(table, place);
    default: {
      notResolved(place.analysis, `a table of kind ${String(table.type)} cannot be analysed`, table);
      return { alias: textOf(table, 'alias'), columns: [], open: () => undefined };
    }
  }
}

/** `as t(a, b)`: the first columns get new names. */
function withColumnNames(binding: Binding, table: SyntaxNode): Binding {
  const names = textsOf(table, 'column_name_alias');
  if (names.length === 0) return binding;
  const columns = binding.columns.map((column, position) => ({ ...column, name: names[position] ?? column.name }));
  if (binding.open === undefined) return { ...binding, columns };
  const extra = names.slice(binding.columns.length);
  const inner = binding.open;
  // Which unknown column got which name cannot be told.
  return {
    ...binding,
    columns,
    open: (name) => (extra.some((one) => one.toLowerCase() === name.toLowerCase()) ? undefined : inner(name)),
  };
}

function reading(key: string, place: FromPlace): string {
  const count = (place.readings.get(key) ?? 0) + 1;
  place.readings.set(key, count);
  return count === 1 ? key : `${key}#${count}`;
}

function baseTable(table: SyntaxNode, place: FromPlace): Binding {
  const relation = tableNameOf(table);
  const alias = textOf(table, 'alias') || aliasOfName(relation.name, relation.schema);
  const isCteName = relation.schema === undefined || relation.schema.toLowerCase() === 'recurring';
  const cte = isCteName ? place.ctes.get(relation.name.toLowerCase()) : undefined;
  if (cte !== undefined) {
    const given = cte();
    const instance = reading(`cte ${relation.name.toLowerCase()}`, place);
    // A CTE numbers the names that meet before `as t(a, b)` names anew and again after, a subquery only after.
    const names = distinctNames(given.columns.map((column) => column.name));
    const numbered = given.columns.map((column, position) => ({ ...column, name: names[position] ?? column.name }));
    const newNames = textsOf(table, 'column_name_alias');
    return relationBinding(alias, { ...given, columns: numbered }, instance, place, newNames);
  }
  const key = relationKey(relation);
  const instance = reading(key, place);
  place.rowset.parts.tables.push(key);
  place.analysis.read.set(key, relation);
  const at = nodeOf(table, 'at_clause');
  if (at !== undefined) place.rowset.parts.tables.push(senseOf(at, place.analysis));
  const known = place.analysis.catalog.columnsOf(relation);
  if (known !== undefined) {
    const columns = known.map(({ name, type }) => baseColumn(relation, name, instance, type));
    const singular = [{ relation, reading: instance, given: [] }];
    return withColumnNames({ alias, relation, columns, singular }, table);
  }
  return withColumnNames({ alias, relation, columns: [], open: (name) => baseColumn(relation, name, instance) }, table);
}

/** A file is known by its name without folder and ending. */
const aliasOfName = (name: string, schema: string | undefined): string =>
  schema === undefined && /[./\\]/.test(name) ? (name.split(/[/\\]/).at(-1) ?? name).replace(/\.[^.]*$/, '') : name;

/** A query's result as a table: under its own names or those of `as t(a, b)`; names that then meet get numbers. */
function relationBinding(
  alias: string,
  given: Relation,
  instance: string,
  place: FromPlace,
  newNames: readonly string[],
): Binding {
  addRowset(place.rowset, given.rowset);
  const again = /#\d+$/.exec(instance)?.[0] ?? '';
  const own = (column: BoundColumn): BoundColumn => ({
    ...column,
    ...(again === '' ? {} : { meaning: { ...column.meaning, text: column.meaning.text + again } }),
    origins: originsWithin(column.origins, instance),
  });
  const names = distinctNames(given.columns.map((column, position) => newNames[position] ?? column.name));
  const columns = given.columns.map((column, position) => own({ ...column, name: names[position] ?? column.name }));
  const open = given.open;
  return {
    alias,
    columns,
    singular: singularWithin(given.singular, instance),
    open:
      open &&
      ((name) => {
        const found = open.column(name);
        return found && own(found);
      }),
  };
}

function subquery(table: SyntaxNode, place: FromPlace): Binding {
  const query = subqueryOf(table);
  const alias = textOf(table, 'alias');
  if (query === undefined) return { alias, columns: [] };
  const given = place.analysis.query(query, place.ctes, place.outer);
  return relationBinding(alias, given, reading('subquery', place), place, textsOf(table, 'column_name_alias'));
}

const JSON_COLUMNS = ['key', 'value', 'type', 'atom', 'id', 'parent', 'fullkey', 'path'];
/** Table functions whose columns do not depend on their arguments. */
const FUNCTION_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map([
  ['range', ['range']],
  ['generate_series', ['generate_series']],
  ['unnest', ['unnest']],
  ['json_each', JSON_COLUMNS],
  ['json_tree', JSON_COLUMNS],
]);

function tableFunction(table: SyntaxNode, place: FromPlace): Binding {
  const { analysis } = place;
  const call = nodeOf(table, 'function') ?? {};
  const name = textOf(call, 'function_name').toLowerCase();
  const alias = textOf(table, 'alias') || name;
  const scope = place.outer ?? scopeOf(NO_BINDINGS, place.ctes);
  const into = gathering();
  const texts: string[] = [];
  for (const argument of nodesOf(call, 'children')) {
    const named = namedOption(argument);
    const node = named?.value ?? argument;
    const relation = node.class === 'SUBQUERY' ? tableArgument(node, place) : undefined;
    const meaning = relation ?? meaningOf(node, scope, analysis);
    addAsUses(place.rowset.uses, meaning, 'join');
    for (const value of meaning.values.values()) addValue(into, { ...value, step: 'derived' });
    for (const [key, use] of meaning.indirect) into.indirect.set(key, use);
    texts.push(`${named?.name ?? ''}:${meaning.text}`);
  }
  const sense = `${name}(${texts.join(' ')})`;
  const instance = reading(digest(sense), place);
  place.rowset.parts.tables.push(sense);
  const derived = (column: string, type?: string): BoundColumn => ({
    name: column,
    type,
    meaning: { ...into, text: `${instance}.${column.toLowerCase()}` },
  });
  const ordinal = table.with_ordinality === 'WITH_ORDINALITY' ? [derived('ordinality')] : [];
  const columns = FUNCTION_COLUMNS.get(name);
  if (columns !== undefined)
    return withColumnNames({ alias, columns: [...columns.map((one) => derived(one)), ...ordinal] }, table);
  const written = expressionText({ ...call, alias: '' });
  const known = written === undefined ? undefined : analysis.catalog.columnsOfCall?.(written);
  const dependsOnColumns = into.values.size > 0;
  const relation = { name: written ?? name };
  const column = (columnName: string, type?: string): BoundColumn =>
    dependsOnColumns ? derived(columnName, type) : baseColumn(relation, columnName, instance, type);
  if (!dependsOnColumns) analysis.read.set(relationKey(relation), relation);
  const own = { alias, ...(dependsOnColumns ? {} : { relation }) };
  if (known !== undefined)
    return withColumnNames({ ...own, columns: [...known.map((one) => column(one.name, one.type)), ...ordinal] }, table);
  return withColumnNames({ ...own, columns: [], open: (columnName) => column(columnName) }, table);
}

/** `header := true` reaches the tree as a comparison `header = true`. */
function namedOption(argument: SyntaxNode): { readonly name: string; readonly value: SyntaxNode } | undefined {
  const alias = textOf(argument, 'alias');
  if (alias !== '') return { name: alias, value: argument };
  if (argument.class !== 'COMPARISON' || argument.type !== 'COMPARE_EQUAL') return undefined;
  const left = nodeOf(argument, 'left');
  const right = nodeOf(argument, 'right');
  if (left?.class !== 'COLUMN_REF' || right === undefined) return undefined;
  return { name: textsOf(left, 'column_names').join('.'), value: right };
}

/** A table macro or function that is given a query: everything it gives depends on everything in it. */
function tableArgument(node: SyntaxNode, place: FromPlace): Meaning {
  const query = subqueryOf(node);
  if (query === undefined) return NOTHING;
  const given = place.analysis.query(query, place.ctes, place.outer);
  addRowset(place.rowset, given.rowset);
  return eitherMeaning(given.columns.map((column) => column.meaning));
}

function valuesList(table: SyntaxNode, place: FromPlace): Binding {
  const rows = (Array.isArray(table.values) ? table.values : []).map((row: unknown) =>
    nodesOf({ row: Array.isArray(row) ? row : [] }, 'row'),
  );
  const scope = place.outer ?? scopeOf(NO_BINDINGS, place.ctes);
  const names = textsOf(table, 'expected_names');
  const width = rows[0]?.length ?? 0;
  place.rowset.parts.tables.push(`values(${rows.length})`);
  const columns = Array.from({ length: width }, (_, position) => ({
    name: names[position] ?? `col${position}`,
    meaning: eitherMeaning(
      rows.flatMap((row) => {
        const cell = row[position];
        return cell === undefined ? [] : [meaningOf(cell, scope, place.analysis)];
      }),
    ),
  }));
  return withColumnNames({ alias: textOf(table, 'alias'), columns }, table);
}

const DESCRIBED = ['column_name', 'column_type', 'null', 'key', 'default', 'extra'];
const SUMMARIZED = 'column_name column_type min max approx_unique avg std q25 q50 q75 count null_percentage'.split(' ');

function described(table: SyntaxNode, place: FromPlace): Binding {
  const query = nodeOf(table, 'query');
  const alias = textOf(table, 'alias');
  const isSummary = table.show_type === 'SUMMARY';
  const given = query && place.analysis.query(query, place.ctes, place.outer);
  if (given === undefined || (isSummary && given.open !== undefined))
    notResolved(place.analysis, 'what is described or summarized is not known', table);
  if (given !== undefined) addRowset(place.rowset, given.rowset);
  const all = isSummary && given !== undefined ? eitherMeaning(given.columns.map((column) => column.meaning)) : NOTHING;
  const into = gathering();
  for (const value of all.values.values()) addValue(into, { ...value, step: 'aggregated' });
  const text = `${String(table.show_type)} ${digest((given?.columns ?? []).map((column) => `${column.name} ${column.meaning.text}`).join(' '))}`;
  return {
    alias,
    columns: (isSummary ? SUMMARIZED : DESCRIBED).map((name) => ({
      name,
      meaning: { ...into, text: `${text}.${name}` },
    })),
  };
}

function joined(table: SyntaxNode, place: FromPlace): Bindings {
  const { analysis, rowset } = place;
  const leftRead = bindingsOf(nodeOf(table, 'left'), place);
  // What stands right may read what stands left (LATERAL need not be written).
  const lateral = scopeOf(leftRead, place.ctes, place.outer);
  const rightRead = bindingsOf(nodeOf(table, 'right'), { ...place, outer: lateral });
  const type = textOf(table, 'join_type');
  const kind = textOf(table, 'ref_type');
  const names =
    kind === 'NATURAL' ? commonNames(leftRead, rightRead, table, analysis) : textsOf(table, 'using_columns');
  const isPositional = kind === 'POSITIONAL';
  const left = type === 'RIGHT' || isFull(type) || isPositional ? paddedSide(leftRead) : leftRead;
  const right = type === 'LEFT' || isFull(type) || isPositional ? paddedSide(rightRead) : rightRead;
  const merged = names.map((name) => mergedColumn(name, type, left, right, table, place));
  const both: Bindings = {
    tables: [...left.tables, ...right.tables],
    merged: [
      ...merged,
      ...left.merged,
      ...right.merged.filter((one) => !names.some((name) => same(name, one.name))),
    ].filter((one, position, all) => all.findIndex((other) => same(other.name, one.name)) === position),
  };
  const scope = scopeOf(both, place.ctes, place.outer);
  const condition = nodeOf(table, 'condition');
  if (condition !== undefined) gatherUses(condition, scope, analysis, rowset.uses, 'join');
  const on = condition === undefined ? '' : senseOf(condition, analysis);
  rowset.parts.joins.push(`${type} ${kind} ${on} ${merged.map((one) => one.text).join(' ')}`);
  const using = merged.map((one): Equal => one.sides);
  const equals = [...using, ...(condition === undefined ? [] : equalColumns(condition, left, right, scope))];
  const singular = singularOfJoin(left, right, equals, kind, type);
  return type === 'SEMI' || type === 'ANTI' ? left : { ...both, singular };
}

const isFull = (type: string): boolean => type === 'OUTER' || type === 'FULL';

/** `a.id = b.id and …`: the pairs of a left and a right column. */
function equalColumns(condition: SyntaxNode, left: Bindings, right: Bindings, scope: Scope): readonly Equal[] {
  if (condition.type === 'CONJUNCTION_AND')
    return nodesOf(condition, 'children').flatMap((child) => equalColumns(child, left, right, scope));
  if (condition.type !== 'COMPARE_EQUAL') return [];
  const [one, other] = [nodeOf(condition, 'left'), nodeOf(condition, 'right')].map((side) => {
    if (side?.class !== 'COLUMN_REF') return undefined;
    const found = resolve(textsOf(side, 'column_names'), scope);
    return found.kind === 'column' && found.fields.length === 0 ? found.column : undefined;
  });
  const isOf = (side: Bindings, column: BoundColumn | undefined): column is BoundColumn =>
    column !== undefined && side.tables.some((table) => table.columns.includes(column));
  if (isOf(left, one) && isOf(right, other)) return [[one, other]];
  return isOf(left, other) && isOf(right, one) ? [[other, one]] : [];
}

const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

function commonNames(left: Bindings, right: Bindings, table: SyntaxNode, analysis: Analysis): readonly string[] {
  if ([...left.tables, ...right.tables].some((one) => one.open !== undefined))
    notResolved(analysis, 'a NATURAL join of tables whose columns are not known', table);
  const names = right.tables.flatMap((one) => one.columns.map((column) => column.name));
  const own = left.tables.flatMap((one) => one.columns.map((column) => column.name));
  return own.filter(
    (name, position) =>
      names.some((other) => same(other, name)) && own.findIndex((other) => same(other, name)) === position,
  );
}

/** The one column that USING makes of two: the left one, in a RIGHT join the right one, in a FULL join whichever is there. */
function mergedColumn(
  name: string,
  type: string,
  left: Bindings,
  right: Bindings,
  table: SyntaxNode,
  place: FromPlace,
): Merged & { readonly text: string; readonly sides: Equal } {
  const find = (side: Bindings): BoundColumn => {
    const found = resolve([name], scopeOf(side, place.ctes));
    if (found.kind === 'column') return found.column;
    notResolved(place.analysis, `the column ${name} to join with was not found`, table);
    return { name, meaning: NOTHING };
  };
  const [leftColumn, rightColumn] = [find(left), find(right)];
  addAsUses(place.rowset.uses, leftColumn.meaning, 'join');
  addAsUses(place.rowset.uses, rightColumn.meaning, 'join');
  const column = type === 'RIGHT' ? rightColumn : isFull(type) ? eitherOf(leftColumn, rightColumn) : leftColumn;
  const inherited = [...left.merged, ...right.merged]
    .filter((one) => same(one.name, name))
    .flatMap((one) => [...one.members]);
  const members = [...left.tables, ...right.tables].filter(
    (one) => one.columns.some((each) => same(each.name, name)) || one.open !== undefined,
  );
  return {
    name,
    column: { ...column, name: column.name },
    members: new Set([...inherited, ...members]),
    sides: [leftColumn, rightColumn],
    text: `using(${leftColumn.meaning.text} ${rightColumn.meaning.text})`,
  };
}

function eitherOf(left: BoundColumn, right: BoundColumn): BoundColumn {
  const into = gathering();
  for (const { meaning } of [left, right]) {
    for (const value of meaning.values.values())
      addValue(into, { ...value, step: value.step === 'same' ? 'derived' : value.step });
    for (const [key, use] of meaning.indirect) into.indirect.set(key, use);
  }
  return {
    name: left.name,
    meaning: { ...into, text: `coalesce(${left.meaning.text} ${right.meaning.text})` },
    coalesced: true,
    type: left.type,
  };
}

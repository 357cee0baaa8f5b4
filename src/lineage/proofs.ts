/**
 * What a query's text proves about its rows: keys that GROUP BY, DISTINCT or the first row of each partition make unique, columns that cannot be
 * NULL, and columns whose values are all written down. Certain or silent: a name that could mean two things, or rows from elsewhere, prove nothing.
 */
import {
  columnAt,
  type Key,
  type KnownColumn,
  lower,
  NOTHING,
  pathOf,
  type Reading,
  type Rows,
  type Source,
  sameName,
  samePath,
  shortened,
} from './known-rows.ts';
import { type RelationName, tableNameOf } from './literal-tables.ts';
import {
  conjuncts,
  constantNumber,
  isAggregate,
  multipliesRows,
  notNullBecause,
  valuesOf,
} from './proven-expressions.ts';
import {
  childNodes,
  ctesOf,
  nodeOf,
  nodesOf,
  type SyntaxNode,
  type SyntaxTree,
  subqueryOf,
  textOf,
  textsOf,
} from './syntax-tree.ts';

export type Proven =
  | { readonly kind: 'not_null'; readonly column: string; readonly because: string }
  | { readonly kind: 'unique'; readonly columns: readonly string[]; readonly because: string }
  | { readonly kind: 'values'; readonly column: string; readonly values: readonly string[]; readonly because: string };

/** The columns of a table that a query reads by name; undefined: not known. */
export type TableColumns = (table: RelationName) => readonly string[] | undefined;

/** Holds where no functions of the user's own hide the engine's. */
export function provenBy(tree: SyntaxTree, columnsOf: TableColumns = () => undefined): readonly Proven[] {
  const [statement] = tree.statements;
  if (statement === undefined || tree.statements.length > 1) return [];
  const { columns, keys } = rowsOf(statement, new Map(), columnsOf);
  return [
    ...keys.map((key): Proven => ({ kind: 'unique', ...key })),
    ...columns.flatMap(({ name, notNull, values }): readonly Proven[] => [
      ...(notNull === undefined ? [] : [{ kind: 'not_null', column: name, because: notNull } as const]),
      ...(values === undefined ? [] : [{ kind: 'values', column: name, ...values } as const]),
    ]),
  ];
}

type Ctes = ReadonlyMap<string, Rows>;

function rowsOf(query: SyntaxNode, outer: Ctes, columnsOf: TableColumns): Rows {
  const ctes = new Map(outer);
  for (const { name, query: written, aliases } of ctesOf(query))
    ctes.set(lower(name), aliases.length > 0 ? NOTHING : rowsOf(written, ctes, columnsOf));
  if (query['type'] === 'SELECT_NODE') return selected(query, ctes, columnsOf);
  return query['type'] === 'SET_OPERATION_NODE' ? combined(query, ctes, columnsOf) : NOTHING;
}

/** Rows of EXCEPT and INTERSECT are rows of the left side; of UNION holds what both sides say of the column in the same place. */
function combined(query: SyntaxNode, ctes: Ctes, columnsOf: TableColumns): Rows {
  const [one, other] = [nodeOf(query, 'left'), nodeOf(query, 'right')];
  if (one === undefined || other === undefined) return NOTHING;
  const [left, right] = [rowsOf(one, ctes, columnsOf), rowsOf(other, ctes, columnsOf)];
  if (query['setop_type'] === 'EXCEPT' || query['setop_type'] === 'INTERSECT') return left;
  if (query['setop_type'] !== 'UNION' || !left.complete || !right.complete) return NOTHING;
  const columns = left.columns.map(({ name, notNull, values }, place): KnownColumn => {
    const there = right.columns[place];
    const both = values && there?.values && [...new Set([...values.values, ...there.values.values])];
    return { name, notNull: there?.notNull && notNull, values: both && { values: both, because: values.because } };
  });
  const key = { columns: columns.map(({ name }) => name), because: 'union keeps no row twice' };
  return { columns, complete: true, keys: query['setop_all'] === true ? [] : [key] };
}

/** A SELECT and what is known of where it stands. */
interface Selected extends Reading {
  readonly query: SyntaxNode;
  readonly items: readonly SyntaxNode[];
  /** The list begins with `*`, which shows the columns of the only source under their own names. */
  readonly star: boolean;
  /** The names of the items that surely go by them. */
  readonly names: ReadonlyMap<SyntaxNode, string>;
}

function selected(query: SyntaxNode, ctes: Ctes, columnsOf: TableColumns): Rows {
  const from = nodeOf(query, 'from_table');
  const sources = from === undefined ? [] : sourcesIn(from, ctes, columnsOf);
  const items = nodesOf(query, 'select_list');
  const [first] = items;
  const star = first !== undefined && isPlainStar(first) && sources.length === 1;
  const whole = star ? (sources[0]?.rows ?? NOTHING) : { ...NOTHING, complete: true };
  const taken = new Set(whole.columns.map(({ name }) => lower(name)));
  const names = new Map<SyntaxNode, string>();
  let { complete } = whole;
  for (const item of star ? items.slice(1) : items) {
    const name = item['class'] === 'STAR' ? '' : textOf(item, 'alias') || (pathOf(item)?.at(-1) ?? '');
    // Of two columns with one name the first bears it, and one of an unknown name may bear any.
    if (name === '' || taken.has(lower(name))) complete = false;
    else if (complete) names.set(item, name);
    taken.add(lower(name));
  }
  const groups = nodesOf(query, 'group_expressions');
  const isGrouped = groups.length > 0 || query['aggregate_handling'] === 'FORCE_AGGREGATES';
  const sets = query['group_sets'];
  // ROLLUP, CUBE and GROUPING SETS fill keys with NULL.
  if (Array.isArray(sets) && sets.length > 1) return NOTHING;
  const where = conjuncts(nodeOf(query, 'where_clause'));
  const about: Selected = { query, items, star, names, sources, where, hasGroups: groups.length > 0 };
  const columns = [
    ...(star ? passedOn(about, whole) : []),
    ...[...names].map(([item, name]) => described(item, name, about)),
  ];
  const keys = items.some(multipliesRows) ? [] : keysOf(about, isGrouped, complete ? columns : undefined);
  return { columns, complete, keys };
}

const isPlainStar = (item: SyntaxNode): boolean =>
  item['class'] === 'STAR' &&
  item['columns'] !== true &&
  ['exclude_list', 'qualified_exclude_list', 'replace_list', 'rename_list', 'expr'].every((key) => {
    const value = item[key] ?? null;
    return value === null || (Array.isArray(value) && value.length === 0);
  });

/** The columns behind `*`: what was known of them, and what the conditions add. */
function passedOn(about: Selected, { columns }: Rows): readonly KnownColumn[] {
  const mentioned = about.where
    .flatMap((condition) => pathsIn(condition))
    .map((path) => shortened(path, about.sources));
  const further = mentioned.flatMap((path) => (path.length === 1 ? path : []));
  const names = [...columns.map(({ name }) => name), ...further];
  const unique = names.filter((name, place) => names.findIndex((other) => sameName(name, other)) === place);
  return unique.map((name) => {
    const reference: SyntaxNode = { class: 'COLUMN_REF', column_names: [name] };
    return {
      name,
      notNull: notNullBecause(reference, about),
      values: valuesOf(reference, about),
      numbers: columns.find((column) => sameName(column.name, name))?.numbers,
    };
  });
}

const pathsIn = (condition: SyntaxNode): readonly (readonly string[])[] =>
  [
    ...nodesOf(condition, 'children'),
    condition,
    nodeOf(condition, 'left'),
    nodeOf(condition, 'right'),
    nodeOf(condition, 'input'),
  ]
    .flatMap((node) => (node === undefined ? [] : [node, ...nodesOf(node, 'children')]))
    .flatMap((node) => {
      const path = pathOf(node);
      return path === undefined ? [] : [path];
    });

function described(item: SyntaxNode, name: string, about: Selected): KnownColumn {
  const path = pathOf(item);
  const numbers =
    item['type'] === 'WINDOW_ROW_NUMBER' ? partitions(item, about) : path && columnAt(path, about.sources)?.numbers;
  return {
    name,
    notNull: notNullBecause(item, about),
    values: valuesOf(item, about),
    // A number copied further counts within the same columns, if they are copied as well.
    numbers:
      numbers &&
      (item['type'] === 'WINDOW_ROW_NUMBER'
        ? numbers
        : allShown(
            numbers.map((column) => [column]),
            about,
          )),
  };
}

/** The result's names of the columns a window counts within; undefined when one of them is not shown. */
const partitions = (window: SyntaxNode, about: Selected): readonly string[] | undefined =>
  allShown(nodesOf(window, 'partitions').map(pathOf), about);

/** The result's names of columns of the sources. */
function allShown(paths: readonly (readonly string[] | undefined)[], about: Selected): readonly string[] | undefined {
  const names = paths.map((path) => path && shownAs(path, about));
  return names.length > 0 && names.every((name) => name !== undefined) ? names : undefined;
}

function shownAs(path: readonly string[], { items, names, star, sources }: Selected): string | undefined {
  for (const item of items) {
    const own = pathOf(item);
    const name = names.get(item);
    if (own && name !== undefined && samePath(own, path, sources)) return name;
  }
  const short = shortened(path, sources);
  return star && short.length === 1 ? short[0] : undefined;
}

/** Columns of the result whose combinations do not repeat. `columns`: all there are, where that is known. */
function keysOf(about: Selected, isGrouped: boolean, columns: readonly KnownColumn[] | undefined): readonly Key[] {
  const { query, sources, where } = about;
  const found: Key[] = [];
  const add = (key: readonly string[] | undefined, because: (names: string) => string) => {
    if (key !== undefined && key.length > 0) found.push({ columns: key, because: because(key.join(', ')) });
  };
  if (isGrouped) add(groupKey(about), (names) => `group by ${names}`);
  for (const modifier of nodesOf(query, 'modifiers')) {
    if (modifier['type'] !== 'DISTINCT_MODIFIER') continue;
    const on = nodesOf(modifier, 'distinct_on_targets');
    if (on.length > 0) add(distinctOn(on, about), (names) => `distinct on (${names})`);
    else
      add(
        columns?.map(({ name }) => name),
        () => 'select distinct',
      );
  }
  const first = (names: string) => `row_number() = 1 for each ${names}`;
  if (!isGrouped)
    for (const condition of conjuncts(nodeOf(query, 'qualify'))) {
      const window = equalToOne(condition)?.find((side) => side['type'] === 'WINDOW_ROW_NUMBER');
      if (window) add(partitions(window, about), first);
    }
  if (isGrouped || sources.length !== 1) return found;
  // A row keeps what makes it unique in the only relation that is read.
  for (const { columns: key, because } of sources[0]?.rows.keys ?? [])
    add(
      allShown(
        key.map((column) => [column]),
        about,
      ),
      () => because,
    );
  for (const condition of where) {
    const [path] = equalToOne(condition)?.flatMap((side) => (pathOf(side) ? [pathOf(side)] : [])) ?? [];
    const numbers = path && columnAt(path, sources)?.numbers;
    if (numbers)
      add(
        allShown(
          numbers.map((column) => [column]),
          about,
        ),
        first,
      );
  }
  return found;
}

/** A name in DISTINCT ON means an item of the list first, and a column only where no item bears it. */
function distinctOn(targets: readonly SyntaxNode[], about: Selected): readonly string[] | undefined {
  const shown = targets.map((target) => {
    const path = pathOf(target);
    const [name = ''] = path ?? [];
    const bearing = path?.length === 1 ? about.items.filter((item) => sameName(textOf(item, 'alias'), name)) : [];
    const [item] = bearing;
    return item ? (bearing.length === 1 ? about.names.get(item) : undefined) : path && shownAs(path, about);
  });
  return shown.every((name) => name !== undefined) ? shown : undefined;
}

/** The names of all that rows are grouped by; undefined where one of them is not shown. */
function groupKey({ query, items, names, sources, star }: Selected): readonly string[] | undefined {
  const groups = nodesOf(query, 'group_expressions');
  if (star) return undefined;
  // GROUP BY ALL: every column that is no figure. One column more than the key is still unique.
  const keys =
    groups.length === 0
      ? items.filter((item) => !isAggregate(item))
      : groups.map((group) => {
          const place = constantNumber(group);
          return place === undefined ? items.find((item) => isSame(item, group, sources)) : items[place - 1];
        });
  // Without a column among the keys GROUP BY ALL groups nothing.
  if (groups.length === 0 && !keys.some((item) => item && readsColumn(item))) return undefined;
  const shown = keys.map((item) => item && names.get(item));
  return shown.every((name) => name !== undefined) ? shown : undefined;
}

const readsColumn = (node: SyntaxNode): boolean => pathOf(node) !== undefined || childNodes(node).some(readsColumn);

/** A key and the item that shows it; a name in GROUP BY means a column first, so it is compared with what the item reads. */
function isSame(item: SyntaxNode, group: SyntaxNode, sources: readonly Source[]): boolean {
  const [one, other] = [pathOf(item), pathOf(group)];
  if (one && other) return samePath(one, other, sources);
  const text = (node: SyntaxNode) =>
    JSON.stringify(node, (key, value) => (key === 'query_location' || key === 'alias' ? undefined : value));
  return !other && text(item) === text(group);
}

/** Both sides of `… = 1`. */
function equalToOne(condition: SyntaxNode): readonly SyntaxNode[] | undefined {
  const [left, right] = [nodeOf(condition, 'left'), nodeOf(condition, 'right')];
  if (condition['type'] !== 'COMPARE_EQUAL' || !left || !right) return undefined;
  return [left, right].some((side) => constantNumber(side) === 1) ? [left, right] : undefined;
}

/** The relations of a FROM clause. */
function sourcesIn(from: SyntaxNode, ctes: Ctes, columnsOf: TableColumns): readonly Source[] {
  const alias = textOf(from, 'alias');
  const renamed = textsOf(from, 'column_name_alias').length > 0;
  switch (from['type']) {
    case 'BASE_TABLE': {
      const table = tableNameOf(from);
      const cte = table.schema === undefined ? ctes.get(lower(table.name)) : undefined;
      const columns = cte === undefined ? columnsOf(table) : undefined;
      const rows =
        cte ?? (columns ? { columns: columns.map((name) => ({ name })), complete: true, keys: [] } : NOTHING);
      return [{ called: alias || table.name, rows: renamed ? NOTHING : rows }];
    }
    case 'SUBQUERY': {
      const query = subqueryOf(from);
      return [{ called: alias, rows: query === undefined || renamed ? NOTHING : rowsOf(query, ctes, columnsOf) }];
    }
    case 'JOIN': {
      const [one, other] = [nodeOf(from, 'left'), nodeOf(from, 'right')];
      // A positional join fills up with NULLs, whatever its type says.
      const type = textOf(from, 'ref_type') === 'POSITIONAL' ? '' : textOf(from, 'join_type');
      return [
        ...(one ? sourcesIn(one, ctes, columnsOf) : [UNKNOWN]).map(joined(type === 'INNER' || type === 'LEFT')),
        ...(other ? sourcesIn(other, ctes, columnsOf) : [UNKNOWN]).map(joined(type === 'INNER' || type === 'RIGHT')),
      ];
    }
    default:
      return [{ called: alias, rows: NOTHING }];
  }
}

const UNKNOWN: Source = { called: '', rows: NOTHING };

/** A join repeats rows, so no key is left; the side that may be missing has NULLs. */
const joined =
  (isThere: boolean) =>
  ({ called, rows }: Source): Source => ({
    called,
    rows: {
      ...rows,
      columns: rows.columns.map(({ name, notNull, values }) => ({
        name,
        values,
        notNull: isThere ? notNull : undefined,
      })),
      keys: [],
    },
  });

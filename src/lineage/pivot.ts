/** PIVOT and UNPIVOT as DuckDB writes them into the tree: both are one kind of table reference. */
import { type Analysis, eitherMeaning, notResolved, senseOf } from './analysis.ts';
import { constantValue } from './constant-value.ts';
import { ANY_VALUE } from './dynamic-pivot.ts';
import { gatherUses, meaningOf } from './expression.ts';
import { constantText, expressionText, plainConstant } from './expression-text.ts';
import { addAsUses, addMeaning, addUse, digest, type GrowingRowset, gathering, NOTHING } from './meaning.ts';
import { type Binding, type Bindings, type BoundColumn, type Ctes, type Scope, scopeOf, starColumns } from './scope.ts';
import { childNodes, nodeOf, nodesOf, type SyntaxNode, textOf, textsOf } from './syntax-tree.ts';

interface PivotPlace {
  readonly ctes: Ctes;
  readonly outer: Scope | undefined;
  readonly analysis: Analysis;
  readonly rowset: GrowingRowset;
}

export function pivotBinding(table: SyntaxNode, source: Bindings, place: PivotPlace): Binding {
  return textsOf(table, 'unpivot_names').length > 0 ? unpivoted(table, source, place) : pivoted(table, source, place);
}

const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Columns for groups, then one for each combination of pivoted values and each aggregate. */
function pivoted(table: SyntaxNode, source: Bindings, place: PivotPlace): Binding {
  const { analysis, rowset } = place;
  const alias = textOf(table, 'alias');
  const scope = scopeOf(source, place.ctes, place.outer);
  const aggregates = nodesOf(table, 'aggregates');
  const pivots = nodesOf(table, 'pivots');
  const groups = textsOf(table, 'groups');
  const shown = starColumns(source);
  const unknown = shown.find((one) => one.column === undefined);
  const named = (name: string): BoundColumn => ({
    name,
    meaning: meaningOf({ class: 'COLUMN_REF', column_names: [name] }, scope, analysis),
  });

  const used = new Set(
    [...aggregates, ...pivots.flatMap((pivot) => nodesOf(pivot, 'pivot_expressions'))].flatMap(columnNames),
  );
  // Without GROUP BY every column that is not used otherwise groups.
  const grouping =
    groups.length > 0
      ? groups.map(named)
      : shown.flatMap((one) =>
          one.column === undefined || used.has(one.column.name.toLowerCase()) ? [] : [one.column],
        );
  for (const column of grouping) addAsUses(rowset.uses, column.meaning, 'group');
  for (const pivot of pivots)
    for (const expression of nodesOf(pivot, 'pivot_expressions')) senseAfterUse(expression, scope, place);
  const pivotTexts = pivots.map((pivot) =>
    nodesOf(pivot, 'pivot_expressions')
      .map((expression) => senseOf(expression, analysis))
      .join(' '),
  );
  rowset.parts.grouping.push(`pivot by ${grouping.map((column) => column.meaning.text).join(' ')}`);

  let combinations: readonly Combination[] = [{ name: '', sense: '' }];
  for (const [position, pivot] of pivots.entries()) {
    const entries = pivotEntries(pivot, pivotTexts[position] ?? '');
    if (entries === undefined || textOf(pivot, 'pivot_enum') !== '') {
      notResolved(analysis, 'the values to pivot by are not written in the query', table);
      return { alias, columns: grouping, open: () => undefined };
    }
    combinations = combinations.flatMap((before) =>
      entries.map((entry) => ({
        name: before.name === '' ? entry.name : `${before.name}_${entry.name}`,
        sense: `${before.sense} ${entry.sense}`,
      })),
    );
  }
  const counted: readonly SyntaxNode[] =
    aggregates.length > 0 ? aggregates : [{ class: 'FUNCTION', type: 'FUNCTION', function_name: 'count_star' }];
  const values = combinations.flatMap((combination) =>
    counted.map((aggregate) => {
      const meaning = meaningOf(aggregate, scope, analysis);
      const into = gathering();
      addMeaning(into, meaning, 'aggregated');
      // Which rows go into this column is decided by the pivoted columns.
      for (const pivot of pivots)
        for (const expression of nodesOf(pivot, 'pivot_expressions'))
          gatherUses(expression, scope, analysis, into.indirect, 'filter');
      const suffix = textOf(aggregate, 'alias') || (counted.length > 1 ? (expressionText(aggregate) ?? '') : '');
      return {
        name: suffix === '' ? combination.name : `${combination.name}_${suffix}`,
        meaning: { ...into, text: digest(`${meaning.text} where ${combination.sense}`) },
      };
    }),
  );
  const any = values.find(({ name }) => name.includes(ANY_VALUE));
  if (any !== undefined) {
    // Each pivoted column is like any other: which there are, the binder tells over the data.
    const every = eitherMeaning(values.map(({ meaning }) => meaning));
    const isGrouping = (name: string) => grouping.some((column) => same(column.name, name));
    return {
      alias,
      columns: grouping,
      open: (name) =>
        isGrouping(name) || used.has(name.toLowerCase())
          ? undefined
          : { name, meaning: { ...every, text: digest(`${every.text} of ${name.toLowerCase()}`) } },
    };
  }
  if (unknown === undefined || groups.length > 0) return { alias, columns: [...grouping, ...values] };
  // Grouping columns that are not known come first; DESCRIBE can still name them.
  return {
    alias,
    columns: values,
    open: (name) => (used.has(name.toLowerCase()) ? undefined : unknown.table.open?.(name)),
  };
}

/** The pivoted columns do not decide which groups there are, but must be resolved to have a sense. */
function senseAfterUse(expression: SyntaxNode, scope: Scope, place: PivotPlace): void {
  gatherUses(expression, scope, place.analysis, new Map(), 'filter');
}

interface Combination {
  readonly name: string;
  readonly sense: string;
}

function pivotEntries(pivot: SyntaxNode, expression: string): readonly Combination[] | undefined {
  const entries = nodesOf(pivot, 'entries');
  if (entries.length === 0 || entries.some((entry) => nodesOf(entry, 'values').length === 0)) return undefined;
  return entries.map((entry) => {
    const values = nodesOf(entry, 'values');
    const name = textOf(entry, 'alias') || values.map((value) => plainConstant(value) ?? 'NULL').join('_');
    return { name, sense: `${expression}=${values.map(constantText).join(',')}` };
  });
}

function columnNames(node: SyntaxNode): readonly string[] {
  const own = node.class === 'COLUMN_REF' ? [(textsOf(node, 'column_names').at(-1) ?? '').toLowerCase()] : [];
  return [...own, ...[...childNodes(node)].flatMap(columnNames)];
}

/** The columns that stay, the name column, the value columns. */
function unpivoted(table: SyntaxNode, source: Bindings, place: PivotPlace): Binding {
  const { analysis, rowset } = place;
  const alias = textOf(table, 'alias');
  const scope = scopeOf(source, place.ctes, place.outer);
  const shown = starColumns(source);
  const valueNames = textsOf(table, 'unpivot_names');
  const [pivot] = nodesOf(table, 'pivots');
  const nameColumns = pivot === undefined ? [] : textsOf(pivot, 'unpivot_names');
  const rows =
    pivot === undefined
      ? undefined
      : unpivotRows(
          pivot,
          shown.flatMap((one) => one.column ?? []),
          shown.some((one) => one.column === undefined),
          scope,
          analysis,
        );
  if (rows === undefined) {
    notResolved(analysis, 'the columns to unpivot are not known', table);
    return { alias, columns: [], open: () => undefined };
  }
  const gone = new Set(rows.flatMap((row) => row.names.map((name) => name.toLowerCase())));
  const staying = shown.flatMap((one) =>
    one.column === undefined || gone.has(one.column.name.toLowerCase()) ? [] : [one.column],
  );
  const names = nameColumns.map((name) => ({
    name,
    meaning: { ...NOTHING, text: `names(${rows.map((row) => row.label).join(',')})` },
  }));
  const values = valueNames.map((name, position) => ({
    name,
    meaning: eitherMeaning(rows.flatMap((row) => row.columns[position]?.meaning ?? [])),
  }));
  // Without INCLUDE NULLS a row is left out where the value is NULL.
  if (table.include_nulls !== true)
    for (const { meaning } of values)
      for (const value of meaning.values.values())
        addUse(rowset.uses, { relation: value.relation, column: value.column, use: 'filter' });
  rowset.parts.grouping.push(
    `unpivot ${rows.map((row) => row.columns.map((column) => column.meaning.text).join(' ')).join('|')} ${String(table.include_nulls)}`,
  );
  const unknown = shown.find((one) => one.column === undefined);
  const binding = { alias, columns: [...staying, ...names, ...values] };
  if (unknown === undefined) return binding;
  return { ...binding, open: (name) => (gone.has(name.toLowerCase()) ? undefined : unknown.table.open?.(name)) };
}

interface UnpivotRow {
  readonly label: string;
  readonly names: readonly string[];
  readonly columns: readonly BoundColumn[];
}

function unpivotRows(
  pivot: SyntaxNode,
  known: readonly BoundColumn[],
  someUnknown: boolean,
  scope: Scope,
  analysis: Analysis,
): readonly UnpivotRow[] | undefined {
  const rows: UnpivotRow[] = [];
  for (const entry of nodesOf(pivot, 'entries')) {
    const star = nodeOf(entry, 'star_expr') ?? nodeOf(entry, 'expr');
    if (star === undefined) {
      const names = nodesOf(entry, 'values').map((value) => plainConstant(value) ?? '');
      const columns = names.map((name): BoundColumn => {
        const column = known.find((one) => same(one.name, name));
        return column ?? { name, meaning: meaningOf({ class: 'COLUMN_REF', column_names: [name] }, scope, analysis) };
      });
      rows.push({ label: textOf(entry, 'alias') || names.join('_'), names, columns });
      continue;
    }
    if (someUnknown || star.class !== 'STAR') return undefined;
    const choice = chosenNames(star, known);
    if (choice === undefined) return undefined;
    for (const column of choice) rows.push({ label: column.name, names: [column.name], columns: [column] });
  }
  return rows;
}

function chosenNames(star: SyntaxNode, known: readonly BoundColumn[]): readonly BoundColumn[] | undefined {
  const excluded = new Set(textsOf(star, 'exclude_list').map((name) => name.toLowerCase()));
  const left = known.filter((column) => !excluded.has(column.name.toLowerCase()));
  const expression = nodeOf(star, 'expr');
  if (expression === undefined) return left;
  const pattern = expression.class === 'CONSTANT' ? plainConstant(nodeOf(expression, 'value') ?? {}) : null;
  if (pattern !== null) {
    // A pattern is RE2's; the plain ones are the same in JavaScript.
    return left.filter((column) => new RegExp(pattern).test(column.name));
  }
  const chosen = constantValue(
    expression,
    left.map((column) => column.name),
  );
  if (!isNames(chosen)) return undefined;
  return left.filter((column) => chosen.includes(column.name));
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

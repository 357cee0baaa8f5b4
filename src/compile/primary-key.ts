/** The columns that name a row of a model, as its constraints and its tests tell. */
import type { GraphNode } from './manifest.ts';

/** What tests say of one model. */
export interface KeyTests {
  readonly unique: readonly string[];
  readonly notNull: readonly string[];
  /** Columns that are unique together. */
  readonly combinations: readonly (readonly string[])[];
}

/** By constraint, of the model or of a column; empty without one. */
export const declaredKey = ({ constraints, columns }: Pick<GraphNode, 'constraints' | 'columns'>): readonly string[] =>
  constraints.find(({ type }) => type === 'primary_key')?.columns ??
  Object.values(columns).flatMap((column) =>
    column.constraints.some(({ type }) => type === 'primary_key') ? [column.name] : [],
  );

/** In dbt's order: columns that are unique and never null, columns that are unique, columns that are so together. */
export function inferredKey({ unique, notNull, combinations }: KeyTests): readonly string[] {
  const both = unique.filter((column) => notNull.includes(column));
  const tested = both.length > 0 ? both : unique;
  return tested.length > 0 ? [...new Set(tested)] : (combinations[0] ?? []);
}

/** Tests that are about a model, by it. */
export function keyTests(nodes: Iterable<GraphNode>): ReadonlyMap<string, KeyTests> {
  const found = new Map<string, { unique: string[]; notNull: string[]; combinations: (readonly string[])[] }>();
  for (const { test_metadata: test, attached_node: attached, column_name } of nodes) {
    if (test === undefined || !attached) continue;
    const column = column_name ?? test.kwargs['column_name'];
    const together = test.kwargs['columns'] ?? test.kwargs['combination_of_columns'];
    const of = found.get(attached) ?? { unique: [], notNull: [], combinations: [] };
    if (test.name === 'unique' && test.namespace === null && typeof column === 'string') of.unique.push(column);
    else if (test.name === 'not_null' && test.namespace === null && typeof column === 'string') of.notNull.push(column);
    else if (test.name.startsWith('unique_combination') && Array.isArray(together))
      of.combinations.push(together.map(String));
    else continue;
    found.set(attached, of);
  }
  return found;
}

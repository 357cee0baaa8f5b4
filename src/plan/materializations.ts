import type { Materialization } from './build.ts';
import { external } from './materializations/external.ts';
import { incremental } from './materializations/incremental.ts';
import { seed } from './materializations/seed.ts';
import { snapshot } from './materializations/snapshot.ts';
import { table } from './materializations/table.ts';
import { view } from './materializations/view.ts';

export { firstBuild } from './materializations/delta-build.ts';
export { external, locationOf, partitionsOf } from './materializations/external.ts';

export { seedOptions } from './materializations/seed.ts';
export { table } from './materializations/table.ts';

/** Every materialization that makes a relation. (`ephemeral` makes none: it is injected into its children by `compile`.) */
export const materializations = { view, table, incremental, seed, snapshot, external } satisfies Record<
  string,
  Materialization
>;

export const materializationNames: readonly string[] = [...Object.keys(materializations), 'ephemeral'];

export const materializationOf = (name: string): Materialization | undefined =>
  Object.entries(materializations).find(([known]) => known === name)?.[1];

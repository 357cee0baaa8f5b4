import type { Materialization } from '../build.ts';
import { external } from './external.ts';
import { incremental } from './incremental.ts';
import { seed } from './seed.ts';
import { table } from './table.ts';
import { view } from './view.ts';

/** Every materialization that makes a relation. (`ephemeral` makes none: it is injected into its children by `compile`.) */
export const materializations = { view, table, incremental, seed, external } satisfies Record<string, Materialization>;

export const materializationNames: readonly string[] = [...Object.keys(materializations), 'ephemeral'];

export const materializationOf = (name: string): Materialization | undefined =>
  Object.entries(materializations).find(([known]) => known === name)?.[1];

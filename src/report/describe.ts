/** What a reporter may know of a node besides its result. `app` makes it from the manifest and hands it down. */
import type { NodeId } from '../core/node-id.ts';
import type { Path } from '../core/source.ts';

export interface NodeDescription {
  readonly name: string;
  /** dbt's resource type: `model`, `seed`, `test`, `unit_test`, `source` … */
  readonly kind: string;
  /** `table`, `view`, `incremental` …; absent for tests and sources. */
  readonly materialized?: string | undefined;
  /** What people call it in the warehouse: `main.stg_orders`. Absent when it has no relation. */
  readonly relation?: string | undefined;
  /** Where it is defined: for generic tests the YAML file, for everything else its own file. */
  readonly path?: Path | undefined;
  /** From 1; the line of the test's entry in the YAML file, of the first statement in an SQL file. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The file of the compiled SQL below the project's root: `target/compiled/shop/models/orders.sql`. */
  readonly compiledPath?: Path | undefined;
  /** Tests: the node that is tested, and its column. */
  readonly tests?: NodeId | undefined;
  readonly testedColumn?: string | undefined;
  /** Tests: dql's name of the check (`unique`, `accepted_range`), without its arguments. */
  readonly check?: string | undefined;
  readonly parents: readonly NodeId[];
  readonly owner?: string | undefined;
  /** Tests: what they make sure of, and what to do when they fail, in the project's words. */
  readonly description?: string | undefined;
  readonly hint?: string | undefined;
  readonly severity?: 'error' | 'warn' | 'info' | undefined;
}

export type Describe = (id: NodeId) => NodeDescription | undefined;

/** The last part of a unique id that people would recognise: `orders` of `model.shop.orders`, `raw.events` of a source. */
export function nameOf(id: NodeId): string {
  const parts = id.split('.');
  if (parts[0] === 'source') return parts.slice(2).join('.');
  if (parts[0] === 'test' && parts.length > 3) return parts.slice(2, -1).join('.');
  return parts.slice(2).join('.') || id;
}

/** The description of a node, made from its id alone when the manifest does not know it. */
export const describeWith = (describe: Describe, id: NodeId): NodeDescription =>
  describe(id) ?? { name: nameOf(id), kind: id.split('.')[0] ?? 'node', parents: [] };

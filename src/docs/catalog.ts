/**
 * The catalogue: what the warehouse holds. dbt's catalog v1 in dbt's spelling, so that target/catalog.json is this value; what dql
 * knows beyond dbt (statistics) stands under `meta.dql`.
 */
import type { Json, NodeId } from '../core/node-id.ts';

/** What one column holds, measured over all rows or over a sample. Values are text as DuckDB prints them. */
export interface ColumnStatistics {
  /** Share of NULLs among the rows looked at, 0 to 1; null when no row was looked at. */
  readonly null_share: number | null;
  /** Distinct values among them, NULL not counted. */
  readonly distinct: number | null;
  /** Long ones end in `…`. */
  readonly min: string | null;
  readonly max: string | null;
  /** Rows per bucket of equal width between min and max, for numbers, dates and timestamps. */
  readonly histogram: readonly number[] | null;
  /** The most frequent values with their counts, for text and booleans of few values. */
  readonly frequent: readonly { readonly value: string; readonly count: number }[] | null;
}

export interface CatalogColumn {
  readonly type: string;
  readonly name: string;
  /** From 1. */
  readonly index: number;
  readonly comment: string | null;
  readonly meta?: { readonly dql: ColumnStatistics };
}

export interface CatalogNode {
  readonly unique_id: NodeId;
  readonly metadata: {
    readonly type: string;
    readonly schema: string;
    readonly name: string;
    readonly database: string;
    readonly comment: string | null;
    readonly owner: string | null;
  };
  readonly columns: Readonly<Record<string, CatalogColumn>>;
  readonly stats: Readonly<Record<string, Json>>;
  readonly meta?: {
    readonly dql: {
      readonly rows: number | null;
      readonly bytes: number | null;
      /** How many rows the statistics were computed from; null when none were computed. */
      readonly sampled: number | null;
    };
  };
}

export interface Catalog {
  readonly metadata: Readonly<Record<string, Json>>;
  readonly nodes: Readonly<Record<NodeId, CatalogNode>>;
  readonly sources: Readonly<Record<NodeId, CatalogNode>>;
  readonly errors: readonly string[] | null;
}

/** What the warehouse holds of one node; undefined when it was never built or looked at. */
export const catalogNodeOf = (catalog: Catalog, id: NodeId): CatalogNode | undefined =>
  catalog.nodes[id] ?? catalog.sources[id];

/** The catalogue of a project whose warehouse was not opened. */
export const EMPTY_CATALOG: Catalog = { metadata: {}, nodes: {}, sources: {}, errors: null };

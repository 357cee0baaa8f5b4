/** What makes a node's code the same code, and a test the same test. */
import { hash } from 'node:crypto';
import type { GraphNode } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';

/** What `app` found out about a node before planning; `undefined` SQL means it is rendered when its parents are built. */
export interface NodeFacts {
  /** Rendered with public names; what `target/compiled` shows. */
  readonly publicSql: string | undefined;
  /** `publicSql` without what cannot change its answer (comments, spacing, case of keywords). */
  readonly canonicalSql: string | undefined;
  /** Incremental models: the same for the other answer of is_incremental(). */
  readonly canonicalOther?: string | undefined;
  /** Why the query may answer differently on the same inputs, or undefined. */
  readonly nondeterministic: string | undefined;
  /**
   * The columns it uses, in lower case, of each of these parents, which have these columns; undefined: it cannot be told, and not among
   * the answers: all. Asked only when a parent's rows changed.
   */
  readonly usedColumns: (
    parents: ReadonlyMap<NodeId, readonly Column[]>,
  ) => Promise<ReadonlyMap<NodeId, ReadonlySet<string>> | undefined>;
  /** Its rows come in an order that its SQL, or its file, says. */
  readonly isOrdered: boolean;
  /** Hooks as rendered, and whatever else of the environment the SQL does not show. */
  readonly extra: Json;
}

/** For nodes whose SQL is not known before their turn, and for seeds, which have none. */
export const noFacts: NodeFacts = {
  publicSql: undefined,
  canonicalSql: undefined,
  nondeterministic: undefined,
  usedColumns: async () => undefined,
  isOrdered: false,
  extra: null,
};

/** Config keys that change what is built or how; the rest (docs, tags, meta …) may change without a rebuild. */
const BUILDING_KEYS = [
  'materialized',
  'unique_key',
  'incremental_strategy',
  'incremental_predicates',
  'predicates',
  'on_schema_change',
  'merge_update_columns',
  'merge_exclude_columns',
  'merge_update_condition',
  'merge_insert_condition',
  'merge_update_set_expressions',
  'merge_on_using_columns',
  'event_time',
  'begin',
  'batch_size',
  'column_types',
  'delimiter',
  'quote_columns',
  'location',
  'format',
  'options',
  'partition_by',
  'indexes',
  'publish',
  'strategy',
  'updated_at',
  'check_cols',
  'hard_deletes',
  'invalidate_hard_deletes',
  'dbt_valid_to_current',
  'snapshot_meta_column_names',
  'sql_header',
] as const;

/** Those of them that can change what is built though its rows stay the same. */
const LAYOUT_KEYS = ['location', 'format', 'options', 'delimiter', 'partition_by', 'indexes', 'publish'] as const;

/**
 * sha256 over the canonical SQL and everything of the configuration that decides what is built; behind a point, over what decides more
 * than its rows.
 */
export function codeFingerprint(
  node: GraphNode,
  facts: Pick<NodeFacts, 'canonicalSql' | 'canonicalOther' | 'extra'>,
): string {
  const constraints = node.contract.enforced
    ? [...Object.values(node.columns).map((column) => [column.name, column.constraints]), node.constraints]
    : [];
  const layout = digest([LAYOUT_KEYS.map((key) => node.config[key] ?? null), constraints] as Json);
  const code = digest([
    node.resource_type === 'seed' ? node.checksum.checksum : (facts.canonicalSql ?? ''),
    facts.canonicalOther ?? '',
    BUILDING_KEYS.map((key) => [key, node.config[key] ?? null]),
    node.contract.enforced
      ? Object.values(node.columns).map((column) => [column.name, column.data_type, column.constraints])
      : [],
    node.contract.enforced ? node.constraints : [],
    facts.extra,
  ] as Json);
  return `${code}.${layout.slice(0, 8)}`;
}

/** True when two builds with these fingerprints and the same rows are the same in everything else, too: file, indexes, constraints. */
export const hasSameLayout = (left: string, right: string): boolean => left.split('.')[1] === right.split('.')[1];

/** The fingerprint as far as it is known before anything is built. */
export const knownCode = (node: GraphNode, facts: NodeFacts | undefined): string | undefined =>
  node.resource_type === 'seed' || facts?.canonicalSql !== undefined
    ? codeFingerprint(node, facts ?? noFacts)
    : undefined;

/** A test's own text and configuration together with the content of everything it reads. */
export const testFingerprint = (
  canonicalSql: string,
  config: Json,
  contents: Readonly<Record<NodeId, string>>,
): string =>
  digest([canonicalSql, config, Object.entries(contents).sort(([left], [right]) => (left < right ? -1 : 1))] as Json);

export const digest = (value: Json): string => hash('sha256', JSON.stringify(value)).slice(0, 32);

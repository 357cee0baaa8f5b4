/** Where every node is, for one command: what its templates print, by what `run` has built so far and what stands outside. */

import type { NodeRelation, RelationFacts } from '../../compile/compile.ts';
import { type GraphNode, type Manifest, nodeOf, type SourceNode } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import { publicName } from '../../ledger/names.ts';
import { emptyState, type LedgerState, publishedVersion } from '../../ledger/records.ts';
import { withinTime } from '../../plan/batches.ts';
import type { Range } from '../../plan/intervals.ts';
import { relationOf } from '../../plan/plan-run.ts';
import type { ObjectOf } from '../../run/context.ts';
import { objectName } from '../../run/progress.ts';
import type { KnownRelations } from './answer-needs.ts';
import { type Sampling, sampledRows } from './sampled-rows.ts';
import { externalRelation } from './source-relations.ts';

/** Nothing of this run is built yet. */
export const noObjects: ObjectOf = () => undefined;

export interface RelationsRequest {
  readonly manifest: Manifest;
  /** Absolute folder of the project. */
  readonly folder: string;
  readonly state: LedgerState;
  /** `--empty`: refs and sources have no rows. */
  readonly empty: boolean;
  /** `--sample`: what says when its rows happened shows this time only, to what is built from it. */
  readonly sample?: Range | undefined;
  /** What of its sources a sampled target reads. */
  readonly sampling: Sampling | undefined;
  /** `--defer`: relations of another environment for nodes that are not built here. */
  readonly deferred: ReadonlyMap<NodeId, string>;
}

export interface Relations {
  /** What a node prints when `objectOf` names its object; its deferred, external or public name otherwise. */
  relation(id: NodeId, objectOf: ObjectOf): NodeRelation | undefined;
  /** The same in the SQL of what is built from it: only `batch`, the time of a microbatch, or what `--sample` leaves. */
  input(id: NodeId, objectOf: ObjectOf, batch?: Range): NodeRelation | undefined;
  /** For get_relation() and its kin. */
  known(objectOf: ObjectOf): KnownRelations;
}

export function relationsOf(request: RelationsRequest): Relations {
  const { manifest, state } = request;
  const byName = new Map<string, GraphNode>();
  for (const node of Object.values(manifest.nodes))
    if (node.relation_name !== null) byName.set(keyOf(node.database, node.schema, node.alias), node);
  const shown = (id: NodeId, objectOf: ObjectOf, window: Range | undefined): NodeRelation | undefined => {
    const node = nodeOf(manifest, id);
    if (!node || !('database' in node)) return undefined;
    const identifier = node.resource_type === 'source' ? node.identifier : node.alias;
    const { database, schema } = node;
    const object = request.deferred.get(id) ?? objectOf(id) ?? outsideObject(request, node);
    const rendered = restricted(request, node, withinWindow(node, object, window));
    return { database, schema, identifier, rendered, type: typeOf(node) };
  };
  return {
    relation: (id, objectOf) => shown(id, objectOf, undefined),
    // A batch is computed whole where the sample cuts it: what is noted as filled is filled.
    input: (id, objectOf, batch) => shown(id, objectOf, batch ?? request.sample),
    known: (objectOf) => ({
      find(database, schema, identifier): RelationFacts | undefined {
        const node = byName.get(keyOf(database, schema, identifier));
        const version = node && publishedVersion(state, relationOf(node));
        const object =
          node &&
          (request.deferred.get(node.unique_id) ?? objectOf(node.unique_id) ?? (version && objectName(version, true)));
        if (!node || object === undefined) return undefined;
        // By what the published version is, which may not be what the model says now.
        const made = version?.materialized ?? node.config.materialized;
        return {
          database,
          schema,
          identifier,
          type: made === 'view' ? 'view' : made === 'external' ? 'external' : 'table',
          rendered: object,
        };
      },
    }),
  };
}

/** The object of whatever dql does not build in this command. */
function outsideObject(request: RelationsRequest, node: GraphNode | SourceNode): string {
  if (node.resource_type === 'source') return externalRelation(node, request.folder) ?? node.relation_name;
  return publicName({ database: node.database, schema: node.schema, alias: node.alias });
}

/** A microbatch or a sample reads only its own time of what says when its rows happened. */
function withinWindow(node: GraphNode | SourceNode, object: string, window: Range | undefined): string {
  const time = node.config['event_time'];
  if (window === undefined || typeof time !== 'string' || time === '') return object;
  return `(select * from ${object} where ${withinTime(quotedIdentifier(time), [window])})`;
}

/** `--empty` and sampled targets read less: a subquery stands for the relation. */
function restricted(request: RelationsRequest, node: GraphNode | SourceNode, object: string): string {
  // Without a name, because the model may give it one: `from {{ ref('orders') }} as placed`.
  if (request.empty) return `(select * from ${object} where false limit 0)`;
  if (node.resource_type !== 'source' || !request.sampling) return object;
  return sampledRows(request.sampling, node.unique_id, (id) => {
    const other = request.manifest.sources[id];
    return id === node.unique_id || !other ? object : outsideObject(request, other);
  });
}

function typeOf(node: GraphNode | SourceNode): 'table' | 'view' | 'external' {
  if (node.resource_type === 'source') return 'table';
  const { materialized } = node.config;
  return materialized === 'view' ? 'view' : materialized === 'external' ? 'external' : 'table';
}

const keyOf = (database: string, schema: string, identifier: string): string =>
  [database, schema, identifier].join('\u0000').toLowerCase();

/** What nodes print under the names that readers know, whatever was built; and what is known of those relations. */
export function publicRelations({
  manifest,
  project: { folder },
}: {
  readonly manifest: Manifest;
  readonly project: { readonly folder: string };
}): { readonly relationOf: (id: NodeId) => NodeRelation | undefined; readonly known: KnownRelations } {
  const relations = relationsOf({
    manifest,
    folder,
    state: emptyState,
    empty: false,
    sampling: undefined,
    deferred: new Map(),
  });
  return {
    relationOf: (id) => relations.relation(id, (each) => manifest.nodes[each]?.relation_name ?? undefined),
    known: relations.known(noObjects),
  };
}

import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName, versionObject } from '../ledger/names.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { RunContext } from './context.ts';
import type { Standing } from './publish.ts';
import { viewTexts } from './show-again.ts';
import { standingRelations } from './standing.ts';

export interface ForeignRelations {
  /** Nothing knows of what stands there, neither a ledger nor a manifest of dbt. The node is not built: publishing it would replace that. */
  readonly refused: ReadonlyMap<NodeId, Diagnostic>;
  /** Tables that will be adopted. */
  readonly adopted: ReadonlySet<NodeId>;
}

/** Those under whose name stands a table or view that dql did not make. With `--adopt` none is refused. */
export async function foreignRelations(
  nodes: readonly GraphNode[],
  context: Pick<RunContext, 'state' | 'adopt' | 'known'>,
  connection: Connection,
): Promise<ForeignRelations> {
  const unknown = nodes.filter((node) => !context.state.published.has(relationOf(node)));
  const standing = await standingRelations(
    connection,
    unknown.map((node) => node.schema),
  );
  const found = unknown.flatMap((node) => {
    const there = standing.get(publicName(node).toLowerCase());
    return there && there !== 'nothing' ? [{ node, there }] : [];
  });
  if (found.length === 0) return { refused: new Map(), adopted: new Set() };
  const texts = found.some(({ there }) => there === 'view') ? await viewTexts(connection) : new Map<string, string>();
  // The ledger was dropped, and the views over its versions were left.
  const isLeft = (node: GraphNode) =>
    texts.get(publicName(node).toLowerCase())?.includes(versionObject(node, 0).slice(0, -2)) ?? false;
  const known = context.adopt ? undefined : context.known();
  const isKnown = (node: GraphNode) => (known?.has(relationOf(node)) ?? true) || isLeft(node);
  return {
    refused: new Map(
      found.filter(({ node }) => !isKnown(node)).map(({ node, there }) => [node.unique_id, foreign(node, there)]),
    ),
    adopted: new Set(
      found.filter(({ node, there }) => isKnown(node) && there === 'table').map(({ node }) => node.unique_id),
    ),
  };
}

const foreign = (node: GraphNode, standing: Exclude<Standing, 'nothing'>): Diagnostic => ({
  code: 'run/foreign-relation',
  severity: 'error',
  message: `a ${standing} \`${node.schema}.${node.alias}\` stands there that neither dql nor an earlier manifest made`,
  at: { file: node.original_file_path, start: 0, end: 0 },
  hint: 'give the model another `alias`, or replace the relation with --adopt: its rows are kept as version 0',
});

import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName } from '../ledger/names.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { RunContext } from './context.ts';
import type { Standing } from './publish.ts';
import { standingRelations } from './standing.ts';

export interface ForeignRelations {
  /** Nodes that are not built, because publishing them would replace what is nobody's as far as anyone knows: no ledger, no manifest of dbt. Empty with `--adopt`. */
  readonly refused: ReadonlyMap<NodeId, Diagnostic>;
  /** Nodes under whose name stands a table that is taken over with its rows. */
  readonly adopted: ReadonlySet<NodeId>;
}

/** What stands under the names of the plan's nodes, and was not made by dql. */
export async function foreignRelations(context: RunContext, connection: Connection): Promise<ForeignRelations> {
  const unknown = context.plan.tasks.flatMap((task): readonly GraphNode[] => {
    const node = task.kind === 'build' ? context.manifest.nodes[task.node] : undefined;
    if (!node) return [];
    const relation = relationOf(node);
    return context.state.published.has(relation) ? [] : [node];
  });
  const standing = await standingRelations(
    connection,
    unknown.map((node) => node.schema),
  );
  const found = unknown.flatMap((node) => {
    const there = standing.get(publicName(node).toLowerCase());
    return there && there !== 'nothing' ? [{ node, there }] : [];
  });
  if (found.length === 0) return { refused: new Map(), adopted: new Set() };
  const known = context.adopt ? undefined : context.known();
  const isTaken = ({ node }: { readonly node: GraphNode }) => known?.has(relationOf(node)) ?? true;
  return {
    refused: new Map(
      found.filter((each) => !isTaken(each)).map(({ node, there }) => [node.unique_id, foreign(node, there)]),
    ),
    adopted: new Set(found.filter((each) => isTaken(each) && each.there === 'table').map(({ node }) => node.unique_id)),
  };
}

const foreign = (node: GraphNode, standing: Exclude<Standing, 'nothing'>): Diagnostic => ({
  code: 'run/foreign-relation',
  severity: 'error',
  message: `a ${standing} \`${node.schema}.${node.alias}\` stands there that neither dql nor an earlier manifest made`,
  at: { file: node.original_file_path, start: 0, end: 0 },
  hint: 'give the model another `alias`, or replace the relation with --adopt: its rows are kept as version 0',
});

/** `persist_docs` for relations that are published already: a description that was edited reaches readers although nothing is built. */
import type { GraphNode } from '../compile/manifest.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName } from '../ledger/names.ts';
import { homeOf, type InputRecord, nameOf, type VersionRecord } from '../ledger/records.ts';
import { digest } from '../plan/fingerprint.ts';
import { recordAt } from '../plan/node-config.ts';
import type { FileText } from './commit-files.ts';
import type { RunContext } from './context.ts';
import type { NewVersion, Progress } from './progress.ts';
import { comments } from './publish.ts';
import { standingRelations } from './standing.ts';

export interface RefreshedComments {
  readonly texts: readonly FileText[];
  /** What is written from now on, so that the next run need not ask. */
  readonly marks: readonly InputRecord[];
}

/** @param fresh what is published now, whose comments come with it */
export async function refreshedComments(
  context: RunContext,
  progress: Progress,
  fresh: readonly NewVersion[],
  connection: Connection,
): Promise<RefreshedComments> {
  const marked = (node: GraphNode, version: VersionRecord): readonly InputRecord[] => {
    if (!keepsDocs(node) || version.physical.kind === 'copied') return [];
    const mark = digest([...comments(node, version)]);
    const input = `comments:${version.relation}`;
    return context.state.inputs.get(input)?.mark === mark
      ? []
      : [{ input, mark, content_id: mark, seen_at: context.now().toISOString() }];
  };
  const stale = [...progress.refreshed].flatMap(([id, version]) => {
    const node = context.manifest.nodes[id];
    const marks = node ? marked(node, version) : [];
    return node && marks.length > 0 ? [{ node, version, marks }] : [];
  });
  const standing = await standingRelations(
    connection,
    stale.map(({ version }) => version.schema),
  );
  const due = stale.filter(({ version }) => standing.has(publicName(nameOf(version)).toLowerCase()));
  return {
    texts: due.map(({ node, version }) => ({
      database: homeOf(version),
      sql: comments(node, version, { clears: true }).join('\n'),
    })),
    marks: [...due.flatMap(({ marks }) => marks), ...fresh.flatMap(({ node, version }) => marked(node, version))],
  };
}

const keepsDocs = (node: GraphNode): boolean => {
  const persist = recordAt(node.config, 'persist_docs');
  return persist['relation'] === true || persist['columns'] === true;
};

import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import { locationOf, partitionsOf } from '../plan/materializations.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { RunContext } from './context.ts';

/**
 * Exports in whose place stands a folder with somebody's files: they are not built, because showing them would need it gone. A folder
 * that is to become a folder of dql's is replaced with `--adopt`, or where an earlier manifest knows the model.
 */
export function foreignFolders(context: RunContext): ReadonlyMap<NodeId, Diagnostic> {
  const found = new Map<NodeId, Diagnostic>();
  for (const task of context.plan.tasks) {
    const node = task.kind === 'build' ? context.manifest.nodes[task.node] : undefined;
    const location = node ? locationOf(context.projectFolder, node) : null;
    if (!node || location === null || !context.files.isFullFolder(location)) continue;
    const isFolder = partitionsOf(node).length > 0;
    const relation = relationOf(node);
    const isTaken =
      isFolder && (context.adopt || context.state.published.has(relation) || context.known().has(relation));
    if (!isTaken) found.set(node.unique_id, foreign(node, location, isFolder));
  }
  return found;
}

const foreign = (node: GraphNode, location: string, isFolder: boolean): Diagnostic => ({
  code: 'run/foreign-folder',
  severity: 'error',
  message: `a folder with files that dql did not make stands where \`${node.name}\` is exported: ${location}`,
  at: { file: node.original_file_path, start: 0, end: 0 },
  hint: isFolder
    ? 'give the model another `location`, or replace the folder and all that is in it with --adopt'
    : 'give the model another `location`, or move the folder away: the export is one file',
});

/** Answers the site's selection box cannot find by itself: they need other manifests, results of runs, definitions of selectors. */
import type { Manifest } from '../../compile/manifest.ts';
import { type Diagnostic, hasErrors } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { isProblem, METHODS, type SelectContext, selectableGraph, selectNodes } from '../../select/select.ts';

const ASKED = ['state', 'result', 'source_status'];

/** By criterion, `state:modified`: what it selects. Criteria that cannot be answered are left out. */
export function siteAnswers(manifest: Manifest, context: SelectContext): Readonly<Record<string, readonly NodeId[]>> {
  const graph = selectableGraph(manifest);
  const answers: Record<string, readonly NodeId[]> = {};
  for (const method of ASKED)
    for (const value of METHODS[method]?.known?.(graph) ?? []) {
      const found: Diagnostic[] = [];
      const criterion = { method, arguments: [], value, childrensParents: false };
      const question = METHODS[method]?.ask(criterion, { ...context, graph, report: (each) => found.push(each) });
      if (!question || isProblem(question)) continue;
      const ids: NodeId[] = [];
      for (const [id, node] of graph.nodes) if (question(node)) ids.push(id);
      if (!hasErrors(found)) answers[`${method}:${value.replaceAll(' ', '_')}`] = ids;
    }
  for (const { name } of context.selectors ?? []) {
    const { value, diagnostics } = selectNodes(
      graph,
      { select: [`selector:${name}`], exclude: [], indirectSelection: 'eager', includeEmpty: true },
      context,
    );
    if (!hasErrors(diagnostics)) answers[`selector:${name}`] = [...value.ids];
  }
  return answers;
}

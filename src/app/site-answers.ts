/** Answers the site's selection box cannot find by itself: they need other manifests, results of runs, definitions of selectors. */
import type { Manifest } from '../compile/manifest.ts';
import { hasErrors } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import { METHODS, type SelectContext, selectableGraph, selectNodes } from '../select/select.ts';

const ASKED = ['state', 'result', 'source_status'];

/** By criterion, `state:modified`: what it selects. Criteria that cannot be answered are left out. */
export function siteAnswers(manifest: Manifest, context: SelectContext): Readonly<Record<string, readonly NodeId[]>> {
  const graph = selectableGraph(manifest);
  const criteria = [
    ...ASKED.flatMap((method) =>
      [...(METHODS[method]?.known?.(graph) ?? [])].map((value) => `${method}:${value.replaceAll(' ', '_')}`),
    ),
    ...(context.selectors ?? []).map(({ name }) => `selector:${name}`),
  ];
  return Object.fromEntries(
    criteria.flatMap((criterion) => {
      const isSelector = criterion.startsWith('selector:');
      const { value, diagnostics } = selectNodes(
        graph,
        { select: [criterion], exclude: [], indirectSelection: isSelector ? 'eager' : 'empty', includeEmpty: true },
        context,
      );
      return hasErrors(diagnostics) ? [] : [[criterion, [...value.ids]] as const];
    }),
  );
}

/** The semantic layer's edges, which dbt has too: what a semantic model describes, what metrics and saved queries are computed from. */
import type { Json, NodeId } from '../../core/node-id.ts';
import type { JsonObject } from '../../project/project.ts';
import { callInText } from '../data-tests/call-in-text.ts';
import { isMap } from '../nodes/columns.ts';
import type { Draft } from '../nodes/draft.ts';
import { inputsOfMetric, measuresOf } from '../nodes/metrics.ts';
import type { Resolver } from './resolver.ts';

/** Entries are kept as they were written: a name that leads nowhere is no edge. */
export function linkSemantics({ passedThrough }: Draft, resolver: Resolver): void {
  const { metrics, semantic_models: models, saved_queries: queries } = passedThrough;
  const owners = new Map<string, NodeId>();
  for (const [id, model] of Object.entries(models)) for (const name of measuresOf(model)) owners.set(name, id);
  const byName = new Map(Object.keys(metrics).map((id) => [id.slice(id.lastIndexOf('.') + 1), id]));
  link(models, ({ model, package_name: from }) => {
    const call = typeof model === 'string' ? callInText(model) : undefined;
    const found = call?.kind === 'ref' ? resolver.ref(call, String(from)) : undefined;
    return [found?.kind === 'found' ? found.node.unique_id : undefined];
  });
  link(metrics, (metric) => {
    const inputs = inputsOfMetric(metric);
    return [...inputs.measures.map((name) => owners.get(name)), ...inputs.metrics.map((name) => byName.get(name))];
  });
  link(queries, ({ query_params: params }) =>
    isMap(params) && Array.isArray(params['metrics']) ? params['metrics'].map((name) => byName.get(String(name))) : [],
  );
}

function link(family: Record<NodeId, Json>, read: (entry: JsonObject) => readonly (NodeId | undefined)[]): void {
  for (const [id, entry] of Object.entries(family)) {
    if (!isMap(entry)) continue;
    const nodes = new Set(read(entry).filter((node) => node !== undefined));
    family[id] = { ...entry, depends_on: { macros: [], nodes: [...nodes] } };
  }
}

/** What `linkSemantics` found of an entry. */
export function parentsIn(entry: Json): readonly NodeId[] {
  const on = isMap(entry) ? entry['depends_on'] : undefined;
  return isMap(on) && Array.isArray(on['nodes']) ? on['nodes'].map(String) : [];
}

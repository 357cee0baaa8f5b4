import type { Json, NodeId } from '../../core/node-id.ts';
import { copied, toValue, type Value } from '../../jinja/jinja.ts';
import { type Manifest, withoutModelKeys } from '../manifest.ts';

/**
 * dbt's `graph`. Packages keep in it, under keys of their own (`graph.setdefault('audit', {})`), what they learn while a run goes on, so
 * every render has a copy to write into. Where the graph remembers, what a render wrote is there for the next.
 */
export class GraphValue {
  /** Thousands of nodes become values once, and only when somebody reads them. They are in no copy: nobody writes into them. */
  private readonly parts: () => Readonly<Record<string, Value>>;
  private readonly remembers: boolean;
  private kept: Value | undefined;
  private current: Value | undefined;

  constructor(parts: () => Readonly<Record<string, Value>>, remembers = false) {
    this.parts = parts;
    this.remembers = remembers;
  }

  /** The same graph as nobody wrote into it, and from now on with what is written into it. */
  remembering(): GraphValue {
    return new GraphValue(this.parts, true);
  }

  /** One object for the whole of a render. */
  value(): Value {
    this.kept ??= toValue(this.parts());
    this.current ??= copied(this.kept, new Set(Object.values(this.parts())));
    return this.current;
  }

  /** @param isDone false when the render will be repeated, because it asked the warehouse something */
  endRender(isDone: boolean): void {
    if (this.remembers && isDone && this.current !== undefined) this.kept = this.current;
    this.current = undefined;
  }
}

/** What the graph says of a project: only models have the keys that are about models. */
export function graphOfManifest(manifest: Manifest): GraphValue {
  let parts: Readonly<Record<string, Value>> | undefined;
  return new GraphValue(() => {
    parts ??= partsOf(manifest);
    return parts;
  });
}

function partsOf(manifest: Manifest): Readonly<Record<string, Value>> {
  const nodes = Object.entries(manifest.nodes).map(([id, node]): readonly [NodeId, unknown] => [
    id,
    node.resource_type === 'model' ? node : withoutModelKeys(node),
  ]);
  const parts: Readonly<Record<keyof typeof EMPTY_GRAPH, unknown>> = {
    nodes: Object.fromEntries(nodes),
    sources: manifest.sources,
    exposures: manifest.exposures,
    groups: manifest.groups,
    metrics: manifest.metrics,
    semantic_models: manifest.semantic_models,
    saved_queries: manifest.saved_queries,
    unit_tests: manifest.unit_tests,
    macros: manifest.macros,
  };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, toValue(part)]));
}

/** What templates see while the nodes are being read. */
export const EMPTY_GRAPH = {
  nodes: {},
  sources: {},
  exposures: {},
  groups: {},
  metrics: {},
  semantic_models: {},
  saved_queries: {},
  unit_tests: {},
  macros: {},
} satisfies Json;

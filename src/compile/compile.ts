/**
 * Project → Manifest: renders, finds refs, links names, builds the DAG, and compiles a node's SQL for a run. Pure: what it must
 * know from the warehouse it asks for in values (`needs.ts`).
 *
 * This file is the room's front door.
 */
import type { Checked } from '../core/diagnostic.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { Span } from '../core/source.ts';
import type { JsonObject, Project } from '../project/project.ts';
import { NodeCompiler } from './compiled/node-compiler.ts';
import type { CallOutcome, CompileOutcome, CompileRequest, RenderOutcome } from './compiled/outcome.ts';
import { type Graph, graphOf } from './graph.ts';
import type { Resolver } from './links/resolver.ts';
import { type Manifest, withoutModelKeys } from './manifest.ts';
import { assembleManifest } from './nodes/assemble-manifest.ts';
import { parseNodes } from './nodes/parse-nodes.ts';
import type { CompileOptions } from './options.ts';
import type { ParsedTemplate } from './templates/parsed-template.ts';

export { cteName, type InjectedCte, withCtes } from './compiled/ephemeral.ts';
export type {
  Called,
  CallOutcome,
  Compiled,
  CompiledCheck,
  CompileOutcome,
  CompileRequest,
  Failed,
  Needs,
  NodeRelation,
  Rendered,
  RenderFacts,
  RenderOutcome,
} from './compiled/outcome.ts';
export type { Overrides } from './context/rendering.ts';
export { callInText } from './data-tests/call-in-text.ts';
export type { Graph } from './graph.ts';
export type * from './needs.ts';
export type { CompileOptions, Flags, KnownChecks, TemplateCache } from './options.ts';
export type { ParsedTemplate } from './templates/parsed-template.ts';

/** A project that was understood. All methods are pure: the same request gets the same answer. */
export interface Compiler {
  readonly manifest: Manifest;
  readonly graph: Graph;
  /** Facts of every file with SQL; hand them to the next run as `reuse`. */
  readonly parsedTemplates: ReadonlyMap<string, ParsedTemplate>;
  /** A node's SQL. Asks (`needs`) until every question is answered: call it again with `answers` one longer. */
  compileNode(id: NodeId, request?: CompileRequest): CompileOutcome;
  /** SQL that is in no file, with all names of the project. */
  compileInline(sql: string, request?: CompileRequest): CompileOutcome;
  /** A hook's text with the names of its node: a model's pre- or post-hook, or `raw_code` of an on-run operation. */
  renderHook(id: NodeId, text: string, request?: CompileRequest): RenderOutcome;
  /** A macro by name, as `run-operation` calls it; with a node's names when `id` is given. */
  callMacro(name: string, args: JsonObject, request?: CompileRequest, id?: NodeId): CallOutcome;
  /** Where it is written: the test's own entry in YAML, the model's file. */
  placeOf(id: NodeId): Span | undefined;
  /** The node ref() or source() means when it is written in that package; undefined when nothing. */
  resolve(call: RefCall, fromPackage?: string): NodeId | undefined;
}

export type RefCall =
  | {
      readonly kind: 'ref';
      readonly name: string;
      readonly package?: string | null;
      readonly version?: string | number | null;
    }
  | { readonly kind: 'source'; readonly source: string; readonly table: string };

/** dbt's `graph`: only models have the keys that are about models. */
function graphValueOf(manifest: Manifest): Json {
  const nodes = Object.entries(manifest.nodes).map(([id, node]): readonly [NodeId, unknown] => [
    id,
    node.resource_type === 'model' ? node : withoutModelKeys(node),
  ]);
  return {
    nodes: Object.fromEntries(nodes) as Json, // nodes are JSON; interfaces have no index signature
    sources: manifest.sources as unknown as Json,
    exposures: manifest.exposures as unknown as Json,
    groups: manifest.groups as unknown as Json,
    metrics: manifest.metrics,
    semantic_models: manifest.semantic_models,
    saved_queries: manifest.saved_queries,
    unit_tests: manifest.unit_tests as unknown as Json,
    macros: manifest.macros as unknown as Json,
  };
}

/** Reads all models, tests and macros of a project and links them. The compiler is usable only when there are no errors. */
export function compileProject(project: Project, options: CompileOptions): Checked<Compiler> {
  let graphJson: Json | undefined;
  let parsed: Manifest | undefined;
  const graph = (): Json => {
    if (parsed === undefined) return EMPTY_GRAPH;
    graphJson ??= graphValueOf(parsed);
    return graphJson;
  };
  const { draft, resolver, places } = parseNodes(project, options, graph);
  const manifest = assembleManifest(draft);
  parsed = manifest;
  const nodes = new NodeCompiler(draft.world, manifest, resolver, places);
  const compiler: Compiler = {
    manifest,
    graph: graphOf(manifest.parent_map, manifest.child_map),
    parsedTemplates: draft.parsedTemplates,
    compileNode: (id, request = {}) => nodes.compile(id, request),
    compileInline: (sql, request = {}) => nodes.inline(sql, request),
    renderHook: (id, text, request = {}) => nodes.hook(id, text, request),
    callMacro: (name, args, request = {}, id = undefined) => nodes.call(name, args, request, id),
    placeOf: (id) =>
      (draft.nodes.get(id) ?? draft.unitTests.get(id) ?? draft.sources.get(id) ?? draft.exposures.get(id))?.at,
    resolve: (call, fromPackage = project.root.name) => resolved(resolver, call, fromPackage),
  };
  return { value: compiler, diagnostics: draft.diagnostics };
}

const EMPTY_GRAPH: Json = {
  nodes: {},
  sources: {},
  exposures: {},
  groups: {},
  metrics: {},
  semantic_models: {},
  saved_queries: {},
  unit_tests: {},
  macros: {},
};

function resolved(resolver: Resolver, call: RefCall, fromPackage: string): NodeId | undefined {
  const found =
    call.kind === 'source'
      ? resolver.source(call.source, call.table, fromPackage)
      : resolver.ref({ name: call.name, package: call.package ?? null, version: call.version ?? null }, fromPackage);
  return found.kind === 'found' ? found.node.unique_id : undefined;
}

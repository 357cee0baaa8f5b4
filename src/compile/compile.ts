/**
 * Project → Manifest: renders, finds refs, links names, builds the DAG, and compiles a node's SQL for a run. Pure: what it must
 * know from the warehouse it asks for in values (`needs.ts`).
 *
 * This file is the room's front door.
 */

import type { Checked } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Span } from '../core/source.ts';
import type { Template } from '../jinja/jinja.ts';
import type { JsonObject, Project } from '../project/project.ts';
import { NodeCompiler } from './compiled/node-compiler.ts';
import type { CallOutcome, CompileOutcome, CompileRequest, RenderOutcome } from './compiled/outcome.ts';
import { type GraphValue, graphOfManifest } from './context/graph-value.ts';
import { type Graph, graphOf } from './graph.ts';
import type { Resolver } from './links/resolver.ts';
import type { Manifest } from './manifest.ts';
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

/** A project that was understood. The same request gets the same answer, but from one that is `remembering`. */
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
  /** One for a run: what templates write into `graph`, those after them find there. */
  remembering(): Compiler;
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

/** Reads all models, tests and macros of a project and links them. The compiler is usable only when there are no errors. */
export function compileProject(project: Project, options: CompileOptions): Checked<Compiler> {
  const { draft, resolver, places } = parseNodes(project, options);
  const manifest = assembleManifest(draft);
  const graph = graphOf(manifest.parent_map, manifest.child_map);
  const templates = new Map<NodeId, Template>();
  const compilerOver = (graphValue: GraphValue): Compiler => {
    const world = { ...draft.world, graph: () => graphValue.value() };
    const nodes = new NodeCompiler(world, manifest, resolver, places, templates);
    const ended = <Outcome extends CompileOutcome | CallOutcome | RenderOutcome>(outcome: Outcome): Outcome => {
      graphValue.endRender(outcome.kind !== 'needs');
      return outcome;
    };
    return {
      manifest,
      graph,
      parsedTemplates: draft.parsedTemplates,
      compileNode: (id, request = {}) => ended(nodes.compile(id, request)),
      compileInline: (sql, request = {}) => ended(nodes.inline(sql, request)),
      renderHook: (id, text, request = {}) => ended(nodes.hook(id, text, request)),
      callMacro: (name, args, request = {}, id = undefined) => ended(nodes.call(name, args, request, id)),
      remembering: () => compilerOver(graphValue.remembering()),
      placeOf: (id) =>
        (draft.nodes.get(id) ?? draft.unitTests.get(id) ?? draft.sources.get(id) ?? draft.exposures.get(id))?.at,
      resolve: (call, fromPackage = project.root.name) => resolved(resolver, call, fromPackage),
    };
  };
  return { value: compilerOver(graphOfManifest(manifest)), diagnostics: draft.diagnostics };
}

function resolved(resolver: Resolver, call: RefCall, fromPackage: string): NodeId | undefined {
  const found =
    call.kind === 'source'
      ? resolver.source(call.source, call.table, fromPackage)
      : resolver.ref({ name: call.name, package: call.package ?? null, version: call.version ?? null }, fromPackage);
  return found.kind === 'found' ? found.node.unique_id : undefined;
}

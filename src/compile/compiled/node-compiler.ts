import type { Json, NodeId } from '../../core/node-id.ts';
import {
  callValue,
  type Outcome,
  parseTemplate,
  render,
  type Template,
  textOf,
  toValue,
  type Value,
} from '../../jinja/jinja.ts';
import { contextMembers } from '../context/context-members.ts';
import { relationSql } from '../context/relation-value.ts';
import { Rendering, type World } from '../context/rendering.ts';
import { resultValue } from '../context/result-value.ts';
import type { Resolver } from '../links/resolver.ts';
import type { Macro } from '../macros/macro-library.ts';
import type { GraphNode, Manifest } from '../manifest.ts';
import { NO_RESULTS } from '../nodes/node-factory.ts';
import { withNames } from '../printed-names.ts';
import { keptTemplate } from '../templates/kept-template.ts';
import { templateOptions } from '../templates/template-options.ts';
import {
  type Attempt,
  blamed,
  factsOf,
  failed,
  guarded,
  joined,
  jsonOf,
  type Step,
  type Stopped,
  stepOf,
} from './attempt.ts';
import { cteName, type InjectedCte, withCtes } from './ephemeral.ts';
import { NodeSubject } from './node-subject.ts';
import type { CallOutcome, CompileOutcome, CompileRequest, RenderFacts, RenderOutcome } from './outcome.ts';
import { testArgument, testedRelation } from './test-arguments.ts';

/** Renders nodes, hooks and operations for a run. */
export class NodeCompiler {
  private readonly world: World;
  private readonly manifest: Manifest;
  private readonly resolver: Resolver;
  /** The file and offset each node's SQL stands at, for places in messages. */
  private readonly places: ReadonlyMap<NodeId, { readonly file: string; readonly offset: number }>;
  /** Read so far; several compilers of a project may share them. */
  private readonly templates: Map<NodeId, Template>;

  constructor(
    world: World,
    manifest: Manifest,
    resolver: Resolver,
    places: ReadonlyMap<NodeId, { readonly file: string; readonly offset: number }>,
    templates: Map<NodeId, Template>,
  ) {
    this.world = world;
    this.manifest = manifest;
    this.resolver = resolver;
    this.places = places;
    this.templates = templates;
  }

  compile(id: NodeId, request: CompileRequest): CompileOutcome {
    const node = this.manifest.nodes[id];
    if (node === undefined)
      return failed({ code: 'compile/unknown-node', message: `there is no node \`${id}\` to compile` });
    if (node.resource_type === 'seed') return compiledSeed(node);
    const attempt = this.attempt(node, request, node.depends_on.nodes);
    if (node.resource_type === 'test' && node.test_metadata !== undefined) return this.genericTest(node, attempt);
    const code = this.rendered(node, attempt);
    if (code.kind !== 'done') return code;
    return this.withEphemerals(attempt, request, withNames(code.value, attempt.subject.narrowed));
  }

  /** A text with the names of a whole project: `dql compile --inline`, `run-operation --sql`. */
  inline(text: string, request: CompileRequest): CompileOutcome {
    const attempt = this.attempt(null, request, null);
    const { value: template, diagnostics } = parseTemplate({ path: '<inline>', text }, {});
    if (template === undefined) return { kind: 'failed', diagnostics };
    const code = stepOf(render(template, attempt.rendering.scope()));
    return code.kind === 'done' ? this.withEphemerals(attempt, request, code.value) : code;
  }

  /** A hook's text with the names of its node; `id` may be an operation of on-run-start or -end. */
  hook(id: NodeId, text: string, request: CompileRequest): RenderOutcome {
    const node = this.manifest.nodes[id] ?? null;
    const attempt = this.attempt(node, request, null);
    const { value: template, diagnostics } = parseTemplate({ path: node?.original_file_path ?? '<hook>', text }, {});
    if (template === undefined) return { kind: 'failed', diagnostics };
    const outcome = stepOf(render(template, attempt.rendering.scope()));
    if (outcome.kind !== 'done') return blamed(outcome, node);
    return { kind: 'rendered', text: outcome.value, ...factsOf(attempt) };
  }

  /** Calls a macro by name (`pivot`, `dbt_utils.star`), with JSON arguments and, if given, the names of a node. */
  call(name: string, args: Readonly<Record<string, Json>>, request: CompileRequest, id?: NodeId): CallOutcome {
    const root = this.world.project.root.name;
    const macro = this.world.library.findDotted(name, root);
    if (macro === undefined)
      return failed({
        code: 'compile/unknown-macro',
        message: `there is no macro \`${name}\``,
        hint: this.world.library.suggestion(name, root),
      });
    const node = id === undefined ? null : (this.manifest.nodes[id] ?? null);
    const attempt = this.attempt(node, request, null);
    const named = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, toValue(value)]));
    const outcome = stepOf(callValue(attempt.rendering.macro(macro), [], named, undefined, attempt.rendering.scope()));
    if (outcome.kind !== 'done') return outcome;
    return { kind: 'called', value: jsonOf(outcome.value), ...factsOf(attempt) };
  }

  private attempt(node: GraphNode | null, request: CompileRequest, mayRead: readonly NodeId[] | null): Attempt {
    const packageName = node?.package_name ?? this.world.project.root.name;
    const subject = new NodeSubject(
      { node, packageName, mayRead: mayRead === null ? null : new Set(mayRead) },
      request,
      this.resolver,
    );
    const extra: Record<string, Value> = node?.resource_type === 'operation' ? { ...NO_RESULTS } : {};
    for (const [name, value] of Object.entries(request.extra ?? {}))
      extra[name] = name === 'results' ? resultValue(value, this.manifest) : toValue(value);
    const rendering = new Rendering(
      this.world,
      subject,
      {
        execute: request.execute !== false,
        answers: request.answers ?? [],
        ...(request.overrides === undefined ? {} : { overrides: request.overrides }),
        extra,
      },
      contextMembers,
    );
    return { subject, rendering, request };
  }

  private rendered(node: GraphNode, { rendering }: Attempt): Step<string> {
    const template = this.template(node);
    if (template.kind !== 'done') return template;
    const step = stepOf(render(template.value, rendering.scope()));
    return step.kind === 'done' ? { kind: 'done', value: step.value.trim() } : blamed(step, node);
  }

  private template(node: GraphNode): Step<Template> {
    const known = this.templates.get(node.unique_id);
    if (known !== undefined) return { kind: 'done', value: known };
    const place = this.places.get(node.unique_id) ?? { file: node.original_file_path, offset: 0 };
    const file = { path: place.file, text: node.raw_code };
    const options = templateOptions(this.world.project, node.package_name, place.offset);
    const { value, diagnostics } = keptTemplate(file, options, this.world.options.templates);
    if (value === undefined) return { kind: 'failed', diagnostics };
    this.templates.set(node.unique_id, value);
    return { kind: 'done', value };
  }

  /** Compiles the ephemeral models that were read, and theirs, and puts them before the query. */
  private withEphemerals(attempt: Attempt, request: CompileRequest, code: string): CompileOutcome {
    const ctes = this.ctes(attempt, request);
    if (ctes.kind !== 'done') return ctes;
    const { list, facts } = ctes.value;
    return { kind: 'compiled', sql: withCtes(code, list), code, ctes: list, ...facts };
  }

  private ctes(
    attempt: Attempt,
    request: CompileRequest,
  ): Step<{ readonly list: readonly InjectedCte[]; readonly facts: RenderFacts }> {
    const list = new Map<NodeId, InjectedCte>();
    let facts = factsOf(attempt);
    const add = (id: NodeId): Stopped | undefined => {
      const node = this.manifest.nodes[id];
      if (node === undefined || list.has(id)) return undefined;
      // One list of answers serves the whole query: the ephemeral model's questions follow those asked before.
      const answers = (request.answers ?? []).slice(facts.asked.length);
      const { thisRelation: _, ...same } = request;
      const inner = this.attempt(node, { ...same, answers, isIncremental: false }, node.depends_on.nodes);
      const code = this.rendered(node, inner);
      if (code.kind !== 'done') return code;
      facts = joined(facts, factsOf(inner));
      for (const parent of inner.subject.ephemerals) {
        const stopped = add(parent);
        if (stopped !== undefined) return stopped;
      }
      list.set(id, { id, name: cteName(node.alias), sql: code.value });
      return undefined;
    };
    for (const id of attempt.subject.ephemerals) {
      const stopped = add(id);
      if (stopped !== undefined) return stopped;
    }
    return { kind: 'done', value: { list: [...list.values()], facts } };
  }

  private genericTest(node: GraphNode, attempt: Attempt): CompileOutcome {
    const { test_metadata: test } = node;
    if (test === undefined) throw new Error(`${node.unique_id} is no generic test`);
    const { library } = this.world;
    const name = `test_${test.name}`;
    const macro = test.namespace === null ? library.plain(name, node.package_name) : library.in(test.namespace, name);
    const kwargs = new Map<string, Value>();
    for (const [key, value] of Object.entries(test.kwargs)) {
      if (key === 'model') continue;
      const argument =
        key === 'column_name'
          ? { kind: 'done' as const, value: value as Value }
          : testArgument(value, node.original_file_path, attempt);
      if (argument.kind !== 'done') return blamed(argument, node);
      kwargs.set(key, argument.value);
    }
    const tested = testedRelation(test.kwargs['model'], attempt);
    if (tested.kind !== 'done') return blamed(tested, node);
    return macro === undefined
      ? this.check(node, attempt, kwargs, tested.value)
      : this.userTest(node, attempt, macro, kwargs, tested.value);
  }

  private userTest(
    node: GraphNode,
    attempt: Attempt,
    macro: Macro,
    kwargs: ReadonlyMap<string, Value>,
    tested: Value,
  ): CompileOutcome {
    const model = stepOf(this.subquery(attempt, node, tested));
    if (model.kind !== 'done') return blamed(model, node);
    const step = stepOf(
      callValue(
        attempt.rendering.macro(macro),
        [],
        { model: model.value, ...Object.fromEntries(kwargs) },
        undefined,
        attempt.rendering.scope(),
      ),
    );
    if (step.kind !== 'done') return blamed(step, node);
    return this.withEphemerals(attempt, attempt.request, textOf(step.value).trim());
  }

  private check(node: GraphNode, attempt: Attempt, kwargs: ReadonlyMap<string, Value>, tested: Value): CompileOutcome {
    const { test_metadata: test } = node;
    if (test === undefined) throw new Error(`${node.unique_id} is no generic test`);
    const own = this.world.library.plain('get_where_subquery', node.package_name);
    const where = node.config['where'];
    let relation = relationSql(tested);
    if (own !== undefined) {
      const wrapped = stepOf(this.subquery(attempt, node, tested));
      if (wrapped.kind !== 'done') return blamed(wrapped, node);
      relation = relationSql(wrapped.value);
    }
    const ctes = this.ctes(attempt, attempt.request);
    if (ctes.kind !== 'done') return ctes;
    const plain = guarded(() =>
      Object.fromEntries(
        [...kwargs].filter(([key]) => key !== 'column_name').map(([key, value]) => [key, jsonOf(value)]),
      ),
    );
    if (plain.kind !== 'done') return blamed(plain, node);
    // Written under a model instead of a column.
    const given = kwargs.get('column_name');
    return {
      kind: 'check',
      name: test.namespace === null ? test.name : `${test.namespace}.${test.name}`,
      kwargs: plain.value,
      columnName: node.column_name ?? (typeof given === 'string' ? given : null),
      relation,
      where: own === undefined && typeof where === 'string' && where !== '' ? where : null,
      ctes: ctes.value.list,
      ...ctes.value.facts,
    };
  }

  private subquery({ rendering }: Attempt, node: GraphNode, relation: Value): Outcome<Value> {
    const macro = this.world.library.find('get_where_subquery', node.package_name);
    if (macro === undefined) throw new Error('get_where_subquery is one of our own macros');
    return callValue(rendering.macro(macro), [relation]);
  }
}

const compiledSeed = (node: GraphNode): CompileOutcome => ({
  kind: 'compiled',
  sql: '',
  code: '',
  ctes: [],
  logs: [],
  asked: [],
  readsTime: false,
  varsRead: {},
  envRead: {},
  macrosUsed: [],
  nodesRead: [...node.depends_on.nodes],
});

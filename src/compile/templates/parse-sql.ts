import { hash as digest } from 'node:crypto';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json } from '../../core/node-id.ts';
import type { SourceFile } from '../../core/source.ts';
import { type Outcome, parseTemplate, render, type StaticCall, type Template, type Value } from '../../jinja/jinja.ts';
import { contextMembers } from '../context/context-members.ts';
import { relationValue } from '../context/relation-value.ts';
import { Rendering, type World } from '../context/rendering.ts';
import { literalReferences } from './literal-references.ts';
import type { ParsedRef, ParsedSource, ParsedTemplate, UsedName } from './parsed-template.ts';
import { templateOptions } from './template-options.ts';
import { toldOfBatch } from './told-of-batch.ts';

/** A piece of SQL in a file: the whole of it, or what a snapshot block holds. */
export interface SqlText {
  readonly file: SourceFile;
  /** The piece; `offset` is where it begins in the file. */
  readonly text: string;
  readonly offset: number;
}

/** What rendering at parse time needs beyond the text. */
export interface ParseContext {
  readonly world: World;
  readonly packageName: string;
  readonly name: string;
  readonly model: () => Json;
  /** The configuration without this file's own config() calls, which are handed in. */
  readonly config: (calls: Readonly<Record<string, Json>>) => Readonly<Record<string, Json>>;
  /** Merges one config() call over the ones before it. */
  readonly merge: (
    before: Readonly<Record<string, Json>>,
    call: Readonly<Record<string, Json>>,
  ) => Readonly<Record<string, Json>>;
  /** Fingerprint of everything beyond the text that a rendered result depends on. */
  readonly worldHash: string;
  /** Further names, as on-run-end has them. */
  readonly extra?: Readonly<Record<string, Value>>;
}

export interface ParseResult {
  readonly parsed: ParsedTemplate;
  readonly diagnostics: readonly Diagnostic[];
}

export const sha256 = (text: string): string => digest('sha256', text);

/** Parses a piece of SQL: by its literal calls where it has no others, else by rendering it with `execute` false. */
export function parseSql(sql: SqlText, hash: string, context: ParseContext): ParseResult {
  const bare = {
    hash,
    world: '',
    refs: [],
    sources: [],
    config: {},
    unrenderedConfig: {},
    names: [],
    macros: [],
    varsRead: {},
    envRead: {},
    literalReferences: literalReferences(sql.text),
  };
  const { value: template, diagnostics } = parseTemplate(
    { path: sql.file.path, text: sql.text },
    templateOptions(context.world.project, context.packageName, sql.offset),
  );
  if (template === undefined) return { parsed: bare, diagnostics };
  if (template.plain) return { parsed: bare, diagnostics };
  const facts = literalFacts(sql.text, template, context);
  const names = usedNames(template);
  if (facts !== undefined) return { parsed: { ...bare, ...facts, unrenderedConfig: facts.config, names }, diagnostics };
  const rendered = factsWhile(context, (rendering) => render(template, rendering.scope()));
  // What the template calls with literals still counts when the render failed, so that one mistake does not hide others.
  const seen =
    rendered.diagnostic === undefined ? {} : staticCalls(template, rendered.facts.refs, rendered.facts.sources);
  return {
    parsed: { ...bare, ...rendered.facts, ...seen, names },
    diagnostics: rendered.diagnostic === undefined ? diagnostics : [...diagnostics, rendered.diagnostic],
  };
}

interface LiteralFacts {
  readonly refs: readonly ParsedRef[];
  readonly sources: readonly ParsedSource[];
  readonly config: Readonly<Record<string, Json>>;
}

/** The facts of a template that only calls ref, source and config with literals and has no statements; undefined for others. */
function literalFacts(text: string, template: Template, context: ParseContext): LiteralFacts | undefined {
  if (text.includes('{%')) return undefined;
  for (const { name } of template.freeNames) if (!PASSIVE.has(name)) return undefined;
  const refs: ParsedRef[] = [];
  const sources: ParsedSource[] = [];
  let config: Readonly<Record<string, Json>> = {};
  for (const call of template.calls) {
    if (call.name === 'ref') {
      const ref = literalRef(call);
      if (ref === undefined) return undefined;
      refs.push(ref);
    } else if (call.name === 'source') {
      const [source, table] = call.positional;
      if (typeof source !== 'string' || typeof table !== 'string') return undefined;
      sources.push({ source, table, at: [call.at.start, call.at.end] });
    } else if (call.name === 'config') {
      const named: Record<string, Json> = {};
      for (const [key, value] of Object.entries(call.named)) {
        if (value === undefined) return undefined;
        named[key] = value;
      }
      if (call.positional.length > 0) return undefined;
      config = context.merge(config, named);
    } else return undefined;
  }
  return { refs, sources, config };
}

/** Names whose value cannot change which refs a template has. */
const PASSIVE: ReadonlySet<string> = new Set(['ref', 'source', 'config', 'this']);

export function literalRef(call: StaticCall): ParsedRef | undefined {
  const { positional, named } = call;
  const [first, second] = positional;
  const version = named['version'] ?? named['v'] ?? null;
  if (typeof first !== 'string' || positional.length > 2) return undefined;
  if (positional.length === 2 && typeof second !== 'string') return undefined;
  if (Object.values(named).includes(undefined)) return undefined;
  if (version !== null && typeof version !== 'string' && typeof version !== 'number') return undefined;
  const at = [call.at.start, call.at.end] as const;
  return typeof second === 'string'
    ? { name: second, package: first, version, at }
    : { name: first, package: null, version, at };
}

/** Names somebody must define, each once: calls dotted as written, other names as they are. */
export function usedNames(template: Pick<Template, 'calls' | 'freeNames'>): readonly UsedName[] {
  const names = new Map<string, UsedName>();
  const free = new Set(template.freeNames.map(({ name }) => name));
  for (const { name, at } of template.calls) {
    const [root = name] = name.split('.', 1);
    // Calls on what the template itself binds (loop variables, parameters) are nobody else's business.
    if (CORE.has(root) || !free.has(root) || names.has(name)) continue;
    names.set(name, { name, at: [at.start, at.end], called: true });
  }
  const called = new Set([...names.keys()].map((name) => name.split('.', 1)[0]));
  for (const { name, at } of template.freeNames)
    if (!CORE.has(name) && !called.has(name) && !names.has(name))
      names.set(name, { name, at: [at.start, at.end], called: false });
  return [...names.values()];
}

const CORE: ReadonlySet<string> = new Set(['ref', 'source', 'config', 'this', 'var', 'env_var', 'target', 'execute']);

/** What a render used and said. */
export type RenderedFacts = Pick<
  ParsedTemplate,
  'refs' | 'sources' | 'world' | 'config' | 'unrenderedConfig' | 'macros' | 'varsRead' | 'envRead'
>;

/** Renders with `execute` false and answers what it came to until it was done or failed. */
export function factsWhile(
  context: ParseContext,
  work: (rendering: Rendering) => Outcome<unknown>,
): { readonly facts: RenderedFacts; readonly diagnostic: Diagnostic | undefined } {
  const refs: ParsedRef[] = [];
  const sources: ParsedSource[] = [];
  let config: Readonly<Record<string, Json>> = {};
  const { target } = context.world.project;
  const self = () => ({ database: target.database, schema: target.schema, identifier: context.name, type: null });
  const rendering = new Rendering(
    context.world,
    {
      packageName: context.packageName,
      model: context.model,
      thisRelation: self,
      ref: (asked, site) => {
        refs.push({ ...asked, at: [site.at.start, site.at.end] });
        return relationValue({ ...self(), identifier: asked.name });
      },
      source: (source, table, site) => {
        sources.push({ source, table, at: [site.at.start, site.at.end] });
        return relationValue({ ...self(), schema: source, identifier: table });
      },
      configure: (values) => {
        config = context.merge(config, values);
      },
      config: () => context.config(config),
      isIncremental: () => false,
    },
    { execute: false, ...(context.extra === undefined ? {} : { extra: context.extra }) },
    contextMembers,
  );
  const outcome = work(rendering);
  return {
    facts: {
      refs,
      sources,
      world: context.worldHash,
      config,
      unrenderedConfig: config,
      macros: [...rendering.macrosUsed],
      varsRead: rendering.varsRead,
      envRead: rendering.envRead,
    },
    diagnostic:
      outcome.kind === 'failed'
        ? toldOfBatch(outcome.diagnostic)
        : outcome.kind === 'needs'
          ? {
              code: 'compile/asks-while-parsing',
              severity: 'error',
              message: 'this template asks the warehouse while it is only being read',
              hint: 'put the question inside {% if execute %}',
            }
          : undefined,
  };
}

function staticCalls(
  template: Template,
  refs: readonly ParsedRef[],
  sources: readonly ParsedSource[],
): { readonly refs: readonly ParsedRef[]; readonly sources: readonly ParsedSource[] } {
  const literal = literalReferencesOf(template);
  return {
    refs: [...refs, ...literal.refs.filter((ref) => !refs.some((known) => known.name === ref.name))],
    sources: [
      ...sources,
      ...literal.sources.filter(
        (found) => !sources.some((known) => known.source === found.source && known.table === found.table),
      ),
    ],
  };
}

/** The ref() and source() calls of a template whose arguments are literals, wherever they stand. */
export function literalReferencesOf(template: Pick<Template, 'calls'>): {
  readonly refs: readonly ParsedRef[];
  readonly sources: readonly ParsedSource[];
} {
  const refs: ParsedRef[] = [];
  const sources: ParsedSource[] = [];
  for (const call of template.calls) {
    const ref = call.name === 'ref' ? literalRef(call) : undefined;
    if (ref !== undefined) refs.push(ref);
    const [source, table] = call.positional;
    if (call.name === 'source' && typeof source === 'string' && typeof table === 'string')
      sources.push({ source, table, at: [call.at.start, call.at.end] });
  }
  return { refs, sources };
}

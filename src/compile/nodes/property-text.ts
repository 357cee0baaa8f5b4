import { didYouMean } from '../../core/nearest.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import type { Span } from '../../core/source.ts';
import {
  evaluate,
  hostFunction,
  parseTemplate,
  render,
  TemplateError,
  textOf,
  toJson,
  type Value,
} from '../../jinja/jinja.ts';
import { checkConfig } from '../../project/check-config.ts';
import type { JsonObject } from '../../project/project.ts';
import { contextMembers } from '../context/context-members.ts';
import { Rendering } from '../context/rendering.ts';
import { literalReferencesOf } from '../templates/parse-sql.ts';
import type { ParsedRef, ParsedSource } from '../templates/parsed-template.ts';
import type { Draft } from './draft.ts';

/** A text of a property file with its templates rendered, and the docs blocks it used. */
export interface RenderedText {
  readonly text: string;
  readonly docs: readonly NodeId[];
}

const ONE_DOC = /^\s*\{\{\s*doc\(\s*(?:'([^'\\]+)'|"([^"\\]+)")\s*\)\s*\}\}\s*$/;

/** Renders descriptions, configuration and other texts of property files: doc(), var(), env_var() and target are what they may use. */
export class PropertyTexts {
  private readonly draft: Draft;

  constructor(draft: Draft) {
    this.draft = draft;
  }

  /** A description; what goes wrong is reported and the text stays as written. */
  describe(text: string | null | undefined, packageName: string, at: () => Span): RenderedText {
    if (text === null || text === undefined) return NOTHING;
    if (!text.includes('{{') && !text.includes('{%')) return { text, docs: [] };
    const used = new Set<NodeId>();
    const simple = ONE_DOC.exec(text);
    if (simple !== null) {
      const found = this.docBlock([simple[1] ?? simple[2] ?? ''], packageName);
      if (typeof found !== 'string') return { text: found.contents, docs: [found.id] };
    }
    const { value: template, diagnostics } = parseTemplate({ path: at().file, text }, {});
    if (template === undefined) {
      for (const diagnostic of diagnostics) this.draft.report({ ...diagnostic, at: at() });
      return { text, docs: [] };
    }
    const outcome = render(template, this.scope(packageName, used));
    if (outcome.kind === 'failed') this.draft.report({ ...outcome.diagnostic, at: at() });
    return { text: outcome.kind === 'done' ? outcome.value : text, docs: [...used] };
  }

  /** Every text in a value rendered; a lone `{{ expression }}` keeps its type. */
  value(value: Json, packageName: string, at: () => Span): Json {
    if (typeof value === 'string') return this.native(value, packageName, at);
    if (typeof value !== 'object' || value === null || !hasTemplate(value)) return value;
    if (Array.isArray(value)) return value.map((item) => this.value(item, packageName, at));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.value(inner, packageName, at)]));
  }

  /**
   * A `config:` map. Hooks keep their templates, they are rendered when they run. What was rendered is checked, and texts from
   * env_var() become the numbers and booleans their keys want.
   */
  config(
    kind: Parameters<typeof checkConfig>[0],
    written: JsonObject | null | undefined,
    packageName: string,
    at: () => Span,
  ): JsonObject {
    if (written === null || written === undefined) return {};
    if (!hasTemplate(written)) return written;
    const entries = Object.entries(written);
    const late = Object.fromEntries(entries.filter(([key]) => RENDERED_LATE.test(key)));
    const early = Object.fromEntries(entries.filter(([key]) => !RENDERED_LATE.test(key)));
    const rendered = Object.fromEntries(
      Object.entries(early).map(([key, value]) => [key, this.value(value, packageName, at)]),
    );
    const checked = checkConfig(kind, { rendered, written: early }, { span: at, keySpan: at }, 'this configuration');
    for (const diagnostic of checked.diagnostics) this.draft.report(diagnostic);
    return { ...checked.value, ...late };
  }

  /** The literal refs and sources in a text that is rendered later; what is wrong with it as a template is reported now. */
  references(
    text: string,
    at: () => Span,
  ): { readonly refs: readonly ParsedRef[]; readonly sources: readonly ParsedSource[] } {
    const { value: template, diagnostics } = parseTemplate({ path: at().file, text }, {});
    for (const diagnostic of diagnostics) this.draft.report({ ...diagnostic, at: at() });
    return template === undefined ? { refs: [], sources: [] } : literalReferencesOf(template);
  }

  private native(text: string, packageName: string, at: () => Span): Json {
    if (!text.includes('{{') && !text.includes('{%')) return text;
    const { value: template, diagnostics } = parseTemplate({ path: at().file, text }, {});
    if (template === undefined) {
      for (const diagnostic of diagnostics) this.draft.report({ ...diagnostic, at: at() });
      return text;
    }
    const outcome = evaluate(template, this.scope(packageName, new Set()));
    if (outcome.kind === 'done') return toJson(outcome.value);
    if (outcome.kind === 'failed') this.draft.report({ ...outcome.diagnostic, at: at() });
    return text;
  }

  private scope(packageName: string, used: Set<NodeId>) {
    const doc: Value = hostFunction('doc', (call) => {
      const found = this.docBlock(call.positional.map(textOf), packageName);
      if (typeof found === 'string')
        throw new TemplateError(found, {
          code: 'compile/unknown-doc',
          hint: this.docHint(call.positional.map(textOf)),
        });
      used.add(found.id);
      return found.contents;
    });
    const refuse = (verb: string) => (): never => {
      throw new TemplateError(`${verb}() cannot be used in a property file`, { code: 'compile/not-in-properties' });
    };
    return new Rendering(
      this.draft.world,
      {
        packageName,
        model: () => null,
        thisRelation: () => null,
        ref: refuse('ref'),
        source: refuse('source'),
        configure: refuse('config'),
        config: () => ({}),
        isIncremental: () => false,
      },
      { execute: false, extra: { doc } },
      contextMembers,
    ).scope();
  }

  private docBlock(
    names: readonly string[],
    packageName: string,
  ): { readonly id: NodeId; readonly contents: string } | string {
    const { docs, world } = this.draft;
    const [first = '', second] = names;
    const packages =
      second === undefined
        ? [packageName, world.project.root.name, ...world.project.packages.map(({ name }) => name)]
        : [first];
    const name = second ?? first;
    for (const candidate of packages) {
      const id = `doc.${candidate}.${name}`;
      const found = docs.get(id);
      if (found !== undefined) return { id, contents: found.block_contents };
    }
    return `there is no docs block \`${names.join('.')}\``;
  }

  private docHint(names: readonly string[]): string {
    const known = [...this.draft.docs.values()].map((doc) => doc.name);
    return (
      didYouMean(names.at(-1) ?? '', known) ?? `define it in a .md file: {% docs ${names.at(-1)} %} … {% enddocs %}`
    );
  }
}

const RENDERED_LATE = /^(?:pre|post)[-_]hook$|^sql_header$/;

const NOTHING: RenderedText = { text: '', docs: [] };

function hasTemplate(value: Json): boolean {
  if (typeof value === 'string') return value.includes('{{') || value.includes('{%');
  if (typeof value !== 'object' || value === null) return false;
  for (const inner of Object.values(value)) if (hasTemplate(inner)) return true;
  return false;
}

/** What this room takes and answers. The front door, `jinja.ts`, hands these on. */

import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json } from '../core/node-id.ts';
import type { SourceFile, Span } from '../core/source.ts';
import type { Value } from './values.ts';

export type { Value } from './values.ts';

export interface TemplateOptions {
  /** Defaults are dbt's, which are Jinja2's: trim and lstrip off, one trailing newline dropped. */
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly keepTrailingNewline?: boolean;
  /** Where in the file the text begins, when it is a piece of a larger file (a YAML string): added to every offset. Default 0. */
  readonly offset?: number;
  /**
   * What becomes of undefined names and attributes. Default `strict`: an undefined name may only be tested (`is defined`) or
   * defaulted, a missing attribute is false and empty but never prints. The others are Jinja2's: `lenient` its default, `chainable`, `debug`.
   */
  readonly undefined?: 'strict' | 'lenient' | 'chainable' | 'debug';
  /** Markdown: only `{% docs %}` blocks count, every other tag is text. Default false. */
  readonly docsOnly?: boolean;
}

export interface RenderOptions {
  /** Characters; past it the render fails. Default 64 Mi. */
  readonly maxOutput?: number;
  /** Answers `import`, `include` and `extends`; without it there are no templates by name. */
  readonly templates?: (name: string) => Template | undefined;
}

/** What a host object can do; what is left out answers as a plain Python object would. */
export interface HostMembers {
  /** The type's name, for messages: `Relation`. */
  readonly name: string;
  /** An attribute, or undefined: then it is missing as in Jinja2, and printing or calling it is an error with a did-you-mean. */
  get(attribute: string): Value | undefined;
  /** Whether the attribute exists, where asking `get` would cost or have an effect. */
  hasAttribute?(attribute: string): boolean;
  /** Attribute names, for did-you-mean. */
  names?(): Iterable<string>;
  /** What it prints. Default `<name>`. */
  text?(): string;
  /** Whether `is mapping` holds; dbt's packages recognise a relation by it. Default false. */
  readonly isMapping?: boolean;
  /** Makes the object callable. */
  readonly call?: HostCall;
  equals?(other: Value): boolean;
  /** What `in`, dict keys and sets compare by; equal objects need the same. Default: the object itself. */
  hash?(): string;
  iterate?(): Iterable<Value>;
  /** `object[key]`; undefined falls back to attributes. */
  item?(key: Value): Value | undefined;
  length?(): number;
  truth?(): boolean;
  /** What stands for it in JSON (`tojson`, `toJson`). Default: it has none, which is an error. */
  json?(): Value;
}

/** A call the parser saw, e.g. `ref('orders')` or `adapter.dispatch('x', 'y')`, whether or not it will run. */
export interface StaticCall {
  /** Dotted as written: `ref`, `config.get`, `dbt_utils.star`. */
  readonly name: string;
  /** Literal arguments as JSON; `undefined` where an argument is not a literal. */
  readonly positional: readonly (Json | undefined)[];
  readonly named: Readonly<Record<string, Json | undefined>>;
  readonly at: Span;
  /** Spans of the positional arguments, for carets under the name itself. */
  readonly argumentSpans: readonly Span[];
}

/** A name read from the scope (never one the template itself binds), and where. Guarded ones (`is defined`, `default`) are left out. */
export interface FreeName {
  readonly name: string;
  readonly at: Span;
}

/** A top-level block that defines something. */
export interface Block {
  readonly kind: 'macro' | 'test' | 'materialization' | 'snapshot' | 'docs';
  /** As written after the tag: `cents_to_dollars`. */
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly hasDefault: boolean;
  }[];
  /** materialization only: `default` or the adapter's name, and supported languages. */
  readonly options: Readonly<Record<string, Json>>;
  readonly at: Span;
  /** The whole block as written, tags included (dbt's macro_sql); for docs and snapshots `body` is what is between the tags. */
  readonly text: string;
  readonly body: string;
  readonly bodyStart: number;
  readonly calls: readonly StaticCall[];
  readonly freeNames: readonly FreeName[];
}

/** A parsed template; `program` is private to this room. */
export interface Template {
  readonly file: SourceFile;
  readonly blocks: readonly Block[];
  /** Calls and free names outside the blocks. */
  readonly calls: readonly StaticCall[];
  readonly freeNames: readonly FreeName[];
  /** True when the text has no tag at all: its rendering is itself. */
  readonly plain: boolean;
  readonly program: unknown;
}

/** The names a template can read. Looked up lazily, so a scope of thousands of macros costs nothing. */
export interface Scope {
  lookup(name: string): Value | undefined;
  /** For did-you-mean only. */
  names(): Iterable<string>;
}

export interface MacroFrame {
  readonly macro: string;
  /** Where the macro was called from. */
  readonly at: Span;
}

export interface CallSite {
  readonly at: Span;
  /** Innermost macro first; empty when called from the template itself. */
  readonly stack: readonly MacroFrame[];
}

export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

export type HostCall = (call: CallArguments, site: CallSite) => Value;

/** What a render comes to. `needs`: a host function called `suspend(request)`; answer it and render again with a fresh scope. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'needs'; readonly request: unknown };

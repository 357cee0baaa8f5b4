import { builtins } from '../builtins/builtins.ts';
import type { Scope, Value } from '../contract.ts';
import type { Run } from '../run.ts';

/** What a slot holds before anything is assigned to it. */
export const MISSING: unique symbol = Symbol('missing');

/** A `{% block %}` of one template, ready to run in a context. */
export interface BlockBody {
  readonly required: boolean;
  readonly render: (frame: Frame, blocks: TemplateBlocks, depth: number) => void;
}

/** For each block name its versions, the most derived template's first. */
export type TemplateBlocks = Map<string, BlockBody[]>;

/** A template as inheritance sees it. */
export interface RunnableTemplate {
  readonly blocks: ReadonlyMap<string, BlockBody>;
  runRoot(run: Run, context: Context): void;
}

/** The names outside a template: what it was handed, what its top level assigned. */
export class Context {
  readonly scope: Scope;
  /** Top-level assignments: what blocks, included templates and importers see. */
  readonly variables = new Map<string, Value>();
  readonly blocks: TemplateBlocks = new Map();
  /** Set once a template said `extends`: its own text no longer counts. */
  extending = false;
  /** The template that takes over, and what was printed before `extends`. */
  parent: { readonly program: RunnableTemplate; readonly printed: string } | undefined;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** The value of a name that no enclosing block binds, or undefined. */
  resolve(name: string): Value | undefined {
    const own = this.variables.get(name);
    if (own !== undefined) return own;
    const given = this.scope.lookup(name);
    return given === undefined ? builtins.get(name) : given;
  }

  *names(): Iterable<string> {
    yield* this.variables.keys();
    yield* this.scope.names();
    yield* builtins.keys();
  }
}

/** The variables of one scope at run time; `parent` is the scope around it. */
export class Frame {
  readonly run: Run;
  readonly context: Context;
  readonly parent: Frame | undefined;
  readonly slots: Value[];
  constructor(run: Run, context: Context, parent: Frame | undefined, size: number) {
    this.run = run;
    this.context = context;
    this.parent = parent;
    this.slots = new Array<Value>(size).fill(MISSING);
  }
}

export type Evaluate = (frame: Frame) => Value;

/** Runs a statement; says how it ended. */
export type Execute = (frame: Frame) => Signal;
export type Signal = typeof NEXT | typeof BREAK | typeof CONTINUE | typeof RETURN;
export const NEXT = 0;
export const BREAK = 1;
export const CONTINUE = 2;
/** The value is in `run.returned`. */
export const RETURN = 3;

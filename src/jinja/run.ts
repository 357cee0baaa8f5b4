import type { Span } from '../core/source.ts';
import type { CallSite, MacroFrame, Scope, Template, Value } from './contract.ts';
import { TemplateError } from './values/template-error.ts';
import type { UndefinedMode } from './values/undefined.ts';

/** A macro being called, and who called it. */
export interface StackEntry {
  readonly macro: string;
  readonly at: Span;
  readonly outer: StackEntry | undefined;
}

/** Loop rounds and macro calls of one render; past it the template is taken to run for ever. */
const MOST_STEPS = 10_000_000;
const DEEPEST_CALLS = 400;

/** One render in progress. */
export class Run {
  /** What was printed so far, of the block being captured. */
  out = '';
  /** Where the engine is, for errors: set before everything that can fail. */
  at: Span;
  stack: StackEntry | undefined;
  /** What a `return` statement answered, on its way to its macro. */
  returned: Value;
  /** The scope of the macro being run: where the clock is found. */
  scope: Scope;
  depth = 0;
  steps = 0;
  readonly mode: UndefinedMode;
  readonly maxOutput: number;
  readonly templates: ((name: string) => Template | undefined) | undefined;
  /** What templates see that are imported without context. */
  readonly globals: Scope;
  /** `evaluate`: filters like `as_bool` convert. */
  readonly native: boolean;

  constructor(
    at: Span,
    scope: Scope,
    mode: UndefinedMode,
    more: {
      readonly maxOutput?: number | undefined;
      readonly templates?: ((name: string) => Template | undefined) | undefined;
      readonly globals?: Scope | undefined;
      readonly native?: boolean;
    } = {},
  ) {
    this.at = at;
    this.scope = scope;
    this.mode = mode;
    this.maxOutput = more.maxOutput ?? 1 << 26;
    this.templates = more.templates;
    this.globals = more.globals ?? scope;
    this.native = more.native ?? false;
  }

  /** Counts a loop round or a call, and looks whether there is already too much output. */
  step(): void {
    if (++this.steps > MOST_STEPS)
      throw new TemplateError('This template does not come to an end.', {
        code: 'jinja/endless',
        hint: 'it went through 10 million loop rounds and macro calls',
      });
    if (this.out.length > this.maxOutput) this.tooLong();
  }

  tooLong(): never {
    throw new TemplateError(`This template prints more than ${this.maxOutput} characters.`, { code: 'jinja/too-long' });
  }

  enter(macro: string, at: Span): void {
    this.step();
    if (++this.depth > DEEPEST_CALLS)
      throw new TemplateError(`\`${macro}\` calls itself without an end.`, {
        code: 'jinja/too-deep',
        hint: `${DEEPEST_CALLS} macro calls are inside one another`,
      });
    this.stack = { macro, at, outer: this.stack };
  }

  leave(): void {
    this.depth--;
    this.stack = this.stack?.outer;
  }
}

/** Where a host function was called; the chain of macros is only made when asked for. */
export class Site implements CallSite {
  readonly at: Span;
  private readonly entry: StackEntry | undefined;
  constructor(at: Span, entry: StackEntry | undefined) {
    this.at = at;
    this.entry = entry;
  }
  get stack(): readonly MacroFrame[] {
    return framesOf(this.entry);
  }
}

export function framesOf(entry: StackEntry | undefined): readonly MacroFrame[] {
  const frames: MacroFrame[] = [];
  for (let next = entry; next !== undefined; next = next.outer) frames.push({ macro: next.macro, at: next.at });
  return frames;
}

// Renders are synchronous, so the one in progress is known to everybody it calls without being handed through.
let current: Run | undefined;

/** The render in progress, if any. */
export const currentRun = (): Run | undefined => current;

/** Makes `run` the one in progress while `work` is done. */
export function during<T>(run: Run, work: () => T): T {
  const before = current;
  current = run;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** What is undefined here: strict unless the template in progress says otherwise. */
export const currentMode = (): UndefinedMode => current?.mode ?? 'strict';

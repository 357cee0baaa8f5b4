import type { Diagnostic } from '../core/diagnostic.ts';
import type { Span } from '../core/source.ts';
import { callIn } from './calling.ts';
import { placeName } from './compile/compiler.ts';
import { Context, Frame } from './compile/frame.ts';
import { lazily, Macro } from './compile/macro.ts';
import { Program } from './compile/program.ts';
import { strayReturn } from './compile/statement.ts';
import type { Block, MacroFrame, Outcome, RenderOptions, Scope, Template, Value } from './contract.ts';
import { currentRun, during, framesOf, Run } from './run.ts';
import { Returned, Suspension } from './signals.ts';
import { TemplateError } from './values/template-error.ts';

const NOWHERE: Span = { file: '', start: 0, end: 0 };
const NO_SCOPE: Scope = { lookup: () => undefined, names: () => [] };

/** Renders a template to text. Deterministic: everything it can know comes from the scope. */
export function render(template: Template, scope: Scope, options: RenderOptions = {}): Outcome<string> {
  const program = programOf(template);
  const run = new Run(wholeOf(template), scope, program.unit.mode, options);
  return guarded(run, () => {
    program.renderInto(run, scope);
    if (run.out.length > run.maxOutput) run.tooLong();
    return run.out;
  });
}

/**
 * The value of a template that is a single `{{ expression }}`, as Python has it; else its text. For values in YAML.
 * dbt's `as_bool`, `as_number` and `as_native` convert here.
 */
export function evaluate(template: Template, scope: Scope): Outcome<Value> {
  const program = programOf(template);
  const evaluator = program.evaluator();
  if (evaluator === undefined) return render(template, scope);
  const run = new Run(wholeOf(template), scope, program.unit.mode, {
    native: true,
  });
  return guarded(run, () => evaluator(new Frame(run, new Context(scope), undefined, 0)));
}

/**
 * A block (macro, test, materialization, snapshot) as something to call; its names come from `scope`, looked up when first
 * called. Binding costs next to nothing, so every render can bind all macros of a project to its own scope.
 */
export function macroValue(block: Block, template: Template, scope: () => Scope, displayName?: string): Value {
  const program = programOf(template);
  const code = () => {
    const known = program.macroAt(block.at.start);
    if (known === undefined)
      throw new TemplateError(`\`${block.name}\` is a ${block.kind} block and cannot be called.`);
    return known;
  };
  return new Macro(code, { context: lazily(() => new Context(scope())) }, displayName ?? block.name);
}

/** Arguments by name: a record, or the map a host function was handed. */
type Named = Readonly<Record<string, Value>> | ReadonlyMap<string, Value>;

const namedMap = (named: Named): ReadonlyMap<string, Value> =>
  named instanceof Map ? named : new Map(Object.entries(named));

/** Calls a macro or host function from outside of a template. `scope` is asked for the clock only. */
export function callValue(
  value: Value,
  positional: readonly Value[],
  named: Named = {},
  at: Span = NOWHERE,
  scope: Scope = NO_SCOPE,
): Outcome<Value> {
  const run = new Run(at, scope, 'strict');
  return guarded(run, () => callIn(run, value, { positional, named: namedMap(named) }));
}

/**
 * Calls a value from inside a host function: what it throws (also a `suspend`) goes on to the render in progress, so the error
 * carries the whole chain of macros.
 */
export function invokeValue(value: Value, positional: readonly Value[], named: Named = {}): Value {
  const run = currentRun() ?? new Run(NOWHERE, NO_SCOPE, 'strict');
  return callIn(run, value, {
    positional,
    named: new Map(Object.entries(named)),
  });
}

const programOf = (template: Template): Program => {
  if (!(template.program instanceof Program)) throw new Error(`${template.file.path} was not parsed by this room`);
  return template.program;
};

const wholeOf = ({ file }: Template): Span => ({
  file: file.path,
  start: 0,
  end: 0,
});

function guarded<T>(run: Run, work: () => T): Outcome<T> {
  try {
    return { kind: 'done', value: during(run, work) };
  } catch (error) {
    if (error instanceof Suspension) return { kind: 'needs', request: error.request };
    const failure = error instanceof Returned ? strayReturn() : error instanceof RangeError ? tooMuch() : error;
    if (failure instanceof TemplateError) return { kind: 'failed', diagnostic: diagnosticOf(failure, run) };
    throw error;
  }
}

/** JavaScript's stack or its longest string came to an end. */
const tooMuch = () =>
  new TemplateError('This template nests too deeply or makes too long a text.', { code: 'jinja/too-deep' });

function diagnosticOf(error: TemplateError, run: Run): Diagnostic {
  const frames = framesOf(run.stack);
  return {
    code: error.code ?? 'jinja/failed',
    severity: 'error',
    message: error.message,
    at: run.at,
    hint: error.hint,
    notes: frames.length === 0 ? undefined : chainOf(frames),
  };
}

/** More calls than these say nothing new. */
const LONGEST_CHAIN = 12;

function chainOf(frames: readonly MacroFrame[]): readonly string[] {
  const lines = frames.map(({ macro, at }) => `in \`${macro}\`, called at ${placeName(at)}`);
  if (lines.length <= LONGEST_CHAIN) return lines;
  const first = LONGEST_CHAIN - 4;
  return [...lines.slice(0, first), `… ${lines.length - first - 3} more calls`, ...lines.slice(-3)];
}

import type { CallArguments, CallSite, Scope, Value } from '../contract.ts';
import { currentRun, Run } from '../run.ts';
import { Returned } from '../signals.ts';
import type { Body, Expression, Parameter } from '../syntax/nodes.ts';
import { Callable } from '../values/callable.ts';
import { Dict, Tuple } from '../values/containers.ts';
import { TemplateError, typeError } from '../values/template-error.ts';
import { type UndefinedMode, undefinedBecause } from '../values/undefined.ts';
import { storeName } from './assign.ts';
import type { Unit } from './compiler.ts';
import { type Context, type Evaluate, type Execute, Frame, RETURN } from './frame.ts';
import { assignedIn, mentions, Names } from './names.ts';

/** A macro's code, compiled once; each binding to a scope is a `Macro`. */
export interface MacroCode {
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly slot: number;
    readonly otherwise: Evaluate | undefined;
  }[];
  readonly slots: number;
  readonly varargs: number | undefined;
  readonly kwargs: number | undefined;
  readonly caller: number | undefined;
  readonly body: Execute;
  readonly mode: UndefinedMode;
  /** A call block's body: `return` leaves the macro around it. */
  readonly isCaller: boolean;
}

/** Compiles a macro's body. `outer` are the names around it. */
export function compileMacro(
  node: {
    readonly name: string;
    readonly parameters: readonly Parameter[];
    readonly body: Body;
  },
  outer: Names | undefined,
  unit: Unit,
  compileBody: (body: Body, names: Names, unit: Unit) => Execute,
  compileExpression: (node: Expression, names: Names, unit: Unit) => Evaluate,
  isCaller = false,
): MacroCode {
  const names = new Names(outer, [...node.parameters.map(({ name }) => name), ...assignedIn(node.body)]);
  const given = new Set(node.parameters.map(({ name }) => name));
  const inside = [node.body, node.parameters];
  const special = (name: string) =>
    !given.has(name) && unit.text.includes(name) && mentions(inside, name) ? names.add(name) : undefined;
  const [varargs, kwargs, caller] = [special('varargs'), special('kwargs'), special('caller')];
  const parameters = node.parameters.map(({ name, defaultValue }) => ({
    name,
    slot: names.slot(name) ?? 0,
    otherwise: defaultValue === undefined ? undefined : compileExpression(defaultValue, names, unit),
  }));
  for (const { name } of node.parameters) storeName(name, names);
  const body = compileBody(node.body, names, unit);
  const { mode } = unit;
  return {
    name: node.name,
    parameters,
    slots: names.size,
    varargs,
    kwargs,
    caller,
    body,
    mode,
    isCaller,
  };
}

/** Where a macro's free names come from: the frame it was defined in, or a context of its own. */
type Home = { readonly frame: Frame } | { readonly context: () => Context };

/** A macro that can be called. */
export class Macro extends Callable {
  readonly typeName = 'Macro';
  readonly name: string;
  private readonly code: () => MacroCode;
  private readonly home: Home;
  constructor(code: () => MacroCode, home: Home, name: string) {
    super();
    this.code = code;
    this.home = home;
    this.name = name;
  }

  override represent(): string {
    return `<Macro '${this.name}'>`;
  }

  override attribute(name: string): Value | undefined {
    const code = this.code();
    if (name === 'name') return code.name;
    if (name === 'arguments') return new Tuple(code.parameters.map((parameter) => parameter.name));
    if (name === 'catch_kwargs') return code.kwargs !== undefined;
    if (name === 'catch_varargs') return code.varargs !== undefined;
    return name === 'caller'
      ? code.caller !== undefined || code.parameters.some((p) => p.name === 'caller')
      : undefined;
  }
  override attributeNames(): Iterable<string> {
    return ['name', 'arguments', 'catch_kwargs', 'catch_varargs', 'caller'];
  }

  override call(args: CallArguments, site: CallSite): Value {
    const code = this.code();
    const context = 'frame' in this.home ? this.home.frame.context : this.home.context();
    const run = currentRun() ?? new Run(site.at, context.scope, code.mode);
    run.enter(this.name, site.at);
    const frame = new Frame(run, context, 'frame' in this.home ? this.home.frame : undefined, code.slots);
    bindArguments(this.name, code, frame, args);
    const { out, scope, depth, stack } = run;
    run.scope = context.scope;
    run.out = '';
    let result: Value;
    try {
      const signal = code.body(frame);
      if (signal === RETURN && code.isCaller) throw new Returned(run.returned);
      result = signal === RETURN ? run.returned : run.out;
    } catch (error) {
      if (!(error instanceof Returned) || code.isCaller) throw error;
      // Whatever was being called when `return` was reached is left, too.
      run.depth = depth;
      run.stack = stack;
      result = error.value;
    }
    run.out = out;
    run.scope = scope;
    run.leave();
    return result;
  }
}

/** Puts a call's arguments into the macro's frame, with Jinja2's rules. */
function bindArguments(name: string, code: MacroCode, frame: Frame, { positional, named }: CallArguments): void {
  const { parameters } = code;
  if (positional.length > parameters.length && code.varargs === undefined)
    throw typeError(
      `\`${name}\` takes ${parameters.length === 0 ? 'no arguments' : `at most ${parameters.length}`}, not ${positional.length}.`,
      parameters.length === 0 ? undefined : `its parameters are ${parameters.map((p) => `\`${p.name}\``).join(', ')}`,
    );
  const rest = named.size === 0 ? undefined : new Map(named);
  for (const [index, parameter] of parameters.entries()) {
    let value: Value | undefined;
    if (index < positional.length) value = positional[index];
    else if (rest !== undefined) {
      value = rest.get(parameter.name);
      rest.delete(parameter.name);
    }
    if (value === undefined)
      value =
        parameter.otherwise === undefined
          ? undefinedBecause(code.mode, `\`${name}\` was called without its parameter \`${parameter.name}\`.`)
          : parameter.otherwise(frame);
    frame.slots[parameter.slot] = value;
  }
  if (code.caller !== undefined) {
    frame.slots[code.caller] =
      rest?.get('caller') ??
      undefinedBecause(code.mode, `\`${name}\` was not called by a \`call\` block, so there is no caller.`);
    rest?.delete('caller');
  }
  if (code.varargs !== undefined) frame.slots[code.varargs] = new Tuple(positional.slice(parameters.length));
  if (code.kwargs !== undefined) frame.slots[code.kwargs] = Dict.from(rest ?? []);
  else if (rest !== undefined && rest.size > 0) failUnknown(name, code, rest, named);
}

function failUnknown(
  name: string,
  code: MacroCode,
  rest: ReadonlyMap<string, Value>,
  named: ReadonlyMap<string, Value>,
): never {
  const [unknown = ''] = rest.keys();
  if (unknown === 'caller') throw typeError(`\`${name}\` does not use a \`call\` block: it never says \`caller()\`.`);
  const twice = code.parameters.some((parameter) => parameter.name === unknown) && named.has(unknown);
  throw new TemplateError(
    twice ? `\`${name}\` got \`${unknown}\` twice.` : `\`${name}\` has no parameter \`${unknown}\`.`,
    {
      code: 'jinja/unknown-argument',
      hint:
        code.parameters.length === 0
          ? undefined
          : `its parameters are ${code.parameters.map((p) => `\`${p.name}\``).join(', ')}`,
    },
  );
}

/** A scope seen as a context, made when first needed. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

export type { Scope };

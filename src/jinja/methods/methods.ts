import type { CallArguments, CallSite, Value } from '../contract.ts';
import { Callable } from '../values/callable.ts';
import { Dict, DictView, Markup, PythonSet, Range, Tuple } from '../values/containers.ts';
import type { Native } from '../values/native.ts';
import { isFloat, isInteger } from '../values/number.ts';
import { DICT_METHODS, VIEW_METHODS } from './dict-methods.ts';
import { LIST_METHODS, RANGE_METHODS, TUPLE_METHODS } from './list-methods.ts';
import { MARKUP_METHODS } from './markup-methods.ts';
import { FLOAT_METHODS, INTEGER_METHODS } from './number-methods.ts';
import { SET_METHODS } from './set-methods.ts';
import { STRING_METHODS } from './string-methods.ts';

/** A method taken off its object, e.g. to pass it on. */
class BoundMethod extends Callable {
  readonly typeName = 'builtin_function_or_method';
  readonly name: string;
  private readonly self: Value;
  private readonly body: Native<never>;
  constructor(name: string, self: Value, body: Native<never>) {
    super();
    this.name = name;
    this.self = self;
    this.body = body;
  }
  override call(call: CallArguments, _site: CallSite): Value {
    return this.body(this.self as never, call, this.name); // as: the method came from the table of the value's own type
  }
  override represent(): string {
    return `<built-in method ${this.name}>`;
  }
}

type Table = ReadonlyMap<string, Native<never>>;

function tableOf(value: Value): Table | undefined {
  if (typeof value === 'string') return STRING_METHODS;
  if (Array.isArray(value)) return LIST_METHODS;
  if (value instanceof Dict) return DICT_METHODS;
  if (value instanceof Tuple) return TUPLE_METHODS;
  if (value instanceof PythonSet) return SET_METHODS;
  if (value instanceof Markup) return MARKUP_METHODS;
  if (value instanceof DictView) return VIEW_METHODS;
  if (value instanceof Range) return RANGE_METHODS;
  if (isFloat(value)) return FLOAT_METHODS;
  return isInteger(value) ? INTEGER_METHODS : undefined;
}

/** The method of a Python type, not yet bound; undefined when there is none. */
export function methodOf(value: Value, name: string): Native<never> | undefined {
  return tableOf(value)?.get(name);
}

/** A method as a value. */
export function methodNamed(value: Value, name: string): Value | undefined {
  const body = methodOf(value, name);
  return body === undefined ? undefined : new BoundMethod(name, value, body);
}

export function methodNames(value: Value): Iterable<string> {
  return tableOf(value)?.keys() ?? [];
}

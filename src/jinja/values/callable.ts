import type { CallArguments, CallSite, Value } from '../contract.ts';
import { PythonObject } from './python-object.ts';

/** Everything that can be called: macros, host functions, methods, builtins. */
export abstract class Callable extends PythonObject {
  abstract readonly name: string;
  /** Host objects share this class, but not all of them can be called. */
  get callable(): boolean {
    return true;
  }
  abstract call(call: CallArguments, site: CallSite): Value;
  override represent(): string {
    return `<${this.typeName} ${this.name}>`;
  }
}

export const NO_NAMED: ReadonlyMap<string, Value> = new Map();

export const isCallable = (value: Value): value is Callable => value instanceof Callable && value.callable;

/** Arguments without names. */
export const positionally = (...positional: readonly Value[]): CallArguments => ({ positional, named: NO_NAMED });

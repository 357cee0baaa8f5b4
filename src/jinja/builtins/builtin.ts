import type { CallArguments, CallSite, Value } from '../contract.ts';
import { Callable } from '../values/callable.ts';
import { type Native, native } from '../values/native.ts';

/** A function of this room's own. */
export class Builtin extends Callable {
  readonly typeName: string = 'builtin_function_or_method';
  readonly name: string;
  private readonly body: Native<undefined>;
  private readonly attributes: Readonly<Record<string, Value>>;
  constructor(name: string, body: Native<undefined>, attributes: Readonly<Record<string, Value>> = {}) {
    super();
    this.name = name;
    this.body = body;
    this.attributes = attributes;
  }
  override call(call: CallArguments, _site: CallSite): Value {
    return this.body(undefined, call, this.name);
  }
  override attribute(name: string): Value | undefined {
    return Object.hasOwn(this.attributes, name) ? this.attributes[name] : undefined;
  }
  override attributeNames(): Iterable<string> {
    return Object.keys(this.attributes);
  }
}

/** A builtin; the signature is that of `native`. */
export const builtin = (
  name: string,
  signature: string,
  body: (...given: Value[]) => Value,
  attributes?: Readonly<Record<string, Value>>,
): Builtin =>
  new Builtin(
    name,
    native(signature, (_: undefined, ...given) => body(...given)),
    attributes,
  );

import type { CallArguments, CallSite, Value } from '../contract.ts';
import { Callable } from '../values/callable.ts';

interface ClassMembers {
  readonly make: Callable;
  readonly is: (value: Value) => boolean;
  readonly attributes: Readonly<Record<string, Value>>;
}

/** A Python class: calling it makes a value. */
export class PythonClass extends Callable {
  readonly typeName = 'type';
  readonly name: string;
  private readonly members: ClassMembers;
  constructor(name: string, members: ClassMembers) {
    super();
    this.name = name;
    this.members = members;
  }
  override call(call: CallArguments, site: CallSite): Value {
    return this.members.make.call(call, site);
  }
  /** Whether a value is of this class. */
  is(value: Value): boolean {
    return this.members.is(value);
  }
  override attribute(name: string): Value | undefined {
    if (name === '__name__') return this.name.split('.').at(-1);
    return Object.hasOwn(this.members.attributes, name) ? this.members.attributes[name] : undefined;
  }
  override attributeNames(): Iterable<string> {
    return Object.keys(this.members.attributes);
  }
  override represent(): string {
    return `<class '${this.name}'>`;
  }
}

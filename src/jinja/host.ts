import type { CallArguments, CallSite, HostCall, HostMembers, Value } from './contract.ts';
import { Callable } from './values/callable.ts';
import { Lazy, Tuple } from './values/containers.ts';

class HostFunction extends Callable {
  readonly typeName = 'function';
  readonly name: string;
  private readonly body: HostCall;
  private readonly attributes: Readonly<Record<string, Value>> | undefined;
  constructor(name: string, body: HostCall, attributes: Readonly<Record<string, Value>> | undefined) {
    super();
    this.name = name;
    this.body = body;
    this.attributes = attributes;
  }
  override call(call: CallArguments, site: CallSite): Value {
    return given(this.body(call, site));
  }
  override attribute(name: string): Value | undefined {
    return this.attributes !== undefined && Object.hasOwn(this.attributes, name) ? this.attributes[name] : undefined;
  }
  override attributeNames(): Iterable<string> {
    return Object.keys(this.attributes ?? {});
  }
}

/** What a host answers with nothing is None. */
const given = (value: Value): Value => (value === undefined ? null : value);

/** A function that templates can call. `attributes` hang on it: `config.get`. */
export function hostFunction(name: string, call: HostCall, attributes?: Readonly<Record<string, Value>>): Value {
  return new HostFunction(name, call, attributes);
}

class HostObject extends Callable {
  readonly typeName: string;
  readonly name: string;
  private readonly members: HostMembers;
  constructor(members: HostMembers) {
    super();
    this.members = members;
    this.typeName = members.name;
    this.name = members.name;
  }
  override get callable(): boolean {
    return this.members.call !== undefined;
  }
  override call(call: CallArguments, site: CallSite): Value {
    return given(this.members.call?.(call, site));
  }
  override attribute(name: string): Value | undefined {
    const { members } = this;
    if (members.hasAttribute?.(name) === false) return undefined;
    return members.get(name);
  }
  override attributeNames(): Iterable<string> {
    return this.members.names?.() ?? [];
  }
  override text(): string {
    return this.members.text?.() ?? `<${this.members.name}>`;
  }
  override represent(): string {
    return this.text();
  }
  override isMapping(): boolean {
    return this.members.isMapping === true;
  }
  override truth(): boolean {
    return this.members.truth?.() ?? super.truth();
  }
  override length(): number | undefined {
    return this.members.length?.();
  }
  override iterate(): Iterable<Value> | undefined {
    return this.members.iterate?.();
  }
  override item(key: Value): Value | undefined {
    return this.members.item?.(key);
  }
  override equals(other: Value): boolean {
    if (this === other) return true;
    if (this.members.equals !== undefined) return this.members.equals(other);
    const hash = this.members.hash?.();
    return hash !== undefined && other instanceof HostObject && other.members.hash?.() === hash;
  }
  override hash(): unknown {
    const hash = this.members.hash?.();
    return hash === undefined ? this : `\0host:${this.typeName}:${hash}`;
  }
  override json(): Value | undefined {
    return this.members.json?.();
  }
}

/** An object for templates: relations, columns, the adapter, rows of a result. */
export function hostObject(members: HostMembers): Value {
  return new HostObject(members);
}

/** A tuple, for hosts that answer one. */
export const tuple = (items: readonly Value[]): Value => new Tuple(items);

/** An iterator, for hosts that make items one by one. */
export const lazy = (items: Iterable<Value>): Value => new Lazy(items);

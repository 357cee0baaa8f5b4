import type { Value } from '../contract.ts';
import { PythonObject } from '../values/python-object.ts';

class Module extends PythonObject {
  readonly typeName = 'module';
  private readonly name: string;
  private readonly members: Readonly<Record<string, Value>>;
  constructor(name: string, members: Readonly<Record<string, Value>>) {
    super();
    this.name = name;
    this.members = members;
  }
  override attribute(name: string): Value | undefined {
    return Object.hasOwn(this.members, name) ? this.members[name] : undefined;
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.attribute(key) : undefined;
  }
  override attributeNames(): Iterable<string> {
    return Object.keys(this.members);
  }
  override represent(): string {
    return `<module '${this.name}'>`;
  }
}

/** A Python module: a name and what it holds. */
export const pythonModule = (name: string, members: Readonly<Record<string, Value>>): Value =>
  new Module(name, members);

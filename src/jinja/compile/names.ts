import { type Body, namesIn, type Statement, type Target } from '../syntax/nodes.ts';

/** The variables of one scope at compile time: which slot each name has, and the scope around it. */
export class Names {
  readonly parent: Names | undefined;
  /** Assignments here are seen by blocks, included templates and importers. */
  readonly topLevel: boolean;
  private readonly slots = new Map<string, number>();

  constructor(parent: Names | undefined, bound: Iterable<string>, topLevel = false) {
    this.parent = parent;
    this.topLevel = topLevel;
    for (const name of bound) this.add(name);
  }

  get size(): number {
    return this.slots.size;
  }
  add(name: string): number {
    const known = this.slots.get(name);
    if (known !== undefined) return known;
    this.slots.set(name, this.slots.size);
    return this.slots.size - 1;
  }
  slot(name: string): number | undefined {
    return this.slots.get(name);
  }
  names(): Iterable<string> {
    return this.slots.keys();
  }
}

/** Names that a body assigns in its own scope: not those of loops, macros and blocks inside it. */
export function assignedIn(body: Body): Set<string> {
  const names = new Set<string>();
  for (const statement of body) for (const name of assignedBy(statement)) names.add(name);
  return names;
}

function assignedBy(statement: Statement): Iterable<string> {
  switch (statement.typename) {
    case 'Assign':
    case 'AssignBlock':
      return namesIn(statement.target);
    case 'Branch':
      return [...statement.branches.flatMap(({ body }) => [...assignedIn(body)]), ...assignedIn(statement.otherwise)];
    case 'MacroBlock':
      return statement.kind === 'macro' ? [statement.name] : [];
    case 'Import':
      return [statement.name];
    case 'FromImport':
      return statement.names.map((name) => name.as);
    default:
      return [];
  }
}

/** Names that targets bind. */
export const boundBy = (...targets: readonly Target[]): readonly string[] => targets.flatMap(namesIn);

/** Whether a name is read anywhere inside, however deep. Asked of every loop and macro, so it makes no garbage. */
export function mentions(inside: unknown, name: string): boolean {
  return anywhere(inside, (node) => node.typename === 'Name' && node.name === name);
}

/** Whether a kind of node is anywhere inside. */
export function holds(inside: unknown, typename: string): boolean {
  return anywhere(inside, (node) => node.typename === typename);
}

interface AnyNode {
  readonly typename?: unknown;
  readonly name?: unknown;
}

function anywhere(inside: unknown, test: (node: AnyNode) => boolean): boolean {
  if (typeof inside !== 'object' || inside === null) return false;
  if (Array.isArray(inside)) {
    for (const item of inside) if (anywhere(item, test)) return true;
    return false;
  }
  if (test(inside)) return true;
  for (const key in inside) {
    const value: unknown = Reflect.get(inside, key);
    if (typeof value === 'object' && value !== null && anywhere(value, test)) return true;
  }
  return false;
}

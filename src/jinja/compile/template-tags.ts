import type { Scope, Template, Value } from '../contract.ts';
import { currentRun } from '../run.ts';
import type { Body, Expression, Statement } from '../syntax/nodes.ts';
import { endOf, startOf } from '../syntax/nodes.ts';
import { Callable } from '../values/callable.ts';
import { Markup, Tuple } from '../values/containers.ts';
import { PythonObject } from '../values/python-object.ts';
import { TemplateError, typeError } from '../values/template-error.ts';
import { kindOf, textOf } from '../values/text.ts';
import { undefinedBecause } from '../values/undefined.ts';
import { storeName } from './assign.ts';
import { spanIn, type Unit } from './compiler.ts';
import { compileExpression } from './expression.ts';
import { type BlockBody, Context, type Execute, Frame, NEXT, type TemplateBlocks } from './frame.ts';
import { compileName } from './name.ts';
import { assignedIn, mentions, Names } from './names.ts';
import { Program } from './program.ts';

type CompileBody = (body: Body, names: Names, unit: Unit) => Execute;
type TemplateTag = Extract<Statement, { typename: 'InheritBlock' | 'Extends' | 'Include' | 'Import' | 'FromImport' }>;

/** The tags that deal with other templates: block, extends, include, import, from. */
export function compileTemplateTag(node: TemplateTag, names: Names, unit: Unit, compileBody: CompileBody): Execute {
  switch (node.typename) {
    case 'InheritBlock':
      return compileBlock(node, names, unit);
    case 'Extends':
      return compileExtends(node.template, names, unit);
    case 'Include':
      return compileInclude(node, names, unit);
    case 'Import':
    case 'FromImport':
      return compileImport(node, names, unit);
  }
  node satisfies never;
  return compileBody([], names, unit);
}

/** The blocks a template defines, wherever they stand in it. */
export function compileBlocks(body: Body, unit: Unit, compileBody: CompileBody): ReadonlyMap<string, BlockBody> {
  const blocks = new Map<string, BlockBody>();
  const visit = (inside: unknown): void => {
    if (typeof inside !== 'object' || inside === null) return;
    if ('typename' in inside && inside.typename === 'InheritBlock') {
      const node = inside as Statement & { typename: 'InheritBlock' }; // as: typename says so
      blocks.set(node.name, compileBlockBody(node, unit, compileBody));
    }
    for (const value of Object.values(inside)) visit(value);
  };
  visit(body);
  return blocks;
}

function compileBlockBody(
  node: Statement & { typename: 'InheritBlock' },
  unit: Unit,
  compileBody: CompileBody,
): BlockBody {
  const names = new Names(undefined, assignedIn(node.body));
  const [superSlot, selfSlot] = ['super', 'self'].map((name) =>
    mentions(node.body, name) ? names.add(name) : undefined,
  );
  const body = compileBody(node.body, names, unit);
  return {
    required: node.required,
    render(outer, blocks, depth) {
      const frame = new Frame(outer.run, outer.context, undefined, names.size);
      if (superSlot !== undefined) frame.slots[superSlot] = superOf(node.name, frame, blocks, depth + 1);
      if (selfSlot !== undefined) frame.slots[selfSlot] = new Self(frame, blocks);
      body(frame);
    },
  };
}

const superOf = (name: string, frame: Frame, blocks: TemplateBlocks, depth: number): Value =>
  blocks.get(name)?.[depth] === undefined
    ? undefinedBecause(frame.run.mode, `There is no parent block called \`${name}\`.`)
    : new BlockReference(name, frame, blocks, depth);

/** `self`: the blocks by name. */
export class Self extends PythonObject {
  readonly typeName = 'TemplateReference';
  private readonly frame: Frame;
  private readonly blocks: TemplateBlocks;
  constructor(frame: Frame, blocks: TemplateBlocks) {
    super();
    this.frame = frame;
    this.blocks = blocks;
  }
  override attribute(name: string): Value | undefined {
    return this.blocks.has(name) ? new BlockReference(name, this.frame, this.blocks, 0) : undefined;
  }
  override attributeNames(): Iterable<string> {
    return this.blocks.keys();
  }
}

/** `self.title` and `super`: calling one renders it. */
class BlockReference extends Callable {
  readonly typeName = 'BlockReference';
  readonly name: string;
  private readonly frame: Frame;
  private readonly blocks: TemplateBlocks;
  private readonly depth: number;
  constructor(name: string, frame: Frame, blocks: TemplateBlocks, depth: number) {
    super();
    this.name = name;
    this.frame = frame;
    this.blocks = blocks;
    this.depth = depth;
  }
  override attribute(name: string): Value | undefined {
    return name === 'super' ? superOf(this.name, this.frame, this.blocks, this.depth + 1) : undefined;
  }
  override call(): Value {
    const run = currentRun() ?? this.frame.run;
    run.enter(this.name, run.at);
    const { out } = run;
    run.out = '';
    this.blocks.get(this.name)?.[this.depth]?.render(this.frame, this.blocks, this.depth);
    const text = run.out;
    run.out = out;
    run.leave();
    return text;
  }
}

function compileBlock(node: Statement & { typename: 'InheritBlock' }, names: Names, unit: Unit): Execute {
  const at = spanIn(unit, node.start, node.end);
  const visible = node.scoped ? visibleNames(names, unit) : undefined;
  return (frame) => {
    const { context } = frame;
    if (context.extending) return NEXT;
    const block = context.blocks.get(node.name)?.[0];
    frame.run.at = at;
    if (block === undefined) return NEXT;
    if (block.required)
      throw new TemplateError(`The block \`${node.name}\` is required, but no template fills it.`, {
        code: 'jinja/required-block',
      });
    const inner = visible === undefined ? frame : new Frame(frame.run, derived(context, visible(frame)), frame, 0);
    block.render(inner, context.blocks, 0);
    return NEXT;
  };
}

/** A context that sees a frame's variables as well. */
function derived(context: Context, variables: ReadonlyMap<string, Value>): Context {
  const inner = new Context(context.scope);
  for (const [name, value] of [...context.variables, ...variables]) inner.variables.set(name, value);
  for (const [name, bodies] of context.blocks) inner.blocks.set(name, bodies);
  return inner;
}

/** A closure that collects every variable a place can see. */
function visibleNames(names: Names, unit: Unit): (frame: Frame) => ReadonlyMap<string, Value> {
  const readers = new Map<string, (frame: Frame) => Value>();
  for (let scope: Names | undefined = names; scope !== undefined; scope = scope.parent)
    for (const name of scope.names()) if (!readers.has(name)) readers.set(name, compileName(name, names, unit));
  return (frame) => {
    const variables = new Map<string, Value>();
    for (const [name, read] of readers) {
      const value = read(frame);
      if (!(value instanceof PythonObject && value.typeName === 'Undefined')) variables.set(name, value);
    }
    return variables;
  };
}

function compileExtends(template: Expression, names: Names, unit: Unit): Execute {
  const name = compileExpression(template, names, unit);
  const at = spanIn(unit, startOf(template), endOf(template));
  return (frame) => {
    const { context } = frame;
    const value = name(frame);
    frame.run.at = at;
    if (context.extending)
      throw new TemplateError('A template can extend only one other.', {
        code: 'jinja/extends-twice',
      });
    const parent = loaded(frame, value);
    for (const [block, body] of parent.blocks) context.blocks.set(block, [...(context.blocks.get(block) ?? []), body]);
    context.extending = true;
    context.parent = { program: parent, printed: frame.run.out };
    return NEXT;
  };
}

function compileInclude(node: Statement & { typename: 'Include' }, names: Names, unit: Unit): Execute {
  const name = compileExpression(node.template, names, unit);
  const at = spanIn(unit, startOf(node.template), endOf(node.template));
  const visible = visibleNames(names, unit);
  return (frame) => {
    const value = name(frame);
    frame.run.at = at;
    const program = node.ignoreMissing ? found(frame, value) : loaded(frame, value);
    if (program === undefined) return NEXT;
    frame.run.enter(`include ${program.name}`, at);
    program.renderInto(frame.run, node.withContext ? scopeOf(frame, visible(frame)) : frame.run.globals);
    frame.run.leave();
    return NEXT;
  };
}

/** What a place can see, as another template's scope. */
function scopeOf(frame: Frame, variables: ReadonlyMap<string, Value>): Scope {
  const { context } = frame;
  return {
    lookup: (name) => {
      const own = variables.get(name);
      return own === undefined ? context.resolve(name) : own;
    },
    *names() {
      yield* variables.keys();
      yield* context.names();
    },
  };
}

/** An imported template: what it assigned at its top level. */
class Module extends PythonObject {
  readonly typeName = 'TemplateModule';
  private readonly exported: ReadonlyMap<string, Value>;
  private readonly printed: string;
  constructor(exported: ReadonlyMap<string, Value>, printed: string) {
    super();
    this.exported = exported;
    this.printed = printed;
  }
  override attribute(name: string): Value | undefined {
    return name.startsWith('_') ? undefined : this.exported.get(name);
  }
  override attributeNames(): Iterable<string> {
    return this.exported.keys();
  }
  override text(): string {
    return this.printed;
  }
}

function compileImport(node: Statement & { typename: 'Import' | 'FromImport' }, names: Names, unit: Unit): Execute {
  const template = compileExpression(node.template, names, unit);
  const at = spanIn(unit, startOf(node.template), endOf(node.template));
  const visible = visibleNames(names, unit);
  const stores =
    node.typename === 'Import'
      ? [{ name: undefined, store: storeName(node.name, names) }]
      : node.names.map((name) => ({
          name: name.name,
          store: storeName(name.as, names),
        }));
  return (frame) => {
    const { run } = frame;
    const value = template(frame);
    run.at = at;
    const program = loaded(frame, value);
    const { out } = run;
    run.out = '';
    run.enter(`import ${program.name}`, at);
    const context = program.renderInto(run, node.withContext ? scopeOf(frame, visible(frame)) : run.globals);
    run.leave();
    const module = new Module(context.variables, run.out);
    run.out = out;
    for (const { name, store } of stores) {
      const item = name === undefined ? module : module.attribute(name);
      store(frame, item === undefined ? missingImport(frame, program.name, name ?? '') : item);
    }
    return NEXT;
  };
}

const missingImport = (frame: Frame, template: string, name: string) =>
  undefinedBecause(frame.run.mode, `The template \`${template}\` does not define \`${name}\`.`);

function found(frame: Frame, value: Value): Program | undefined {
  const wanted = Array.isArray(value) ? value : value instanceof Tuple ? value.items : [value];
  for (const one of wanted) {
    if (isTemplate(one)) return one.program as Program; // as: `program` is private to this room
    if (one instanceof PythonObject && one.typeName === 'Undefined') throw typeError(textOf(one));
    if (typeof one !== 'string' && !(one instanceof Markup))
      throw typeError(`A template is named by a string, not ${kindOf(one)}.`);
    const template = frame.run.templates?.(textOf(one));
    if (template !== undefined) return template.program as Program; // as: `program` is private to this room
  }
  return undefined;
}

function loaded(frame: Frame, value: Value): Program {
  const program = found(frame, value);
  if (program !== undefined) return program;
  throw new TemplateError(`There is no template \`${textOf(value)}\`.`, {
    code: 'jinja/unknown-template',
  });
}

const isTemplate = (value: Value): value is Template =>
  typeof value === 'object' && value !== null && 'program' in value && value.program instanceof Program;

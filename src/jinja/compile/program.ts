import type { Scope, Value } from '../contract.ts';
import type { Run } from '../run.ts';
import type { Body, MacroNode } from '../syntax/nodes.ts';
import type { Unit } from './compiler.ts';
import { type BlockBody, Context, type Evaluate, type Execute, Frame, RETURN, type RunnableTemplate } from './frame.ts';
import type { MacroCode } from './macro.ts';
import { assignedIn, mentions, Names } from './names.ts';

/** How a program gets compiled; handed in, because templates run other templates. */
export interface Compilation {
  body(body: Body, names: Names, unit: Unit): Execute;
  blocks(body: Body, unit: Unit): ReadonlyMap<string, BlockBody>;
  macro(node: MacroNode, unit: Unit): MacroCode;
  expression(body: Body, names: Names, unit: Unit): Evaluate | undefined;
  self(frame: Frame, context: Context): Value;
  strayReturn(): Error;
}

const NO_BLOCKS: ReadonlyMap<string, BlockBody> = new Map();

/** A template's code. Nothing is compiled before it is needed. */
export class Program implements RunnableTemplate {
  readonly name: string;
  readonly body: Body;
  readonly unit: Unit;
  private readonly compilation: Compilation;
  private compiled:
    | {
        readonly execute: Execute;
        readonly names: Names;
        readonly selfSlot: number | undefined;
      }
    | undefined;
  private compiledBlocks: ReadonlyMap<string, BlockBody> | undefined;
  private readonly macros = new Map<number, MacroNode>();
  private readonly codes = new Map<number, MacroCode>();
  private single: { readonly evaluate: Evaluate | undefined } | undefined;

  constructor(name: string, body: Body, unit: Unit, compilation: Compilation) {
    this.name = name;
    this.body = body;
    this.unit = unit;
    this.compilation = compilation;
    for (const node of body) if (node.typename === 'MacroBlock') this.macros.set(unit.offset + node.start, node);
  }

  get blocks(): ReadonlyMap<string, BlockBody> {
    this.compiledBlocks ??= this.unit.text.includes('block')
      ? this.compilation.blocks(this.body, this.unit)
      : NO_BLOCKS;
    return this.compiledBlocks;
  }

  private get root() {
    if (this.compiled === undefined) {
      const names = new Names(undefined, assignedIn(this.body), true);
      const selfSlot = this.unit.text.includes('self') && mentions(this.body, 'self') ? names.add('self') : undefined;
      this.compiled = {
        execute: this.compilation.body(this.body, names, this.unit),
        names,
        selfSlot,
      };
    }
    return this.compiled;
  }

  /** Runs the template, printing into the run; answers its context, with what it assigned. */
  renderInto(run: Run, scope: Scope): Context {
    const context = new Context(scope);
    for (const [name, body] of this.blocks) context.blocks.set(name, [body]);
    let program: RunnableTemplate = this;
    for (;;) {
      program.runRoot(run, context);
      const { parent } = context;
      if (parent === undefined) return context;
      // What was printed before `extends` stays; the rest of an extending template does not count.
      run.out = parent.printed;
      context.extending = false;
      context.parent = undefined;
      program = parent.program;
      run.step();
    }
  }

  runRoot(run: Run, context: Context): void {
    const { execute, names, selfSlot } = this.root;
    const frame = new Frame(run, context, undefined, names.size);
    if (selfSlot !== undefined) frame.slots[selfSlot] = this.compilation.self(frame, context);
    if (execute(frame) === RETURN) throw this.compilation.strayReturn();
  }

  /** The value, when the template is a single `{{ expression }}`; undefined when it is more. */
  evaluator(): Evaluate | undefined {
    this.single ??= {
      evaluate: this.compilation.expression(this.body, new Names(undefined, []), this.unit),
    };
    return this.single.evaluate;
  }

  /** The code of the block that begins at an offset of the file. */
  macroAt(start: number): MacroCode | undefined {
    const known = this.codes.get(start);
    if (known !== undefined) return known;
    const node = this.macros.get(start);
    if (node === undefined) return undefined;
    const code = this.compilation.macro(node, this.unit);
    this.codes.set(start, code);
    return code;
  }
}

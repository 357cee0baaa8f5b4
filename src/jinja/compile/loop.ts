import type { CallArguments, CallSite, Value } from '../contract.ts';
import type { Body, Expression, ForNode } from '../syntax/nodes.ts';
import { endOf, startOf } from '../syntax/nodes.ts';
import { Callable } from '../values/callable.ts';
import { equals } from '../values/comparison.ts';
import { Tuple } from '../values/containers.ts';
import { iterate, lengthOf } from '../values/iteration.ts';
import { native } from '../values/native.ts';
import { typeError } from '../values/template-error.ts';
import { type UndefinedMode, undefinedBecause } from '../values/undefined.ts';
import { compileTarget } from './assign.ts';
import { spanIn, type Unit } from './compiler.ts';
import { compileCondition } from './expression.ts';
import { BREAK, type Evaluate, type Execute, Frame, NEXT, RETURN, type Signal } from './frame.ts';
import { assignedIn, boundBy, holds, mentions, Names } from './names.ts';

type CompileBody = (body: Body, names: Names, unit: Unit) => Execute;
type Compile = (node: Expression, names: Names, unit: Unit) => Evaluate;

/** `{% for %}`: goes through the items, each in a scope of its own. */
export function compileLoop(
  node: ForNode,
  outer: Names,
  unit: Unit,
  compile: Compile,
  compileBody: CompileBody,
): Execute {
  const names = new Names(outer, [...boundBy(node.target), ...assignedIn(node.body)]);
  const usesLoop =
    node.recursive ||
    (unit.text.includes('loop') && mentions(node.body, 'loop')) ||
    (unit.text.includes('block') && holds(node.body, 'InheritBlock')) ||
    (unit.text.includes('include') && holds(node.body, 'Include'));
  const loopSlot = usesLoop ? names.add('loop') : undefined;
  const iterable = compile(node.iterable, outer, unit);
  const store = compileTarget(node.target, names, unit);
  const body = compileBody(node.body, names, unit);
  const selected = node.condition === undefined ? undefined : compileSelection(node, node.condition, outer, unit);
  const otherwiseNames = new Names(outer, assignedIn(node.otherwise));
  const otherwise = node.otherwise.length === 0 ? undefined : compileBody(node.otherwise, otherwiseNames, unit);
  const at = spanIn(unit, startOf(node.iterable), endOf(node.iterable));
  const { mode } = unit;

  const go = (frame: Frame, value: Value, depth: number): Signal => {
    const { run } = frame;
    run.at = at;
    const all = iterate(value);
    const items = selected === undefined ? all : selected(frame, all);
    const loop =
      loopSlot === undefined
        ? undefined
        : new Loop(items, lengthOf, selected === undefined ? value : undefined, mode, depth);
    if (loop !== undefined && node.recursive)
      loop.recurse = (inner) => {
        const { out } = run;
        run.out = '';
        go(frame, inner, depth + 1);
        const text = run.out;
        run.out = out;
        return text;
      };
    let complete = false;
    for (const item of loop ?? items) {
      run.step();
      const inner = new Frame(run, frame.context, frame, names.size);
      if (loopSlot !== undefined) inner.slots[loopSlot] = loop;
      store(inner, item);
      const signal = body(inner);
      if (signal === NEXT) complete = true;
      else if (signal === BREAK) break;
      else if (signal === RETURN) return RETURN;
    }
    if (complete || otherwise === undefined) return NEXT;
    return otherwise(new Frame(run, frame.context, frame, otherwiseNames.size));
  };
  return (frame) => go(frame, iterable(frame), 0);
}

/** `for … if …`: asked item by item, so that the condition sees what the loop's body did. */
function compileSelection(node: ForNode, condition: Expression, outer: Names, unit: Unit) {
  const names = new Names(outer, boundBy(node.target));
  const store = compileTarget(node.target, names, unit);
  const test = compileCondition(condition, names, unit);
  return function* (frame: Frame, items: Iterable<Value>): Iterable<Value> {
    for (const item of items) {
      const inner = new Frame(frame.run, frame.context, frame, names.size);
      store(inner, item);
      if (test(inner)) yield item;
    }
  };
}

const END: unique symbol = Symbol('end');

/** `loop`: where in the loop we are. Looks at most one item ahead, and only when asked. */
class Loop extends Callable implements Iterable<Value> {
  readonly typeName = 'LoopContext';
  readonly name = 'loop';
  recurse: ((items: Value) => string) | undefined;
  private iterator: Iterator<Value>;
  private readonly sized: Value;
  private readonly sizeOf: (value: Value) => number | undefined;
  private readonly mode: UndefinedMode;
  private readonly depth: number;
  private index0 = -1;
  private known: number | undefined;
  private before: Value;
  private current: Value;
  private after: { readonly value: Value | typeof END } | undefined;
  private lastChanged: Value;

  constructor(
    items: Iterable<Value>,
    sizeOf: (value: Value) => number | undefined,
    sized: Value,
    mode: UndefinedMode,
    depth: number,
  ) {
    super();
    this.iterator = items[Symbol.iterator]();
    this.sizeOf = sizeOf;
    this.sized = sized;
    this.mode = mode;
    this.depth = depth;
  }

  *[Symbol.iterator](): Iterator<Value> {
    for (;;) {
      const next = this.peek();
      if (next === END) return;
      this.after = undefined;
      this.index0++;
      this.before = this.current;
      this.current = next;
      yield next;
    }
  }

  private peek(): Value | typeof END {
    if (this.after === undefined) {
      const { done, value } = this.iterator.next();
      this.after = { value: done ? END : value };
    }
    return this.after.value;
  }

  override length(): number {
    this.known ??= this.sized === undefined ? undefined : this.sizeOf(this.sized);
    if (this.known === undefined) {
      const rest: Value[] = [];
      for (let next = this.iterator.next(); !next.done; next = this.iterator.next()) rest.push(next.value);
      this.iterator = rest[Symbol.iterator]();
      const ahead = this.after !== undefined && this.after.value !== END ? 1 : 0;
      this.known = rest.length + this.index0 + 1 + ahead;
    }
    return this.known;
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'revindex':
        return this.length() - this.index0;
      case 'revindex0':
        return this.length() - this.index0 - 1;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.peek() === END;
      case 'length':
        return this.length();
      case 'depth':
        return this.depth + 1;
      case 'depth0':
        return this.depth;
      case 'previtem':
        return this.index0 === 0 ? undefinedBecause(this.mode, 'There is no previous item.') : this.before;
      case 'nextitem': {
        const next = this.peek();
        return next === END ? undefinedBecause(this.mode, 'There is no next item.') : next;
      }
      case 'cycle':
        return new LoopMethod('loop.cycle', (call) => this.cycle(call));
      case 'changed':
        return new LoopMethod('loop.changed', (call) => this.changed(call));
      default:
        return undefined;
    }
  }
  override attributeNames(): Iterable<string> {
    return LOOP_ATTRIBUTES;
  }

  private cycle(call: CallArguments): Value {
    if (call.positional.length === 0) throw typeError('`loop.cycle` needs something to cycle through.');
    return call.positional[this.index0 % call.positional.length];
  }
  private changed(call: CallArguments): boolean {
    const value = new Tuple(call.positional);
    if (this.lastChanged !== undefined && equals(this.lastChanged, value)) return false;
    this.lastChanged = value;
    return true;
  }

  override call(call: CallArguments, _site: CallSite): Value {
    const { recurse } = this;
    if (recurse === undefined)
      throw typeError('`loop` can only be called in a recursive loop.', 'write `{% for … in … recursive %}`');
    return oneArgument(recurse, call, 'loop');
  }
  override represent(): string {
    return `<LoopContext ${this.index0 + 1}/${this.length()}>`;
  }
}

const oneArgument = native('iterable', (recurse: (items: Value) => string, items) => recurse(items));

const LOOP_ATTRIBUTES = [
  'index',
  'index0',
  'revindex',
  'revindex0',
  'first',
  'last',
  'length',
  'depth',
  'depth0',
  'previtem',
  'nextitem',
  'cycle',
  'changed',
];

class LoopMethod extends Callable {
  readonly typeName = 'method';
  readonly name: string;
  private readonly body: (call: CallArguments) => Value;
  constructor(name: string, body: (call: CallArguments) => Value) {
    super();
    this.name = name;
    this.body = body;
  }
  override call(call: CallArguments, _site: CallSite): Value {
    return this.body(call);
  }
}

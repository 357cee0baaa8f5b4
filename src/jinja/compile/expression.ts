import type { Value } from '../contract.ts';
import { FILTERS } from '../filters/filters.ts';
import { TESTS } from '../filters/tests.ts';
import { unknownFilter, unknownTest } from '../filters/unknown.ts';
import { Site } from '../run.ts';
import { type Expression, endOf, type FilterNode, startOf } from '../syntax/nodes.ts';
import { binary, unary } from '../values/arithmetic.ts';
import { readAttribute, readItem } from '../values/attribute.ts';
import { contains, equals, ordered } from '../values/comparison.ts';
import { Dict, Markup, Tuple } from '../values/containers.ts';
import { escapeHtml } from '../values/html.ts';
import { Slice } from '../values/subscript.ts';
import { textOf } from '../values/text.ts';
import { truthOf } from '../values/truth.ts';
import { Undefined, undefinedBecause } from '../values/undefined.ts';
import { compileArguments } from './arguments.ts';
import { compileCall } from './call.ts';
import { spanIn, type Unit } from './compiler.ts';
import type { Evaluate, Frame } from './frame.ts';
import { compileEscaping, compileName } from './name.ts';
import type { Names } from './names.ts';

/** A closure that computes the expression in a frame of these names. */
export function compileExpression(node: Expression, names: Names, unit: Unit): Evaluate {
  const compile = (inner: Expression) => compileExpression(inner, names, unit);
  switch (node.typename) {
    case 'Constant': {
      const { value } = node;
      return () => value;
    }
    case 'Name':
      return compileName(node.name, names, unit);
    case 'Tuple': {
      const items = node.items.map(compile);
      return (frame) => new Tuple(items.map((item) => item(frame)));
    }
    case 'List': {
      const items = node.items.map(compile);
      return (frame) => items.map((item) => item(frame));
    }
    case 'Mapping': {
      const pairs = node.pairs.map(({ key, value }) => ({
        key: compile(key),
        value: compile(value),
      }));
      const at = spanIn(unit, node.start, node.end);
      return (frame) => {
        const dict = new Dict();
        for (const { key, value } of pairs) {
          const name = key(frame);
          const item = value(frame);
          frame.run.at = at;
          dict.set(name, item);
        }
        return dict;
      };
    }
    case 'Concat':
      return compileConcat(node.items.map(compile), node, names, unit);
    case 'Or': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const isTrue = truthIn(unit, node.left);
      return (frame) => {
        const value = left(frame);
        return isTrue(frame, value) ? value : right(frame);
      };
    }
    case 'And': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const isTrue = truthIn(unit, node.left);
      return (frame) => {
        const value = left(frame);
        return isTrue(frame, value) ? right(frame) : value;
      };
    }
    case 'Negation': {
      const test = compileCondition(node.target, names, unit);
      return (frame) => !test(frame);
    }
    case 'Binary': {
      const [left, right] = [compile(node.left), compile(node.right)];
      const { operator } = node;
      const at = spanIn(unit, node.start, node.end);
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        frame.run.at = at;
        return binary(operator, a, b);
      };
    }
    case 'Unary': {
      const target = compile(node.target);
      const { operator } = node;
      const at = spanIn(unit, node.start, node.end);
      return (frame) => {
        const value = target(frame);
        frame.run.at = at;
        return unary(operator, value);
      };
    }
    case 'Comparison':
      return compileComparison(node, names, unit);
    case 'Conditional': {
      const [body, test] = [compile(node.body), compileCondition(node.condition, names, unit)];
      const otherwise = node.otherwise === undefined ? () => NOTHING : compile(node.otherwise);
      return (frame) => (test(frame) ? body(frame) : otherwise(frame));
    }
    case 'Attribute': {
      const target = compile(node.target);
      const { name } = node;
      const { mode } = unit;
      const at = spanIn(unit, node.start, node.end);
      return (frame) => {
        const value = target(frame);
        frame.run.at = at;
        return readAttribute(value, name, mode);
      };
    }
    case 'Item': {
      const [target, index] = [compile(node.target), compile(node.index)];
      const { mode } = unit;
      const at = spanIn(unit, node.start, node.end);
      return (frame) => {
        const value = target(frame);
        const key = index(frame);
        frame.run.at = at;
        return readItem(value, key, mode);
      };
    }
    case 'SliceOf': {
      const part = (inner: Expression | undefined) => (inner === undefined ? () => undefined : compile(inner));
      const [from, to, step] = [part(node.from), part(node.to), part(node.step)];
      const at = spanIn(unit, node.start, node.end);
      return (frame) => {
        const bounds = [from(frame), to(frame), step(frame)];
        frame.run.at = at;
        return new Slice(bounds[0], bounds[1], bounds[2]);
      };
    }
    case 'Call':
      return compileCall(node, names, unit, compileExpression);
    case 'Filtered':
      return compileFilter(node, names, unit);
    case 'IsTest':
      return compileTest(node, names, unit);
  }
  node satisfies never;
}

/** `x if false` without an else prints nothing, also in strict templates; so Jinja2 has it. */
const NOTHING = undefinedBecause('lenient', 'The condition was false, and there is no `else`.');

/** A closure that says whether an expression is true. */
export function compileCondition(node: Expression, names: Names, unit: Unit): (frame: Frame) => boolean {
  const value = compileExpression(node, names, unit);
  const isTrue = truthIn(unit, node);
  return (frame) => isTrue(frame, value(frame));
}

/** Truth, where asking may fail: an undefined name has none. */
function truthIn(unit: Unit, node: Expression): (frame: Frame, value: Value) => boolean {
  const at = spanIn(unit, startOf(node), endOf(node));
  return (frame, value) => {
    if (typeof value === 'boolean') return value;
    if (value instanceof Undefined) frame.run.at = at;
    return truthOf(value);
  };
}

function compileConcat(
  items: readonly Evaluate[],
  node: { start: number; end: number },
  names: Names,
  unit: Unit,
): Evaluate {
  const at = spanIn(unit, node.start, node.end);
  const escapes = compileEscaping(names, unit);
  return (frame) => {
    const values = items.map((item) => item(frame));
    frame.run.at = at;
    if (escapes !== false && values.some((value) => value instanceof Markup) && escapes(frame))
      return new Markup(values.map(escapeHtml).join(''));
    let text = '';
    for (const value of values) text += textOf(value);
    return text;
  };
}

function compileComparison(node: Expression & { typename: 'Comparison' }, names: Names, unit: Unit): Evaluate {
  const first = compileExpression(node.first, names, unit);
  const at = spanIn(unit, node.start, node.end);
  const rest = node.rest.map(({ operator, value }) => ({
    test: COMPARE[operator] ?? ((left: Value, right: Value) => ordered(operator, left, right)),
    value: compileExpression(value, names, unit),
  }));
  const [only] = rest;
  if (only !== undefined && rest.length === 1) {
    const { test, value } = only;
    return (frame) => {
      const left = first(frame);
      const right = value(frame);
      frame.run.at = at;
      return test(left, right);
    };
  }
  return (frame) => {
    let left = first(frame);
    for (const { test, value } of rest) {
      const right = value(frame);
      frame.run.at = at;
      if (!test(left, right)) return false;
      left = right;
    }
    return true;
  };
}

const COMPARE: Readonly<Record<string, ((left: Value, right: Value) => boolean) | undefined>> = {
  '==': equals,
  '!=': (left, right) => !equals(left, right),
  in: (left, right) => contains(right, left),
  'not in': (left, right) => !contains(right, left),
};

/** A filter; `input` stands for what it filters where the block's output does (`{% filter %}`). */
export function compileFilter(node: FilterNode, names: Names, unit: Unit, input?: Evaluate): Evaluate {
  const { target: inner } = node;
  const target =
    inner === undefined
      ? (input ?? (() => ''))
      : inner.typename === 'Filtered'
        ? compileFilter(inner, names, unit, input)
        : compileExpression(inner, names, unit);
  const args = compileArguments(node.arguments, names, unit, compileExpression);
  const { name } = node;
  const at = spanIn(unit, node.nameStart, node.end);
  const filter = FILTERS.get(name);
  return (frame) => {
    const value = target(frame);
    const given = args(frame);
    frame.run.at = at;
    if (filter === undefined) throw unknownFilter(name, FILTERS.keys());
    return filter(value, given, name);
  };
}

function compileTest(node: Expression & { typename: 'IsTest' }, names: Names, unit: Unit): Evaluate {
  const target = compileExpression(node.target, names, unit);
  const { name } = node;
  const at = spanIn(unit, node.nameStart, node.end);
  if (name === 'defined') return (frame) => !(target(frame) instanceof Undefined);
  if (name === 'undefined') return (frame) => target(frame) instanceof Undefined;
  const args = compileArguments(node.arguments, names, unit, compileExpression);
  const test = TESTS.get(name);
  return (frame) => {
    const value = target(frame);
    const given = args(frame);
    frame.run.at = at;
    if (test === undefined) throw unknownTest(name, TESTS.keys());
    return truthOf(test(value, given, name));
  };
}

/** The call site of something about to be called. */
export const siteIn = (frame: Frame) => new Site(frame.run.at, frame.run.stack);

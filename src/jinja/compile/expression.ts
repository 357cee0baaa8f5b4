import type { Span } from '../../core/source.ts';
import type { CallArguments, Value } from '../contract.ts';
import { FILTERS } from '../filters/filters.ts';
import { TESTS } from '../filters/tests.ts';
import { unknownFilter, unknownTest } from '../filters/unknown.ts';
import { type BinaryOperator, constantOf, type Expression, endOf, type FilterNode, startOf } from '../syntax/nodes.ts';
import { binary, unary } from '../values/arithmetic.ts';
import { readAttribute, readItem } from '../values/attribute.ts';
import { contains, equals, ordered } from '../values/comparison.ts';
import { Dict, Markup, Tuple } from '../values/containers.ts';
import { escapeHtml } from '../values/html.ts';
import type { Native } from '../values/native.ts';
import { Slice } from '../values/subscript.ts';
import { textOf } from '../values/text.ts';
import { truthOf } from '../values/truth.ts';
import { Undefined, type UndefinedMode, undefinedBecause } from '../values/undefined.ts';
import { compileArguments } from './arguments.ts';
import { compileCall } from './call.ts';
import { spanIn, type Unit } from './compiler.ts';
import type { Evaluate, Frame } from './frame.ts';
import { compileEscaping, compileName } from './name.ts';
import type { Names } from './names.ts';

/**
 * A closure that computes the expression in a frame of these names. Every kind has a function of its own, so that a closure keeps
 * nothing alive but what it needs: a project has hundreds of thousands of them.
 */
export function compileExpression(node: Expression, names: Names, unit: Unit): Evaluate {
  switch (node.typename) {
    case 'Constant':
      return constantly(constantOf(node));
    case 'Name':
      return compileName(node.name, names, unit);
    case 'Tuple':
      return tupleOf(compileAll(node.items, names, unit));
    case 'List':
      return arrayOf(compileAll(node.items, names, unit));
    case 'Mapping':
      return compileMapping(node, names, unit);
    case 'Concat':
      return compileConcat(node, names, unit);
    case 'Or':
    case 'And':
      return either(
        compileExpression(node.left, names, unit),
        compileExpression(node.right, names, unit),
        node.typename === 'Or',
        spanIn(unit, startOf(node.left), endOf(node.left)),
      );
    case 'Negation':
      return negated(compileCondition(node.target, names, unit));
    case 'Binary':
      return binaryOf(
        node.operator,
        compileExpression(node.left, names, unit),
        compileExpression(node.right, names, unit),
        spanIn(unit, node.start, node.end),
      );
    case 'Unary':
      return unaryOf(node.operator, compileExpression(node.target, names, unit), spanIn(unit, node.start, node.end));
    case 'Comparison':
      return compileComparison(node, names, unit);
    case 'Conditional':
      return conditional(
        compileCondition(node.condition, names, unit),
        compileExpression(node.body, names, unit),
        node.otherwise === undefined ? constantly(NOTHING) : compileExpression(node.otherwise, names, unit),
      );
    case 'Attribute':
      return attributeOf(
        compileExpression(node.target, names, unit),
        node.name,
        unit.mode,
        spanIn(unit, node.start, node.end),
      );
    case 'Item':
      return itemOf(
        compileExpression(node.target, names, unit),
        compileExpression(node.index, names, unit),
        unit.mode,
        spanIn(unit, node.start, node.end),
      );
    case 'SliceOf':
      return sliceOf(
        compileOptional(node.from, names, unit),
        compileOptional(node.to, names, unit),
        compileOptional(node.step, names, unit),
        spanIn(unit, node.start, node.end),
      );
    case 'Call':
      return compileCall(node, names, unit, compileExpression);
    case 'Filtered':
      return compileFilter(node, names, unit);
    case 'IsTest':
      return compileTest(node, names, unit);
  }
  node satisfies never;
}

const compileAll = (nodes: readonly Expression[], names: Names, unit: Unit): readonly Evaluate[] =>
  nodes.map((node) => compileExpression(node, names, unit));

const compileOptional = (node: Expression | undefined, names: Names, unit: Unit): Evaluate =>
  node === undefined ? nothing : compileExpression(node, names, unit);

const nothing: Evaluate = () => undefined;

function constantly(value: Value): Evaluate {
  return () => value;
}

function tupleOf(items: readonly Evaluate[]): Evaluate {
  return (frame) => new Tuple(items.map((item) => item(frame)));
}

function arrayOf(items: readonly Evaluate[]): Evaluate {
  return (frame) => items.map((item) => item(frame));
}

function compileMapping(node: Expression & { typename: 'Mapping' }, names: Names, unit: Unit): Evaluate {
  return dictOf(
    node.pairs.map(({ key }) => compileExpression(key, names, unit)),
    node.pairs.map(({ value }) => compileExpression(value, names, unit)),
    spanIn(unit, node.start, node.end),
  );
}

function dictOf(keys: readonly Evaluate[], values: readonly Evaluate[], at: Span): Evaluate {
  return (frame) => {
    const dict = new Dict();
    for (const [index, key] of keys.entries()) {
      const name = key(frame);
      const value = values[index]?.(frame);
      frame.run.at = at;
      dict.set(name, value);
    }
    return dict;
  };
}

function either(left: Evaluate, right: Evaluate, stopAt: boolean, at: Span): Evaluate {
  return (frame) => {
    const value = left(frame);
    return truthAt(frame, value, at) === stopAt ? value : right(frame);
  };
}

function negated(test: (frame: Frame) => boolean): Evaluate {
  return (frame) => !test(frame);
}

function binaryOf(operator: BinaryOperator, left: Evaluate, right: Evaluate, at: Span): Evaluate {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.run.at = at;
    return binary(operator, a, b);
  };
}

function unaryOf(operator: '-' | '+', target: Evaluate, at: Span): Evaluate {
  return (frame) => {
    const value = target(frame);
    frame.run.at = at;
    return unary(operator, value);
  };
}

function conditional(test: (frame: Frame) => boolean, body: Evaluate, otherwise: Evaluate): Evaluate {
  return (frame) => (test(frame) ? body(frame) : otherwise(frame));
}

function attributeOf(target: Evaluate, name: string, mode: UndefinedMode, at: Span): Evaluate {
  return (frame) => {
    const value = target(frame);
    frame.run.at = at;
    return readAttribute(value, name, mode);
  };
}

function itemOf(target: Evaluate, index: Evaluate, mode: UndefinedMode, at: Span): Evaluate {
  return (frame) => {
    const value = target(frame);
    const key = index(frame);
    frame.run.at = at;
    return readItem(value, key, mode);
  };
}

function sliceOf(from: Evaluate, to: Evaluate, step: Evaluate, at: Span): Evaluate {
  return (frame) => {
    const [first, last, by] = [from(frame), to(frame), step(frame)];
    frame.run.at = at;
    return new Slice(first, last, by);
  };
}

/** `x if false` without an else prints nothing, also in strict templates; so Jinja2 has it. */
const NOTHING = undefinedBecause('lenient', 'The condition was false, and there is no `else`.');

/** A closure that says whether an expression is true. */
export function compileCondition(node: Expression, names: Names, unit: Unit): (frame: Frame) => boolean {
  return truthOfValue(compileExpression(node, names, unit), spanIn(unit, startOf(node), endOf(node)));
}

function truthOfValue(value: Evaluate, at: Span): (frame: Frame) => boolean {
  return (frame) => truthAt(frame, value(frame), at);
}

/** Truth, where asking may fail: an undefined name has none. */
function truthAt(frame: Frame, value: Value, at: Span): boolean {
  if (typeof value === 'boolean') return value;
  if (value instanceof Undefined) frame.run.at = at;
  return truthOf(value);
}

function compileConcat(
  node: { readonly items: readonly Expression[]; readonly start: number; readonly end: number },
  names: Names,
  unit: Unit,
): Evaluate {
  return joined(compileAll(node.items, names, unit), compileEscaping(names, unit), spanIn(unit, node.start, node.end));
}

function joined(items: readonly Evaluate[], escapes: false | ((frame: Frame) => boolean), at: Span): Evaluate {
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

type Compare = (left: Value, right: Value) => boolean;

function compileComparison(node: Expression & { typename: 'Comparison' }, names: Names, unit: Unit): Evaluate {
  const first = compileExpression(node.first, names, unit);
  const at = spanIn(unit, node.start, node.end);
  const [only] = node.rest;
  if (only !== undefined && node.rest.length === 1)
    return comparison(first, comparing(only.operator), compileExpression(only.value, names, unit), at);
  const tests = node.rest.map(({ operator }) => comparing(operator));
  return chainOf(
    first,
    tests,
    compileAll(
      node.rest.map(({ value }) => value),
      names,
      unit,
    ),
    at,
  );
}

function comparison(left: Evaluate, test: Compare, right: Evaluate, at: Span): Evaluate {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.run.at = at;
    return test(a, b);
  };
}

function chainOf(first: Evaluate, tests: readonly Compare[], others: readonly Evaluate[], at: Span): Evaluate {
  return (frame) => {
    let left = first(frame);
    for (const [index, test] of tests.entries()) {
      const right = others[index]?.(frame);
      frame.run.at = at;
      if (!test(left, right)) return false;
      left = right;
    }
    return true;
  };
}

const comparing = (operator: string): Compare => COMPARE[operator] ?? ((left, right) => ordered(operator, left, right));

const COMPARE: Readonly<Record<string, Compare | undefined>> = {
  '<': (left, right) => ordered('<', left, right),
  '<=': (left, right) => ordered('<=', left, right),
  '>': (left, right) => ordered('>', left, right),
  '>=': (left, right) => ordered('>=', left, right),
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
  return filtered(node.name, FILTERS.get(node.name), target, args, spanIn(unit, node.nameStart, node.end));
}

type GiveArguments = (frame: Frame) => CallArguments;

function filtered(
  name: string,
  filter: Native<Value> | undefined,
  target: Evaluate,
  args: GiveArguments,
  at: Span,
): Evaluate {
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
  if (node.name === 'defined' || node.name === 'undefined') return definedness(target, node.name === 'defined');
  const args = compileArguments(node.arguments, names, unit, compileExpression);
  return tested(node.name, TESTS.get(node.name), target, args, spanIn(unit, node.nameStart, node.end));
}

function definedness(target: Evaluate, wanted: boolean): Evaluate {
  return (frame) => target(frame) instanceof Undefined !== wanted;
}

function tested(
  name: string,
  test: Native<Value> | undefined,
  target: Evaluate,
  args: GiveArguments,
  at: Span,
): Evaluate {
  return (frame) => {
    const value = target(frame);
    const given = args(frame);
    frame.run.at = at;
    if (test === undefined) throw unknownTest(name, TESTS.keys());
    return truthOf(test(value, given, name));
  };
}

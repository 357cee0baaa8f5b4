import { callIn } from '../calling.ts';
import { methodOf } from '../methods/methods.ts';
import type { CallNode, Expression } from '../syntax/nodes.ts';
import { readAttribute } from '../values/attribute.ts';
import { Markup } from '../values/containers.ts';
import { PythonObject } from '../values/python-object.ts';
import { compileArguments } from './arguments.ts';
import { spanIn, type Unit } from './compiler.ts';
import type { Evaluate } from './frame.ts';
import { compileEscaping } from './name.ts';
import type { Names } from './names.ts';

type Compile = (node: Expression, names: Names, unit: Unit) => Evaluate;

/** A call. Methods of Python's types are called without making a bound method first. */
export function compileCall(node: CallNode, names: Names, unit: Unit, compile: Compile): Evaluate {
  const call = compilePlainCall(node, names, unit, compile);
  const escapes = compileEscaping(names, unit);
  if (escapes === false || node.callee.typename !== 'Name') return call;
  // What a macro prints inside `autoescape` is safe already. A method's answer is as unsafe as its subject.
  return (frame) => {
    const value = call(frame);
    return typeof value === 'string' && escapes(frame) ? new Markup(value) : value;
  };
}

function compilePlainCall(node: CallNode, names: Names, unit: Unit, compile: Compile): Evaluate {
  const args = compileArguments(node.arguments, names, unit, compile);
  const at = spanIn(unit, node.start, node.end);
  if (node.callee.typename !== 'Attribute') {
    const callee = compile(node.callee, names, unit);
    return (frame) => {
      const called = callee(frame);
      const given = args(frame);
      frame.run.at = at;
      return callIn(frame.run, called, given);
    };
  }
  const { name } = node.callee;
  const target = compile(node.callee.target, names, unit);
  const { mode } = unit;
  const calleeAt = spanIn(unit, node.callee.start, node.callee.end);
  return (frame) => {
    const self = target(frame);
    const method =
      self instanceof PythonObject && self.attribute(name) !== undefined ? undefined : methodOf(self, name);
    frame.run.at = calleeAt;
    if (method !== undefined) {
      const given = args(frame);
      frame.run.at = at;
      return method(self as never, given, name); // as: the method came from the table of the value's own type
    }
    const called = readAttribute(self, name, mode);
    const given = args(frame);
    frame.run.at = at;
    return callIn(frame.run, called, given);
  };
}

import type { CallArguments, Value } from '../contract.ts';
import type { Arguments, Expression } from '../syntax/nodes.ts';
import { endOf, startOf } from '../syntax/nodes.ts';
import { NO_NAMED } from '../values/callable.ts';
import { Dict } from '../values/containers.ts';
import { iterate } from '../values/iteration.ts';
import { typeError } from '../values/template-error.ts';
import { spanIn, type Unit } from './compiler.ts';
import type { Evaluate, Frame } from './frame.ts';
import type { Names } from './names.ts';

type Compile = (node: Expression, names: Names, unit: Unit) => Evaluate;

const NONE: CallArguments = { positional: [], named: NO_NAMED };

/** A closure that evaluates a call's arguments from left to right. */
export function compileArguments(
  args: Arguments,
  names: Names,
  unit: Unit,
  compile: Compile,
): (frame: Frame) => CallArguments {
  const positional = args.positional.map((node) => compile(node, names, unit));
  const named = args.named.map(({ name, value }) => ({
    name,
    value: compile(value, names, unit),
  }));
  const { star, starStar } = args;
  if (star !== undefined || starStar !== undefined) return spreading(positional, named, args, names, unit, compile);
  if (positional.length === 0 && named.length === 0) return () => NONE;
  const [first] = positional;
  if (named.length === 0) {
    if (positional.length === 1 && first !== undefined)
      return (frame) => ({ positional: [first(frame)], named: NO_NAMED });
    return (frame) => ({
      positional: positional.map((value) => value(frame)),
      named: NO_NAMED,
    });
  }
  return (frame) => ({
    positional: positional.map((value) => value(frame)),
    named: new Map(named.map(({ name, value }) => [name, value(frame)])),
  });
}

function spreading(
  positional: readonly Evaluate[],
  named: readonly { readonly name: string; readonly value: Evaluate }[],
  args: Arguments,
  names: Names,
  unit: Unit,
  compile: Compile,
): (frame: Frame) => CallArguments {
  const part = (node: Expression | undefined) =>
    node === undefined
      ? undefined
      : {
          value: compile(node, names, unit),
          at: spanIn(unit, startOf(node), endOf(node)),
        };
  const [star, starStar] = [part(args.star), part(args.starStar)];
  return (frame) => {
    const values: Value[] = positional.map((value) => value(frame));
    if (star !== undefined) {
      const more = star.value(frame);
      frame.run.at = star.at;
      values.push(...iterate(more));
    }
    const byName = new Map(named.map(({ name, value }) => [name, value(frame)]));
    if (starStar !== undefined) {
      const more = starStar.value(frame);
      frame.run.at = starStar.at;
      if (!(more instanceof Dict)) throw typeError('After `**` comes a dict.');
      for (const [name, value] of more.entries()) {
        if (typeof name !== 'string') throw typeError('The keys of a dict after `**` have to be strings.');
        if (byName.has(name)) throw typeError(`\`${name}\` is given twice.`);
        byName.set(name, value);
      }
    }
    return { positional: values, named: byName };
  };
}

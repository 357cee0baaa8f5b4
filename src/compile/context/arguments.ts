import type { Json } from '../../core/node-id.ts';
import { type CallArguments, isUndefined, TemplateError, textOf, toJson, type Value } from '../../jinja/jinja.ts';

/** The argument at a position or of a name; undefined when not given. */
export function argument(call: CallArguments, position: number, name: string): Value | undefined {
  const value = position < call.positional.length ? call.positional[position] : call.named.get(name);
  return isUndefined(value) ? undefined : value;
}

/** A text argument, None as null; anything else is written as text. */
export function textArgument(call: CallArguments, position: number, name: string): string | null {
  const value = argument(call, position, name);
  return value === undefined || value === null ? null : textOf(value);
}

/** A text argument that must be there. */
export function neededText(call: CallArguments, position: number, name: string, asked: string): string {
  const text = textArgument(call, position, name);
  if (text === null) throw new TemplateError(`${asked} needs \`${name}\``, { code: 'compile/missing-argument' });
  return text;
}

export const jsonArgument = (call: CallArguments, position: number, name: string): Json | undefined => {
  const value = argument(call, position, name);
  return value === undefined ? undefined : toJson(value);
};

/** The call without arguments in the way: `f(*positional)`. */
export const calling = (...positional: readonly Value[]): CallArguments => ({ positional, named: new Map() });

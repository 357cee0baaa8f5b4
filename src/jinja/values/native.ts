import type { CallArguments, Value } from '../contract.ts';
import { typeError } from './template-error.ts';

/** A function of this room's own with Python's rules for arguments. `self` is what a method or filter is applied to. */
export type Native<Self> = (self: Self, call: CallArguments, name: string) => Value;

interface Parameters {
  readonly names: readonly string[];
  readonly required: number;
  readonly star: boolean;
  readonly starStar: boolean;
}

/**
 * Binds arguments as Python does. The signature lists parameters in order: `width fill?` has one that must be given and one that
 * may; `*rest` takes what is left over as an array, `**named` as a map. What is not given is `undefined`.
 */
export function native<Self>(signature: string, body: (self: Self, ...given: Value[]) => Value): Native<Self> {
  const parameters = parseSignature(signature);
  const simple = !parameters.star && !parameters.starStar;
  return (self, call, name) => {
    const { positional, named } = call;
    if (
      simple &&
      named.size === 0 &&
      positional.length <= parameters.names.length &&
      positional.length >= parameters.required
    )
      return body(self, ...positional);
    return body(self, ...bind(parameters, call, name));
  };
}

function parseSignature(signature: string): Parameters {
  const words = signature.split(' ').filter((word) => word !== '');
  const names = words.filter((word) => !word.startsWith('*'));
  return {
    names: names.map((word) => word.replace('?', '')),
    required: names.filter((word) => !word.endsWith('?')).length,
    star: words.some((word) => /^\*[^*]/.test(word)),
    starStar: words.some((word) => word.startsWith('**')),
  };
}

function bind(parameters: Parameters, { positional, named }: CallArguments, name: string): Value[] {
  const { names, required, star, starStar } = parameters;
  if (positional.length > names.length && !star)
    throw typeError(
      `\`${name}\` takes ${names.length === 0 ? 'no arguments' : `at most ${count(names.length)}`}, not ${positional.length}.`,
    );
  const given: Value[] = names.map((_, index) => positional[index]);
  const extra = new Map<string, Value>();
  for (const [key, value] of named) {
    const at = names.indexOf(key);
    if (at < 0 && starStar) extra.set(key, value);
    else if (at < 0) throw typeError(`\`${name}\` has no parameter \`${key}\`.`);
    else if (at < positional.length) throw typeError(`\`${name}\` got \`${key}\` twice.`);
    else given[at] = value;
  }
  for (let index = 0; index < required; index++)
    if (given[index] === undefined) throw typeError(`\`${name}\` needs an argument \`${names[index]}\`.`);
  if (star) given.push(positional.slice(names.length));
  if (starStar) given.push(extra);
  return given;
}

const count = (number: number) => (number === 1 ? '1 argument' : `${number} arguments`);

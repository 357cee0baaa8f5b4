import { integerArgument } from '../values/arithmetic.ts';
import { Markup, Tuple } from '../values/containers.ts';
import { characters } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf } from '../values/text.ts';
import type { Value } from '../values.ts';

function needleOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.value;
  throw typeError(`What is searched has to be a string, not ${kindOf(value)}.`);
}

interface Part {
  readonly text: string;
  /** Code points before the part. */
  readonly from: number;
  /** The bounds as asked for make sense: `''.find('', 1)` does not. */
  readonly valid: boolean;
}

function partOf(text: string, start: Value, end: Value): Part {
  if (start === undefined && end === undefined) return { text, from: 0, valid: true };
  const all = characters(text);
  const bound = (value: Value, otherwise: number) => {
    if (value === undefined || value === null) return otherwise;
    const index = integerArgument(value, 'A position');
    return index < 0 ? Math.max(0, index + all.length) : index;
  };
  const from = bound(start, 0);
  const to = Math.min(bound(end, all.length), all.length);
  return {
    text: Array.from(all).slice(from, to).join(''),
    from,
    valid: from <= to,
  };
}

function found(text: string, needle: Value, start: Value, end: Value, last: boolean): number {
  const part = partOf(text, start, end);
  if (!part.valid) return -1;
  const at = last ? part.text.lastIndexOf(needleOf(needle)) : part.text.indexOf(needleOf(needle));
  return at < 0 ? -1 : part.from + characters(part.text.slice(0, at)).length;
}

function foundOrFail(text: string, needle: Value, start: Value, end: Value, last: boolean): number {
  const at = found(text, needle, start, end, last);
  if (at < 0) throw valueError(`\`${needleOf(needle)}\` is not in this text.`, '`find` answers -1 instead');
  return at;
}

function matches(
  text: string,
  needles: Value,
  start: Value,
  end: Value,
  test: (part: string, needle: string) => boolean,
): boolean {
  const part = partOf(text, start, end);
  const all = needles instanceof Tuple ? needles.items : [needles];
  return part.valid && all.some((needle) => test(part.text, needleOf(needle)));
}

/** Methods of str that look for something. */
export const SEARCH_METHODS: Record<string, Native<string>> = {
  find: native('sub start? end?', (text, needle, start, end) => found(text, needle, start, end, false)),
  rfind: native('sub start? end?', (text, needle, start, end) => found(text, needle, start, end, true)),
  index: native('sub start? end?', (text, needle, start, end) => foundOrFail(text, needle, start, end, false)),
  rindex: native('sub start? end?', (text, needle, start, end) => foundOrFail(text, needle, start, end, true)),
  count: native('sub start? end?', (text, needle, start, end) => {
    const part = partOf(text, start, end);
    const wanted = needleOf(needle);
    if (!part.valid) return 0;
    return wanted === '' ? characters(part.text).length + 1 : part.text.split(wanted).length - 1;
  }),
  startswith: native('prefix start? end?', (text, prefix, start, end) =>
    matches(text, prefix, start, end, (part, needle) => part.startsWith(needle)),
  ),
  endswith: native('suffix start? end?', (text, suffix, start, end) =>
    matches(text, suffix, start, end, (part, needle) => part.endsWith(needle)),
  ),
};

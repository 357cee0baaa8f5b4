import { percentFormat } from '../format/percent.ts';
import { capitalized, strip } from '../methods/string-case.ts';
import { centered, replaced, splitLines } from '../methods/string-methods.ts';
import { integerArgument } from '../values/arithmetic.ts';
import { Dict, Markup, Tuple } from '../values/containers.ts';
import { escapeHtml } from '../values/html.ts';
import { characters, iterableOf, iterate, length, listOf } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf, textOf } from '../values/text.ts';
import { truthOf } from '../values/truth.ts';
import { Undefined } from '../values/undefined.ts';
import type { Value } from '../values.ts';
import { prettyPrinted } from './pretty-print.ts';
import { wrapLines } from './word-wrap.ts';

/** Applies a change to text; safe text stays safe. */
const onText = (value: Value, change: (text: string) => string): Value =>
  value instanceof Markup ? new Markup(change(value.value)) : change(textOf(value));

/** Most filters take anything as text; these do not. */
function stringIn(value: Value, filter: string): string | Markup {
  if (typeof value === 'string' || value instanceof Markup) return value;
  if (value instanceof Undefined) throw value.error();
  throw typeError(`\`${filter}\` works on strings, not on ${kindOf(value)}.`, 'make it one first: `| string`');
}

const widthOf = (value: Value, otherwise: number) =>
  value === undefined || value === null ? otherwise : Math.min(integerArgument(value, 'A width'), 1 << 24);

function titleCased(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map((part) => capitalized(part))
    .join('');
}

function indented(value: Value, width: Value, first: Value, blank: Value): Value {
  const indention = typeof width === 'string' ? width : ' '.repeat(widthOf(width, 4));
  return onText(stringIn(value, 'indent'), (text) => {
    const lines = splitLines(`${text}\n`, false);
    const body = lines.map((line, index) =>
      index > 0 && (truthOf(blank ?? false) || line !== '') ? indention + line : line,
    );
    return (truthOf(first ?? false) ? indention : '') + body.join('\n');
  });
}

function truncated(value: Value, size: Value, killWords: Value, end: Value, leeway: Value): Value {
  const most = widthOf(size, 255);
  const ellipsis = end === undefined ? '...' : textOf(end);
  const tolerance = widthOf(leeway, 5);
  if (most < length(ellipsis)) throw valueError(`\`truncate\` needs a length of at least ${length(ellipsis)}.`);
  if (tolerance < 0) throw valueError('The leeway cannot be negative.');
  // A short list passes, because Python asks it only for its length.
  if (typeof value !== 'string' && !(value instanceof Markup) && length(value) <= most + tolerance) return value;
  return onText(stringIn(value, 'truncate'), (text) => {
    const all = characters(text);
    if (all.length <= most + tolerance) return text;
    const cut = Array.from(all)
      .slice(0, most - length(ellipsis))
      .join('');
    if (truthOf(killWords ?? false)) return cut + ellipsis;
    const space = cut.lastIndexOf(' ');
    return (space < 0 ? cut : cut.slice(0, space)) + ellipsis;
  });
}

const UNRESERVED = /[^A-Za-z0-9_.~/-]/g;

function urlQuoted(value: Value, forQuery: boolean): string {
  const bytes = new TextEncoder().encode(textOf(value));
  const quoted = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    const plain = byte < 128 && character.replace(UNRESERVED, '') !== '' && !(forQuery && character === '/');
    return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
  return forQuery ? quoted.replaceAll('%20', '+') : quoted;
}

function pairOf(value: Value): readonly Value[] {
  const pair = listOf(value);
  if (pair.length !== 2) throw valueError(`\`urlencode\` needs pairs, but this has ${pair.length} items.`);
  return pair;
}

function urlEncoded(value: Value): string {
  if (typeof value === 'string' || value instanceof Markup || iterableOf(value) === undefined)
    return urlQuoted(value, false);
  const pairs = value instanceof Dict ? Array.from(value.entries()) : Array.from(iterate(value), pairOf);
  return pairs.map(([key, item]) => `${urlQuoted(key, true)}=${urlQuoted(item, true)}`).join('&');
}

/** Filters of text. */
export const TEXT_FILTERS: Record<string, Native<Value>> = {
  capitalize: native('', (value) => onText(value, capitalized)),
  center: native('width?', (value, width) => onText(value, (text) => centered(text, widthOf(width, 80), ' '))),
  format: native('*values **named', (value, values, named) => {
    const positional = listOf(values);
    if (!(named instanceof Map) || named.size === 0)
      return percentFormat(value instanceof Markup ? value : textOf(value), new Tuple(positional));
    if (positional.length > 0) throw typeError('`format` takes values by position or by name, not both.');
    return percentFormat(value instanceof Markup ? value : textOf(value), Dict.from(named));
  }),
  indent: native('width? first? blank?', indented),
  lower: native('', (value) => onText(value, (text) => text.toLowerCase())),
  upper: native('', (value) => onText(value, (text) => text.toUpperCase())),
  pprint: native('', prettyPrinted),
  replace: native('old new count?', (value, old, by, count) => {
    const most = count === undefined || count === null ? -1 : integerArgument(count, 'The count');
    const safe = value instanceof Markup || old instanceof Markup || by instanceof Markup;
    if (!(value instanceof Markup) || !safe) return replaced(textOf(value), textOf(old), textOf(by), most);
    return new Markup(replaced(value.value, escapeHtml(old), escapeHtml(by), most));
  }),
  string: native('', (value) => (value instanceof Markup ? value : textOf(value))),
  title: native('', (value) => onText(value, titleCased)),
  trim: native('chars?', (value, chars) =>
    onText(value, (text) => strip(text, chars === undefined || chars === null ? undefined : textOf(chars), true, true)),
  ),
  truncate: native('length? killwords? end? leeway?', truncated),
  urlencode: native('', urlEncoded),
  wordcount: native('', (value) => (textOf(value).match(/[\p{L}\p{N}_]+/gu) ?? []).length),
  wordwrap: native(
    'width? break_long_words? wrapstring? break_on_hyphens?',
    (value, width, breakLong = true, joiner, hyphens = true) =>
      onText(stringIn(value, 'wordwrap'), (text) =>
        splitLines(text, false)
          .map((line) =>
            wrapLines(line, widthOf(width, 79), truthOf(breakLong), truthOf(hyphens)).join(
              joiner === undefined || joiner === null ? '\n' : textOf(joiner),
            ),
          )
          .join(joiner === undefined || joiner === null ? '\n' : textOf(joiner)),
      ),
  ),
};

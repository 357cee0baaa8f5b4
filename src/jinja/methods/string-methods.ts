import { bracesFormat } from '../format/braces.ts';
import { integerArgument } from '../values/arithmetic.ts';
import { Dict, Markup, Tuple } from '../values/containers.ts';
import { characters, iterate, length } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf } from '../values/text.ts';
import type { Value } from '../values.ts';
import { readFormatField } from './format-field.ts';
import { capitalized, caseFolded, strip, swappedCase, titled } from './string-case.ts';
import { QUESTION_METHODS } from './string-questions.ts';
import { SEARCH_METHODS } from './string-search.ts';

/** The text of an argument; anything else is an error that names it. */
export function textArgument(value: Value, what: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.value;
  throw typeError(`${what} has to be a string, not ${kindOf(value)}.`);
}

const optionalText = (value: Value, what: string) =>
  value === undefined || value === null ? undefined : textArgument(value, what);

const WIDEST = 1 << 24;

function widthOf(value: Value): number {
  const width = integerArgument(value, 'A width');
  if (width > WIDEST) throw valueError('This width is too large.');
  return width;
}

function fillOf(value: Value): string {
  const fill = value === undefined ? ' ' : textArgument(value, 'A fill character');
  if (length(fill) !== 1) throw typeError('The fill has to be one character.');
  return fill;
}

function splitOn(text: string, separator: string | undefined, most: number): string[] {
  if (separator === undefined) return splitOnSpace(text, most);
  if (separator === '') throw valueError('A text cannot be split at nothing.');
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function splitOnSpace(text: string, most: number): string[] {
  const trimmed = most < 0 ? text.trim() : text.trimStart();
  if (trimmed === '') return [];
  if (most < 0) return trimmed.split(/\s+/);
  const parts: string[] = [];
  let rest = trimmed;
  while (parts.length < most) {
    const space = /\s+/.exec(rest);
    if (space === null) break;
    parts.push(rest.slice(0, space.index));
    rest = rest.slice(space.index + space[0].length);
  }
  return rest === '' ? parts : [...parts, rest];
}

function splitFromRight(text: string, separator: string | undefined, most: number): string[] {
  if (most < 0) return splitOn(text, separator, most);
  if (separator !== undefined) {
    const parts = splitOn(text, separator, -1);
    const first = Math.max(0, parts.length - most);
    return first === 0 ? parts : [parts.slice(0, first).join(separator), ...parts.slice(first)];
  }
  const parts: string[] = [];
  let rest = text.trimEnd();
  while (parts.length < most && rest !== '') {
    const word = /\S+$/.exec(rest)?.[0] ?? '';
    if (word.length === rest.length) break;
    parts.unshift(word);
    rest = rest.slice(0, rest.length - word.length).trimEnd();
  }
  return rest === '' ? parts : [rest, ...parts];
}

/** Python's line breaks, also the rare ones: form feed, vertical tab, separators, next line. */
const BREAKS = '\\n\\r\\v\\f\\u001c-\\u001e\\u0085\\u2028\\u2029';
const LINE = new RegExp(`[^${BREAKS}]*(?:\\r\\n|[${BREAKS}])|[^${BREAKS}]+$`, 'g');
const LINE_END = new RegExp(`(?:\\r\\n|[${BREAKS}])$`);

/** Python's str.splitlines. */
export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines = text.match(LINE) ?? [];
  return keepEnds ? lines : lines.map((line) => line.replace(LINE_END, ''));
}

/** Python's str.replace. */
export function replaced(text: string, old: string, by: string, count: number): string {
  if (count < 0) return old === '' ? by + Array.from(text, (c) => c + by).join('') : text.replaceAll(old, () => by);
  if (old === '') {
    const all = Array.from(text);
    return Array.from({ length: all.length + 1 }, (_, at) => (at < count ? by : '') + (all[at] ?? '')).join('');
  }
  const parts = text.split(old);
  const first = parts.slice(0, count + 1).join(by);
  return parts.length <= count + 1 ? first : [first, ...parts.slice(count + 1)].join(old);
}

/** Python's str.center. */
export function centered(text: string, width: number, fill: string): string {
  const missing = Math.max(0, width - length(text));
  // CPython's rule for the odd space.
  const before = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(before) + text + fill.repeat(missing - before);
}

function joined(separator: string, items: Value): string {
  const texts = Array.from(iterate(items), (item, index) => {
    if (typeof item === 'string') return item;
    if (item instanceof Markup) return item.value;
    throw typeError(
      `\`join\` needs strings, but item ${index} is ${kindOf(item)}.`,
      'the filter `| join` takes anything',
    );
  });
  return texts.join(separator);
}

function translated(text: string, table: Value): string {
  if (!(table instanceof Dict)) throw typeError('`translate` needs a dict.');
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const by = table.get(code);
    if (by === undefined) return character;
    if (by === null) return '';
    return typeof by === 'number' ? String.fromCodePoint(by) : textArgument(by, 'A replacement');
  }).join('');
}

function expandedTabs(text: string, size: number): string {
  let column = 0;
  return Array.from(text, (character) => {
    if (character === '\t') {
      const spaces = size > 0 ? size - (column % size) : 0;
      column += spaces;
      return ' '.repeat(spaces);
    }
    column = character === '\n' || character === '\r' ? 0 : column + 1;
    return character;
  }).join('');
}

const most = (value: Value) => (value === undefined ? -1 : integerArgument(value, 'The number of splits'));

const strings: Record<string, Native<string>> = {
  capitalize: native('', capitalized),
  casefold: native('', caseFolded),
  center: native('width fill?', (text, width, fill) => centered(text, widthOf(width), fillOf(fill))),
  expandtabs: native('tabsize?', (text, size) =>
    expandedTabs(text, size === undefined ? 8 : Math.min(widthOf(size), 1024)),
  ),
  format: (text, call) => bracesFormat(text, call, readFormatField),
  format_map: native('mapping', (text, mapping) => {
    if (!(mapping instanceof Dict)) throw typeError('`format_map` needs a dict.');
    const named = new Map(Array.from(mapping.entries(), ([key, value]) => [String(key), value] as const));
    return bracesFormat(text, { positional: [], named }, readFormatField);
  }),
  join: native('items', joined),
  ljust: native(
    'width fill?',
    (text, width, fill) => text + fillOf(fill).repeat(Math.max(0, widthOf(width) - length(text))),
  ),
  rjust: native(
    'width fill?',
    (text, width, fill) => fillOf(fill).repeat(Math.max(0, widthOf(width) - length(text))) + text,
  ),
  lower: native('', (text) => text.toLowerCase()),
  upper: native('', (text) => text.toUpperCase()),
  swapcase: native('', swappedCase),
  title: native('', titled),
  strip: native('chars?', (text, chars) => strip(text, optionalText(chars, 'What is stripped'), true, true)),
  lstrip: native('chars?', (text, chars) => strip(text, optionalText(chars, 'What is stripped'), true, false)),
  rstrip: native('chars?', (text, chars) => strip(text, optionalText(chars, 'What is stripped'), false, true)),
  removeprefix: native('prefix', (text, prefix) => {
    const start = textArgument(prefix, 'A prefix');
    return text.startsWith(start) ? text.slice(start.length) : text;
  }),
  removesuffix: native('suffix', (text, suffix) => {
    const end = textArgument(suffix, 'A suffix');
    return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
  }),
  replace: native('old new count?', (text, old, by, count) =>
    replaced(text, textArgument(old, 'What is replaced'), textArgument(by, 'A replacement'), most(count)),
  ),
  split: native('sep? maxsplit?', (text, separator, count) =>
    splitOn(text, optionalText(separator, 'A separator'), most(count)),
  ),
  rsplit: native('sep? maxsplit?', (text, separator, count) =>
    splitFromRight(text, optionalText(separator, 'A separator'), most(count)),
  ),
  splitlines: native('keepends?', (text, keep) => splitLines(text, keep === true)),
  partition: native('sep', (text, separator) => {
    const by = textArgument(separator, 'A separator');
    const at = text.indexOf(by);
    return new Tuple(at < 0 ? [text, '', ''] : [text.slice(0, at), by, text.slice(at + by.length)]);
  }),
  rpartition: native('sep', (text, separator) => {
    const by = textArgument(separator, 'A separator');
    const at = text.lastIndexOf(by);
    return new Tuple(at < 0 ? ['', '', text] : [text.slice(0, at), by, text.slice(at + by.length)]);
  }),
  translate: native('table', translated),
  zfill: native('width', (text, width) => {
    const sign = /^[-+]/.exec(text)?.[0] ?? '';
    return sign + '0'.repeat(Math.max(0, widthOf(width) - characters(text).length)) + text.slice(sign.length);
  }),
  encode: native('encoding? errors?', () => {
    throw typeError('Templates have no bytes.', 'for a hash of a text use `local_md5`');
  }),
  ...SEARCH_METHODS,
  ...QUESTION_METHODS,
};

/** Python's str. */
export const STRING_METHODS: ReadonlyMap<string, Native<string>> = new Map(Object.entries(strings));

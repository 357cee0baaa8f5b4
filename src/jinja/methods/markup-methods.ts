import type { CallArguments, Value } from '../contract.ts';
import { bracesFormat } from '../format/braces.ts';
import { formatValue } from '../format/format-spec.ts';
import { Markup, Tuple } from '../values/containers.ts';
import { escapeHtml } from '../values/html.ts';
import { iterate } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { readFormatField } from './format-field.ts';
import { STRING_METHODS } from './string-methods.ts';
import { stripTags, unescapeHtml } from './strip-tags.ts';

/** Answers of these are safe text again, as their subject was. */
const wrap = (value: Value): Value => {
  if (typeof value === 'string') return new Markup(value);
  if (Array.isArray(value)) return value.map(wrap);
  return value instanceof Tuple ? new Tuple(value.items.map(wrap)) : value;
};

const escaped = (value: Value): Value => (typeof value === 'string' ? escapeHtml(value) : value);

function escapedArguments(call: CallArguments): CallArguments {
  return {
    positional: call.positional.map(escaped),
    named: new Map([...call.named].map(([k, v]) => [k, escaped(v)])),
  };
}

const lifted: [string, Native<Markup>][] = [...STRING_METHODS].map(([name, body]) => [
  name,
  (markup, call, called) => wrap(body(markup.value, name === 'replace' ? escapedArguments(call) : call, called)),
]);

/** markupsafe's Markup: a str whose methods escape what they add. */
export const MARKUP_METHODS: ReadonlyMap<string, Native<Markup>> = new Map<string, Native<Markup>>([
  ...lifted,
  [
    'join',
    native(
      'items',
      (markup, items) => new Markup(Array.from(iterate(items), (item) => escapeHtml(item)).join(markup.value)),
    ),
  ],
  [
    'format',
    (markup, call) =>
      new Markup(
        bracesFormat(markup.value, call, readFormatField, (value, spec) =>
          value instanceof Markup && spec === '' ? value.value : escapeHtml(formatValue(value, spec)),
        ),
      ),
  ],
  ['striptags', native('', (markup) => stripTags(markup.value))],
  ['unescape', native('', (markup) => unescapeHtml(markup.value))],
]);

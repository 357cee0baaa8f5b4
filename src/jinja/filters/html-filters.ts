import { stripTags } from '../methods/strip-tags.ts';
import { integerArgument } from '../values/arithmetic.ts';
import { Dict, Markup } from '../values/containers.ts';
import { escapeHtml } from '../values/html.ts';
import { listOf } from '../values/iteration.ts';
import { jsonText } from '../values/json.ts';
import { type Native, native } from '../values/native.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf, textOf } from '../values/text.ts';
import { truthOf } from '../values/truth.ts';
import { Undefined } from '../values/undefined.ts';
import type { Value } from '../values.ts';
import { urlized } from './urlize.ts';

function attributes(value: Value, autospace: Value = true): string {
  if (!(value instanceof Dict)) throw typeError(`\`xmlattr\` needs a dict, not ${kindOf(value)}.`);
  const items: string[] = [];
  for (const [key, item] of value.entries()) {
    if (item === null || item instanceof Undefined) continue;
    const name = textOf(key);
    if (/[\s/>=]/.test(name)) throw valueError(`\`${name}\` is no name of an attribute.`);
    items.push(`${escapeHtml(name)}="${escapeHtml(item)}"`);
  }
  const text = items.join(' ');
  return truthOf(autospace) && text !== '' ? ` ${text}` : text;
}

/** Filters that deal with HTML; `tojson` is one, because it escapes for script tags. */
export const HTML_FILTERS: Record<string, Native<Value>> = {
  escape: native('', (value) => new Markup(escapeHtml(value))),
  e: native('', (value) => new Markup(escapeHtml(value))),
  forceescape: native('', (value) => new Markup(escapeHtml(textOf(value)))),
  safe: native('', (value) => new Markup(textOf(value))),
  striptags: native('', (value) => stripTags(textOf(value))),
  xmlattr: native('autospace?', attributes),
  tojson: native('indent?', (value, indent) => {
    const spaces = indent === undefined || indent === null ? undefined : integerArgument(indent, 'An indent');
    const text = jsonText(value, { indent: spaces, sortKeys: true });
    return new Markup(text.replace(/[<>&']/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));
  }),
  urlize: native(
    'trim_url_limit? nofollow? target? rel? extra_schemes?',
    (value, limit, nofollow, target, rel, schemes) =>
      urlized(escapeHtml(value), {
        limit: limit === undefined || limit === null ? undefined : integerArgument(limit, 'A limit'),
        target: target === undefined || target === null ? undefined : textOf(target),
        rel: [
          ...(rel === undefined || rel === null ? [] : textOf(rel).split(/\s+/)),
          ...(truthOf(nofollow ?? false) ? ['nofollow'] : []),
          'noopener',
        ],
        schemes: schemes === undefined || schemes === null ? [] : listOf(schemes).map(textOf),
      }),
  ),
};

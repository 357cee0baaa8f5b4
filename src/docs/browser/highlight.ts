/** SQL and templates with colours, and with names that lead somewhere. One pass, text in, escaped HTML out. */
import { escaped } from './element.ts';

/** The address a name leads to, or undefined. Names come as `ref:stg_orders`, `ref:raw.orders`, `relation:"db"."s"."t"`, `macro:cents`. */
export type LinkFor = (name: string) => string | undefined;

const KEYWORDS = new Set(
  `all and any as asc asof begin between by case cast create cross current date day delete desc describe distinct drop else end except
  exclude exists extract false filter first following for from full group grouping having if ilike in inner insert intersect interval into is
  join last lateral left like limit materialized month natural not null nulls offset on or order outer over partition pivot positional
  preceding qualify range recursive replace returning right rollup row rows sample select semi set sets similar table tablesample then to true
  try_cast unbounded union unique unnest unpivot update using values view when where window with within year`.split(
    /\s+/,
  ),
);

const TOKEN =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/|\{#[\s\S]*?#\})|(?<template>\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})|(?<relation>"(?:[^"]|"")*"(?:\."(?:[^"]|"")*")+)|(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<number>\b\d+(?:\.\d+)?\b)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)/gu;

export function highlighted(sql: string, linkFor: LinkFor = () => undefined): string {
  let html = '';
  let from = 0;
  for (const match of sql.matchAll(TOKEN)) {
    html += escaped(sql.slice(from, match.index));
    from = match.index + match[0].length;
    html += token(match.groups ?? {}, match[0], sql[from] === '(', linkFor);
  }
  return html + escaped(sql.slice(from));
}

function token(
  groups: Readonly<Record<string, string | undefined>>,
  text: string,
  called: boolean,
  linkFor: LinkFor,
): string {
  if (groups.comment !== undefined) return mark('comment', text);
  if (groups.template !== undefined) return template(text, linkFor);
  if (groups.relation !== undefined) return linked(text, linkFor(`relation:${text}`), 'name');
  if (groups.text !== undefined) return mark('text', text);
  if (groups.number !== undefined) return mark('number', text);
  if (groups.word === undefined) return mark('name', text);
  if (KEYWORDS.has(text.toLowerCase())) return mark('keyword', text);
  return called ? mark('call', text) : escaped(text);
}

const TEMPLATE_TOKEN =
  /(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<reference>\b(?:ref|source)\s*\((?<named>[^()]*)\))|(?<number>\b\d+(?:\.\d+)?\b)|(?<word>[\p{L}_][\p{L}\p{N}_]*)/gu;

const TEMPLATE_WORDS = new Set(
  'if elif else endif for endfor in set endset macro endmacro call endcall filter endfilter do not and or is none None true false True False test endtest snapshot endsnapshot materialization endmaterialization'.split(
    ' ',
  ),
);

/** What stands between braces. */
function template(text: string, linkFor: LinkFor): string {
  const inner = text.slice(2, -2);
  let html = mark('brace', text.slice(0, 2));
  let from = 0;
  for (const match of inner.matchAll(TEMPLATE_TOKEN)) {
    html += escaped(inner.slice(from, match.index));
    from = match.index + match[0].length;
    const { reference, named = '', text: quoted, number, word } = match.groups ?? {};
    if (reference !== undefined) {
      const names = [...named.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
      const isSource = reference.startsWith('source');
      html += linked(reference, linkFor(`ref:${isSource ? names.join('.') : (names.at(-1) ?? '')}`), 'reference');
    } else if (quoted !== undefined) html += mark('text', quoted);
    else if (number !== undefined) html += mark('number', number);
    else if (word !== undefined && TEMPLATE_WORDS.has(word)) html += mark('keyword', word);
    else if (word !== undefined && inner[from] === '(') html += linked(word, linkFor(`macro:${word}`), 'call');
    else html += escaped(match[0]);
  }
  return `<span class="t-template">${html}${escaped(inner.slice(from))}${mark('brace', text.slice(-2))}</span>`;
}

const mark = (kind: string, text: string): string => `<span class="t-${kind}">${escaped(text)}</span>`;

const linked = (text: string, address: string | undefined, kind: string): string =>
  address === undefined ? mark(kind, text) : `<a class="t-${kind}" href="${escaped(address)}">${escaped(text)}</a>`;

import { escapeHtml } from '../values/html.ts';
import { valueError } from '../values/template-error.ts';

interface Links {
  readonly limit: number | undefined;
  readonly target: string | undefined;
  readonly rel: readonly string[];
  readonly schemes: readonly string[];
}

const HTTP = new RegExp(
  '^(?:(?:https?://|www\\.)(?:(?:[\\w%-]+\\.)+)?(?:[a-z]{2,63}|xn--[\\w%]{2,59})' +
    '|(?:[\\w%-]{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)' +
    '|https?://(?:\\d{1,3}(?:\\.\\d{1,3}){3}|\\[(?:[\\da-f]{0,4}:){2}(?:[\\da-f]{0,4}:?){1,6}\\]))' +
    '(?::\\d{1,5})?(?:[/?#]\\S*)?$',
  'i',
);
const EMAIL = /^\S+@\w[\w.-]*\.\w+$/;
const SCHEME = /^[\w.+-]{2,}:\/{0,2}$/;

/** Jinja2's urlize on text that is already escaped: web and mail addresses become links. */
export function urlized(text: string, links: Links): string {
  const bad = links.schemes.find((scheme) => !SCHEME.test(scheme));
  if (bad !== undefined) throw valueError(`\`${bad}\` is no prefix of an address.`);
  return text
    .split(/(\s+)/)
    .map((word) => linked(word, links))
    .join('');
}

function linked(word: string, links: Links): string {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? '';
  let middle = word.slice(head.length);
  let tail = /(?:[)>.,\n]|&gt;)+$/.exec(middle)?.[0] ?? '';
  middle = middle.slice(0, middle.length - tail.length);
  for (const [open, close] of [
    ['(', ')'],
    ['<', '>'],
    ['&lt;', '&gt;'],
  ] as const) {
    const opened = middle.split(open).length - 1;
    if (opened <= middle.split(close).length - 1) continue;
    for (let left = Math.min(opened, tail.split(close).length - 1); left > 0; left--) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return head + link(middle, links) + tail;
}

function link(middle: string, { limit, target, rel, schemes }: Links): string {
  const relText = rel.length === 0 ? '' : ` rel="${escapeHtml([...new Set(rel)].sort().join(' '))}"`;
  const targetText = target === undefined ? '' : ` target="${escapeHtml(target)}"`;
  const shown = limit !== undefined && middle.length > limit ? `${middle.slice(0, limit)}...` : middle;
  if (HTTP.test(middle)) {
    const address = /^https?:\/\//.test(middle) ? middle : `https://${middle}`;
    return `<a href="${address}"${relText}${targetText}>${shown}</a>`;
  }
  if (middle.startsWith('mailto:') && EMAIL.test(middle.slice(7))) return `<a href="${middle}">${middle.slice(7)}</a>`;
  const mail = middle.includes('@') && !middle.startsWith('www.') && !middle.startsWith('@') && !middle.includes(':');
  if (mail && EMAIL.test(middle)) return `<a href="mailto:${middle}">${middle}</a>`;
  const scheme = mail ? undefined : schemes.find((one) => middle !== one && middle.startsWith(one));
  return scheme === undefined ? middle : `<a href="${middle}"${relText}${targetText}>${middle}</a>`;
}

/** Markdown and text → HTML that can be set on a page. Raw HTML in Markdown is shown, never run; pictures become links, since no request leaves the page. */
// The one file that knows the Markdown library.
import { Marked, type Tokens } from 'marked';
import type { Html } from './site-data.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapedHtml = (text: string): Html => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

/** Markdown as HTML; its headings start at `topHeading` (default 3), below those of the page they stand on. */
export function safeHtml(markdown: string, topHeading = 3): Html {
  // Most descriptions are a plain sentence, and a project may have a hundred thousand of them.
  if (PLAIN.test(markdown)) return `<p>${escapedHtml(markdown.trim()).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>\n`;
  const reader = READERS.get(topHeading) ?? markdownReader(topHeading);
  READERS.set(topHeading, reader);
  return reader.parse(markdown, { async: false });
}

/**
 * One paragraph with nothing in it that Markdown could mean something by: no sign but the `_` inside a name and the backticks around one, no address,
 * no list, no indent.
 */
const PLAIN =
  /^(?![\s\d-])(?!.*(?:www\.|:\/\/|@))(?:[\p{L}\p{N} .,;:?()'"%/€$°–—-]|(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])|`[\p{L}\p{N}_.]+`(?!`))+$/u;

const READERS = new Map<number, Marked>();

function markdownReader(topHeading: number): Marked {
  const shift = topHeading - 1;
  const marked = new Marked({ gfm: true, async: false });
  marked.use({
    renderer: {
      // A comment is for whoever writes the text.
      html: ({ text }) => escapedHtml(text.replace(/<!--[\s\S]*?-->/g, '')),
      image: ({ href, text }) => linkTo(href, escapedHtml(text || href)),
      link({ href, tokens }: Tokens.Link) {
        return linkTo(href, this.parser.parseInline(tokens));
      },
      heading({ tokens, depth }: Tokens.Heading) {
        const level = Math.min(6, depth + shift);
        return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
      },
      code: ({ text, lang }) =>
        `<pre class="code" data-language="${escapedHtml((lang ?? '').split(/\s/)[0] ?? '')}" tabindex="0"><code>${escapedHtml(text)}</code></pre>\n`,
      checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
      table(token: Tokens.Table) {
        const row = (cells: readonly Tokens.TableCell[], tag: string) =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="wide"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return marked;
}

/** The first `length` characters of Markdown as plain text, whole words. */
export function plainText(markdown: string, length = 220): string {
  const text = markdown
    .replace(/```[\s\S]*?```/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(^|\s)#+\s+/g, ' ')
    .replace(/[*`]|(?<=\s|^)_+|_+(?=\s|$)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (text.length <= length) return text;
  return `${text.slice(0, length).replace(/\s+\S*$/, '')} …`;
}

// `javascript:` and its like never become links: what is not known to be harmless is shown as text.
const linkTo = (href: string, inner: Html): Html =>
  /^(https?:|mailto:|#)/i.test(href.trim())
    ? `<a href="${escapedHtml(href.trim())}"${href.startsWith('#') ? '' : ' rel="noopener noreferrer" target="_blank"'}>${inner}</a>`
    : inner;

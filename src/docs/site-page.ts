/** Puts the page together: the template, its style and script, and the data, so that it opens from a disk and asks nobody for anything. */
import { createHash } from 'node:crypto';
import { escapedHtml } from './safe-html.ts';
import type { SiteFile } from './site-input.ts';

/** A named piece of data, gzip in base64. */
export interface DataBlob {
  readonly name: string;
  readonly base64: string;
}

export interface SitePage {
  readonly title: string;
  readonly assets: Readonly<Record<string, string>>;
  readonly blobs: readonly DataBlob[];
  readonly singleFile: boolean;
}

/** `index.html` with everything in it, or with `app.css`, `app.js` and `data/*.js` beside it. */
export function sitePage({ title, assets, blobs, singleFile }: SitePage): readonly SiteFile[] {
  const style = asset(assets, 'app.css');
  const script = asset(assets, 'app.js');
  const template = asset(assets, 'index.html');
  if (singleFile) {
    const inline = scriptSafe(script);
    const data = blobs.map(({ name, base64 }) => `<script type="text/plain" id="data-${name}">${base64}</script>`);
    const html = filled(template, {
      title: escapedHtml(title),
      policy: policyOf(`'sha256-${sha256(inline)}'`, `'sha256-${sha256(style)}'`),
      style: `<style>${style}</style>`,
      script: `${data.join('\n')}\n<script>${inline}</script>`,
    });
    return [{ path: 'index.html', text: html }];
  }
  // A page opened from a disk has no origin, so 'self' alone does not name its neighbours in every browser.
  const html = filled(template, {
    title: escapedHtml(title),
    policy: policyOf("'self' file:", "'self' file:"),
    style: '<link rel="stylesheet" href="app.css">',
    script: '<script src="app.js"></script>\n<script src="data/index.js"></script>',
  });
  return [
    { path: 'index.html', text: html },
    { path: 'app.css', text: style },
    { path: 'app.js', text: script },
    ...blobs.map(({ name, base64 }) => ({ path: `data/${name}.js`, text: `dqlData("${name}","${base64}");\n` })),
  ];
}

/** Nothing may be fetched, framed, posted or run but what is here. Styles set by our own script (positions, widths) are allowed. */
const policyOf = (scripts: string, styles: string): string =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    "style-src-attr 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

/** No text inside a script may end it or start a comment in it. */
const scriptSafe = (script: string): string => script.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

function asset(assets: Readonly<Record<string, string>>, name: string): string {
  const text = assets[name];
  if (text === undefined) throw new Error(`the docs site was asked for without its asset ${name}`);
  return text;
}

/** A chapter of the guide. */
import { h, withHtml } from './element.ts';
import { highlighted } from './highlight.ts';
import { withNameLinks } from './name-links.ts';
import type { Route } from './route.ts';
import type { Site } from './site.ts';

export async function guidePage(site: Site, route: Route): Promise<HTMLElement> {
  const chapters = site.index.guide;
  const at = Math.max(
    0,
    chapters.findIndex(({ slug }) => slug === route.name),
  );
  const chapter = chapters[at];
  if (!chapter)
    return h('article.guide', null, h('h1', null, 'No guide'), h('p', null, 'This site was made without one.'));
  const prose = withHtml('div.prose', (await site.guide())[chapter.slug] ?? '');
  for (const code of prose.querySelectorAll<HTMLElement>('pre[data-language=sql] code'))
    code.innerHTML = highlighted(code.textContent ?? '');
  for (const link of prose.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    const slug = link.getAttribute('href')?.slice(1) ?? '';
    if (chapters.some((one) => one.slug === slug)) link.setAttribute('href', `#/guide/${slug}`);
  }
  withNameLinks(site, prose);
  const next = chapters[at + 1];
  return h(
    'article.guide',
    null,
    prose.querySelector('h1') ? null : h('h1', null, chapter.title),
    prose,
    next && h('p.next', null, h('span.soft', null, 'Next: '), h('a', { href: `#/guide/${next.slug}` }, next.title)),
  );
}

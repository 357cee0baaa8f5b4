/** Opens the site: frame first, then the page its address names. */
import { h, icon } from './element.ts';
import { guidePage } from './guide-page.ts';
import { homePage } from './home-page.ts';
import { itemPage } from './item-page.ts';
import { lineagePage } from './lineage-page.ts';
import { listPage } from './list-page.ts';
import { markCurrent, menu } from './menu.ts';
import { addressOf, type Route, routeOf } from './route.ts';
import { siteSearch } from './search.ts';
import { searchBox } from './search-box.ts';
import { itemAt, openSite, type Site } from './site.ts';
import { startTheme, toggleTheme } from './theme.ts';

startTheme();
void start();

async function start(): Promise<void> {
  const site = await openSite();
  const main = h('main', { id: 'content', tabindex: '-1' });
  const side = menu(site);
  const search = siteSearch(site);
  const menuButton = h(
    'button.tool.menu-button',
    {
      type: 'button',
      'aria-label': 'Contents',
      'aria-expanded': 'false',
      'aria-controls': 'menu',
      onclick: () => openMenu(!document.body.classList.contains('menu-open')),
    },
    icon('menu'),
  );
  const openMenu = (open: boolean) => {
    document.body.classList.toggle('menu-open', open);
    menuButton.setAttribute('aria-expanded', String(open));
  };
  const skip = (event: Event) => {
    event.preventDefault();
    main.focus();
  };
  document.querySelector('noscript')?.remove();
  // The data of a single file lies in the body too, so the frame is put before it.
  document.body.prepend(
    h('a.skip', { href: '#content', onclick: skip }, 'Skip to the content'),
    h(
      'header.top',
      null,
      menuButton,
      h('a.brand', { href: '#/' }, h('span.logo', { 'aria-hidden': 'true' }), site.index.title),
      searchBox(site, search),
      h('a.tool', { href: '#/lineage', 'aria-label': 'Lineage graph', title: 'Lineage graph' }, icon('graph')),
      h(
        'button.tool',
        { type: 'button', 'aria-label': 'Dark or light', title: 'Dark or light', onclick: toggleTheme },
        icon('theme'),
      ),
    ),
    side,
    h('div.veil', { onclick: () => openMenu(false) }),
    main,
  );
  let shown = '';
  const show = async () => {
    const asked = location.hash;
    const route = routeOf(asked);
    const path = `${route.page}/${route.name}?${route.query}`;
    openMenu(false);
    if (path !== shown || route.place.startsWith('column/')) {
      const page = await pageOf(site, route);
      // Somebody may have gone on while a shard was read.
      if (location.hash !== asked) return;
      main.replaceChildren(page);
      document.title = titleOf(site, route, page);
      markCurrent(side, route.name === '' ? `#/${route.page}` : addressOf(`${route.page}/${route.name}`));
      if (path !== shown) main.scrollTop = 0;
      if (shown !== '' && path !== shown) main.focus({ preventScroll: true });
      shown = path;
    }
    const [what, ...rest] = route.place.split('/');
    const column = rest.length > 0 ? rest.join('/') : undefined;
    const place = document.getElementById(column === undefined ? `section-${what}` : `column-${column}`);
    if (place) place.scrollIntoView({ block: column === undefined ? 'start' : 'center' });
  };
  addEventListener('hashchange', () => void show());
  await show();
  document.body.dataset.ready = 'yes';
}

async function pageOf(site: Site, route: Route): Promise<HTMLElement> {
  switch (route.page) {
    case '':
      return homePage(site);
    case 'lineage':
      return await lineagePage(site, route);
    case 'all':
      return listPage(site, route);
    case 'guide':
      return await guidePage(site, route);
    default: {
      const position = positionOf(site, route);
      if (position !== undefined) return await itemPage(site, position, route);
      return h(
        'article',
        null,
        h('h1', null, 'Not here'),
        h(
          'p',
          null,
          `This site has no ${route.page} called ${route.name}. It may have been renamed or removed since the link was made.`,
        ),
        h('p', null, h('a', { href: '#/' }, 'To the overview')),
      );
    }
  }
}

/** By its address, or by dbt's id: `model.shop.orders`. */
function positionOf(site: Site, { page, name }: Route): number | undefined {
  const position = site.bySlug.get(`${page}/${name}`);
  if (position !== undefined || !name.startsWith(`${page}.`)) return position;
  const [, packageName = '', ...rest] = name.split('.');
  const found = site.bySlug.get(`${page}/${rest.join('.')}`);
  return found !== undefined && itemAt(site, found).packageName === packageName ? found : undefined;
}

function titleOf(site: Site, route: Route, page: HTMLElement): string {
  const position = positionOf(site, route);
  const name = position === undefined ? page.querySelector('h1')?.textContent : itemAt(site, position).name;
  return route.page === '' || !name ? site.index.title : `${name} · ${site.index.title}`;
}

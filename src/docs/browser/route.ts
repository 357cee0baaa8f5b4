/** Addresses: everything after `#`, so that they work from a disk too. */
export interface Route {
  /** `model`, `lineage`, `all`, `guide`, or empty for the home page. */
  readonly page: string;
  readonly name: string;
  /** What of the page: a section, or `column/<name>`. */
  readonly place: string;
  readonly query: URLSearchParams;
}

/** `#/model/orders/column/amount`, `#/lineage?select=%2Borders`; dbt's `#!/model/model.shop.orders` has the id for a name. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#!?\/?/, '').split('?');
  const [page = '', name = '', ...place] = path.split('/').map(decoded);
  return { page, name, place: place.join('/'), query: new URLSearchParams(query) };
}

export const addressOf = (slug: string, place = ''): string =>
  `#/${[...slug.split('/'), ...(place === '' ? [] : place.split('/'))].map(encodeURIComponent).join('/')}`;

export function lineageAddress(options: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(options).filter(([, value]) => value !== ''));
  const text = query.toString();
  return `#/lineage${text === '' ? '' : `?${text}`}`;
}

/** A stray percent sign in an address somebody typed is itself, and so are bytes that are no text. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

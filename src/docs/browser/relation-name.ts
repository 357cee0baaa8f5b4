import { shownIdentifier } from '../../core/quote.ts';

/** `"shop"."main"."orders"` as people write it: `shop.main.orders`. */
export const plainRelation = (relation: string): string =>
  relation.replace(/"((?:[^"]|"")*)"/g, (_, name: string) => shownIdentifier(name.replaceAll('""', '"')));

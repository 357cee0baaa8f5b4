import { packageAndName } from './package-and-name.ts';

export const savedQuery = packageAndName('saved_query', 'saved queries: monthly, shop.monthly');

import { packageAndName } from './package-and-name.ts';

export const metric = packageAndName('metric', 'metrics: revenue, shop.revenue');

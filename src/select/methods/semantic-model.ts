import { packageAndName } from './package-and-name.ts';

export const semanticModel = packageAndName('semantic_model', 'semantic models: orders, shop.orders');

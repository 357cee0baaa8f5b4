import { packageAndName } from './package-and-name.ts';

export const unitTest = packageAndName('unit_test', 'unit tests: test_totals, shop.test_totals');

import { packageAndName } from './package-and-name.ts';

export const exposure = packageAndName('exposure', 'exposures: weekly_report, shop.weekly_report');

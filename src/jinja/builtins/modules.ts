import type { Value } from '../contract.ts';
import { Dict } from '../values/containers.ts';
import { datetimeModule } from './datetime/datetime-module.ts';
import { itertoolsModule } from './itertools-module.ts';
import { pytzModule } from './pytz-module.ts';
import { reModule } from './re/re-module.ts';

/** Python's modules that dbt hands to templates; a dict there, too. */
export const modules: Value = Dict.from([
  ['datetime', datetimeModule],
  ['itertools', itertoolsModule],
  ['pytz', pytzModule],
  ['re', reModule],
]);

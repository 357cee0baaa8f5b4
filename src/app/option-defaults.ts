/** What the options of every use case are when nobody says otherwise: the command line's defaults. */
import type { CommonOptions } from './contract.ts';

/** All that depends neither on the clock nor on who calls. */
export const OPTION_DEFAULTS = {
  projectDir: '.',
  vars: {},
  select: [],
  exclude: [],
  indirectSelection: 'eager',
  resourceTypes: [],
  excludeResourceTypes: [],
  defer: false,
  favorState: false,
  fullRefresh: false,
  failFast: false,
  warnError: false,
  warnErrorOptions: { error: [], warn: [], silence: [] },
  empty: false,
  force: false,
  adopt: false,
  introspect: true,
  partialParse: true,
  writeJson: true,
  given: [],
} as const satisfies Partial<CommonOptions>;

/** Options as the command line fills them when nothing is given, for calling use cases from a test. */
import type { CommonOptions, Hooks } from '../app/contract.ts';
import type { RunEvent } from '../run/results.ts';

export const defaultOptions = (projectDir: string, given: Partial<CommonOptions> = {}): CommonOptions => ({
  projectDir,
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
  lockTimeout: 0,
  now: new Date('2026-03-01T08:00:00Z'),
  introspect: true,
  partialParse: true,
  writeJson: true,
  invocationCommand: 'dql',
  environment: {},
  given: [],
  version: '0.1.0',
  ...given,
});

/** Hooks that keep every event. */
export function listening(): Hooks & { readonly events: RunEvent[] } {
  const events: RunEvent[] = [];
  return { events, onEvent: (event) => events.push(event), signal: new AbortController().signal };
}

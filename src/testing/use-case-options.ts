/** Options as the command line fills them when nothing is given, for calling use cases from a test. */
import type { CommonOptions, Hooks } from '../app/contract.ts';
import { OPTION_DEFAULTS } from '../app/option-defaults.ts';
import type { RunEvent } from '../run/results.ts';

export const defaultOptions = (projectDir: string, given: Partial<CommonOptions> = {}): CommonOptions => ({
  ...OPTION_DEFAULTS,
  projectDir,
  lockTimeout: 0,
  now: new Date('2026-03-01T08:00:00Z'),
  invocationCommand: 'dql',
  environment: {},
  version: '0.1.0',
  ...given,
});

/** Hooks that keep every event. */
export function listening(): Hooks & { readonly events: RunEvent[] } {
  const events: RunEvent[] = [];
  return { events, onEvent: (event) => events.push(event), signal: new AbortController().signal };
}

/** What a run was called with, as the ledger and run_results.json tell it and `retry` reads it. */
import type { Json } from '../../core/node-id.ts';
import type { CommonOptions } from '../contract.ts';
import { sampleWindow, windowText } from '../opening/sample-window.ts';

/** As both its ends, so that `retry` reads the same rows at another time. */
function windowOf(options: CommonOptions): string | null {
  const window = sampleWindow(options);
  return window ? windowText(window) : null;
}

export function runArguments(options: CommonOptions): Readonly<Record<string, Json>> {
  return {
    select: [...options.select],
    exclude: [...options.exclude],
    selector: options.selector ?? null,
    target: options.target ?? null,
    vars: options.vars,
    threads: options.threads ?? null,
    full_refresh: options.fullRefresh,
    fail_fast: options.failFast,
    warn_error: options.warnError,
    warn_error_options: { ...options.warnErrorOptions },
    empty: options.empty,
    sample: windowOf(options),
    force: options.force,
    defer: options.defer,
    favor_state: options.favorState,
    state: options.state ?? null,
    defer_state: options.deferState ?? null,
    indirect_selection: options.indirectSelection,
    resource_types: [...options.resourceTypes],
    exclude_resource_types: [...options.excludeResourceTypes],
    store_failures: options.storeFailures ?? null,
    event_time_start: options.eventTimeStart ?? null,
    event_time_end: options.eventTimeEnd ?? null,
  };
}

import { wrongArguments } from '../../checks/check.ts';
import { COMMON_OPTION_NAMES } from '../../checks/check-config.ts';
import { wrongQueryOptions } from '../../checks/query-tests.ts';
import { knownChecks } from '../../checks/resolve-check.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json } from '../../core/node-id.ts';

const known = knownChecks();

/** By what is written: most tests of a project are `not_null` and `unique` without a word more. */
const judged = new Map<string, readonly Diagnostic[]>();

/** The built-in data tests, as `compile` needs to know them: namespaced ones are spelt `dbt_utils.accepted_range`. */
export const checks = {
  has(name: string): boolean {
    const dot = name.lastIndexOf('.');
    return dot < 0 ? known.has(name) : known.has(name.slice(dot + 1), name.slice(0, dot));
  },
  names: known.names,
  complaints(name: string, kwargs: Readonly<Record<string, Json>>, config: Readonly<Record<string, Json>>) {
    if (name.includes('.')) return [];
    const { column_name: column, ...others } = kwargs;
    const written = JSON.stringify([name, others, config, typeof column]);
    const complaints = judged.get(written) ?? wrongArguments(name, kwargs, config);
    judged.set(written, complaints);
    return complaints;
  },
  queryComplaints(
    config: Readonly<Record<string, Json>>,
    inputs: readonly { readonly name: string; readonly isTested: boolean }[],
  ) {
    const written = JSON.stringify([COMMON_OPTION_NAMES.map((name) => config[name] ?? null), inputs]);
    const complaints = judged.get(written) ?? wrongQueryOptions(config, inputs, undefined);
    judged.set(written, complaints);
    return complaints;
  },
};

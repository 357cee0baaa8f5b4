import { wrongArguments } from '../checks/check.ts';
import { knownChecks } from '../checks/resolve-check.ts';
import type { Json } from '../core/node-id.ts';

const known = knownChecks();

/** The built-in data tests, as `compile` needs to know them: namespaced ones are spelt `dbt_utils.accepted_range`. */
export const checks = {
  has(name: string): boolean {
    const dot = name.lastIndexOf('.');
    return dot < 0 ? known.has(name) : known.has(name.slice(dot + 1), name.slice(0, dot));
  },
  names: known.names,
  complaints(name: string, kwargs: Readonly<Record<string, Json>>, config: Readonly<Record<string, Json>>) {
    return name.includes('.') ? [] : wrongArguments(name, kwargs, config);
  },
};

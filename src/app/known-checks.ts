import { knownChecks } from '../checks/resolve-check.ts';

const known = knownChecks();

/** The built-in data tests, as `compile` needs to know them: namespaced ones are spelt `dbt_utils.accepted_range`. */
export const checks = {
  has(name: string): boolean {
    const dot = name.lastIndexOf('.');
    return dot < 0 ? known.has(name) : known.has(name.slice(dot + 1), name.slice(0, dot));
  },
  names: known.names,
};

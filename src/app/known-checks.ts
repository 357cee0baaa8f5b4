import { knownChecks } from '../checks/resolve-check.ts';

/** The built-in data tests, as `compile` needs to know them. */
export const checks = knownChecks();

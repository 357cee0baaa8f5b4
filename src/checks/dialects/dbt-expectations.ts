/** The tests of dbt-expectations, said with dql's. */
import type { Translate } from './translation.ts';

export const dbtExpectations: Readonly<Record<string, Translate>> = {};

import type { Value } from '../contract.ts';
import { Dict } from '../values/containers.ts';

/** Python's modules as dbt hands them to templates. */
export const modules: Value = new Dict();

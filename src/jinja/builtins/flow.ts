import type { Value } from '../contract.ts';
import { Returned } from '../signals.ts';
import { builtin } from './builtin.ts';

/** Builtins that steer macros. */
export const FLOW_BUILTINS: Record<string, Value> = {
  return: builtin('return', 'data', (data) => {
    throw new Returned(data);
  }),
};

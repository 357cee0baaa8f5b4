/** profiles.yml as dbt has it: profile → target and outputs. Outputs of other warehouses are left alone. */
import * as z from 'zod';
import { anyMap, anything } from './shapes.ts';

export const profile = z.strictObject({
  target: z.string().nullish().describe('The output used when --target is not given. Default: default.'),
  outputs: z.record(z.string(), anyMap).describe('Targets by name.'),
  config: anything.optional(),
});

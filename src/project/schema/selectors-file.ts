/** selectors.yml. What a definition means is the room `select`'s business; its shape is checked here. */
import * as z from 'zod';
import { anything } from './shapes.ts';

export const selectorsFile = z
  .strictObject({
    version: anything.optional(),
    selectors: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe('Name for --selector.'),
          description: z.string().nullish().describe('What it picks.'),
          default: z.union([z.boolean(), z.string()]).nullish().describe('Use it when a command names no selection.'),
          definition: anything.describe('A selection in words, or a map of method, union, intersection, exclude.'),
        }),
      )
      .describe('The selectors.'),
  })
  .describe('Named selections.');

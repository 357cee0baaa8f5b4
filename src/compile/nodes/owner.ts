import type { JsonObject } from '../../project/project.ts';

/** zod lets an owner have any further keys; what YAML said is JSON. */
export const ownerOf = (people: string | object): JsonObject =>
  typeof people === 'string' ? { name: people } : (people as JsonObject);

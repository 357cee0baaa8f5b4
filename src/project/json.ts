import type { Json } from '../core/node-id.ts';

export type JsonMap = { readonly [key: string]: Json };

export const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** A list as it is, null as no list, anything else as a list of one. */
export const listOf = (value: Json | undefined): readonly Json[] => {
  if (value === null || value === undefined) return [];
  return isList(value) ? value : [value];
};

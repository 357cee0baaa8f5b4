/** How a test of another tool is said with one of ours. */
import type { Json } from '../../core/node-id.ts';

export type Arguments = Readonly<Record<string, Json>>;

/** Our test's name and its arguments, or a sentence why it cannot be said. */
export type Translated = { readonly name: string; readonly kwargs: Arguments } | { readonly problem: string };
export type Translate = (given: Arguments) => Translated;

/** Renames arguments, leaves the others alone, and adds constant ones. An argument mapped to null is dropped. */
export function renamed(
  name: string,
  names: Readonly<Record<string, string | null>> = {},
  added: Arguments = {},
): Translate {
  return (given) => ({ name, kwargs: { ...rename(given, names), ...added } });
}

export function rename(given: Arguments, names: Readonly<Record<string, string | null>>): Arguments {
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]): [string, Json][] => {
      const renamedKey = Object.hasOwn(names, key) ? names[key] : key;
      return renamedKey === null || renamedKey === undefined || value === null ? [] : [[renamedKey, value]];
    }),
  );
}

/** Bounds are `min_value`, `max_value` and `strictly` there, `min`, `max` and `strict` here. */
export const BOUNDS = {
  min_value: 'min',
  max_value: 'max',
  strictly: 'strict',
} as const;

export const within = (name: string, given: Arguments, added: Arguments = {}): Translated => ({
  name,
  kwargs: { ...rename(given, BOUNDS), ...added },
});

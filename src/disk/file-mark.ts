import { statSync } from 'node:fs';

/**
 * Size and times of a file; equal marks mean equal content. Who keeps a file's time (`cp -p`, `touch -r`) cannot keep the time at which its
 * entry changed. undefined: there is no such file.
 */
export function fileMark(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts && `${facts.size}:${facts.mtimeMs}:${facts.ctimeMs}`;
}

/** Longer than any file system's clock needs to its next tick. */
const TICK_MS = 50;

/** Clocks of file systems tick in milliseconds: what was written just now may be written again under the same mark. */
export const mayStillChange = (mark: string): boolean => Date.now() - Number(mark.split(':')[2]) < TICK_MS;

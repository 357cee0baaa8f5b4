import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import type { FileToWrite } from './write-target.ts';

/** Writes the files that are not there yet and leaves those that are; answers the paths that were written. */
export function writeMissing(folder: string, files: readonly FileToWrite[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const absolute = join(folder, path);
    makeFolder(dirname(absolute));
    try {
      // `wx` asks and writes in one step, so nothing that appears meanwhile is overwritten.
      writeFileSync(absolute, text, { flag: 'wx' });
      return [path];
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return [];
      throw error;
    }
  });
}

import { randomBytes } from 'node:crypto';
import { accessSync, constants, readFileSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { makeFolder } from './make-folder.ts';

export interface FileToWrite {
  /** Relative to the folder given; forward slashes. */
  readonly path: string;
  /** In UTF-8 where it is bytes already. */
  readonly text: string | Buffer;
  /** For people to read, not for programs: a crash may leave the half of it, which saves a rename a file. */
  readonly isPlain?: boolean;
}

/**
 * Writes files below a folder, each whole or not at all (a temporary file, then a rename) unless it is plain. A file that already has this content is
 * left alone, so its time stays. Answers how many were written. Throws when the disk refuses, or a path leads out of the folder.
 */
export function writeTarget(root: string, files: readonly FileToWrite[]): number {
  const folder = resolve(root);
  const made = new Set<string>();
  let written = 0;
  for (const { path, text, isPlain } of files) {
    const absolute = placeBelow(folder, path);
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (hasContent(absolute, bytes)) continue;
    const parent = dirname(absolute);
    if (!made.has(parent)) {
      makeWay(folder, parent);
      made.add(parent);
    }
    if (isPlain) writeFileSync(absolute, bytes);
    else writeAtomically(absolute, bytes);
    written++;
  }
  return written;
}

/** Writes a large file that is never twice the same, whole or not at all, while the program goes on. */
export async function writeMeanwhile(root: string, { path, text }: FileToWrite): Promise<void> {
  const folder = resolve(root);
  const absolute = placeBelow(folder, path);
  makeWay(folder, dirname(absolute));
  const temporary = temporaryFor(absolute);
  try {
    await writeFile(temporary, text);
    await rename(temporary, absolute);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

function placeBelow(folder: string, path: string): string {
  const absolute = join(folder, path);
  const inside = relative(folder, absolute);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside))
    throw new Error(`${path} lies outside of ${folder}`);
  return absolute;
}

/** Throws where a folder cannot be made or written to: better told before hours of work than after. */
export function checkWritable(folder: string): void {
  makeFolder(folder);
  accessSync(folder, constants.W_OK | constants.X_OK);
}

/** Where a folder is wanted, a file of an earlier run makes way. */
function makeWay(root: string, folder: string): void {
  for (let above = folder; above !== root; above = dirname(above)) if (statusOf(above)?.isFile()) rmSync(above);
  makeFolder(folder);
}

/** undefined also where a file stands for a folder on the way. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOTDIR') return undefined;
    throw thrown;
  }
}

/** The name differs between processes, so two of them never write into one file. */
const temporaryFor = (path: string): string => `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;

function hasContent(path: string, bytes: Buffer): boolean {
  const status = statusOf(path);
  return status?.isFile() === true && status.size === bytes.length && readFileSync(path).equals(bytes);
}

function writeAtomically(path: string, bytes: Buffer): void {
  const temporary = temporaryFor(path);
  try {
    writeFileSync(temporary, bytes);
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
}

import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { FileStore } from '../run/context.ts';
import { makeFolder } from './make-folder.ts';

/** Exported files on the local disk. Every visible change is one rename, so readers see the old file or the new one. */
export const fileStore: FileStore = {
  exists: existsSync,
  isFullFolder: (path) => existsSync(path) && lstatSync(path).isDirectory() && readdirSync(path).length > 0,
  makeFolderFor: (path) => makeFolder(dirname(path)),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  share: (from, to) => (statSync(from).isDirectory() ? shareFolder(from, to) : linkOrCopy(from, to)),
  switchLocation,
  shows: (version, location) =>
    existsSync(location) && existsSync(version) && statSync(version).ino === statSync(location).ino,
  bytesOf,
  areSame,
};

function switchLocation(version: string, location: string, partitioned: boolean): void {
  const aside = join(dirname(location), '.dql', `${basename(location)}.next`);
  makeFolder(dirname(aside));
  rmSync(aside, { recursive: true, force: true });
  if (partitioned) symlinkSync(relative(dirname(location), version), aside);
  else linkOrCopy(version, aside);
  // A folder that somebody wrote by hand cannot be replaced by a rename; it is moved aside first.
  if (partitioned && existsSync(location) && readdirSafe(location)) renameSync(location, `${aside}.before`);
  renameSync(aside, location);
  rmSync(`${aside}.before`, { recursive: true, force: true });
}

/** True for a real folder, false for the symlink that dql makes. */
const readdirSafe = (location: string): boolean =>
  readdirSync(dirname(location), { withFileTypes: true }).some(
    (entry) => entry.name === basename(location) && entry.isDirectory(),
  );

function shareFolder(from: string, to: string): void {
  makeFolder(to);
  for (const entry of readdirSync(from)) fileStore.share(join(from, entry), join(to, entry));
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // Some file systems have no hard links; a copy costs time and nothing else.
    if (
      !(
        error instanceof Error &&
        'code' in error &&
        ['EPERM', 'EXDEV', 'ENOTSUP', 'EMLINK'].includes(String(error.code))
      )
    )
      throw error;
    copyFileSync(from, to);
  }
}

/** Bytes of a file, or of all files in a folder; 0 when there is nothing. */
function bytesOf(path: string): number {
  if (!existsSync(path)) return 0;
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.size;
  return readdirSync(path).reduce((sum, entry) => sum + bytesOf(join(path, entry)), 0);
}

function areSame(left: string, right: string): boolean {
  if (!existsSync(left) || !existsSync(right)) return false;
  const [one, other] = [statSync(left), statSync(right)];
  if (one.isDirectory() !== other.isDirectory()) return false;
  if (!one.isDirectory()) return one.size === other.size && haveSameBytes(left, right);
  const names = [left, right].map((folder) => readdirSync(folder).sort());
  return (
    names[0]?.join('/') === names[1]?.join('/') &&
    (names[0] ?? []).every((name) => areSame(join(left, name), join(right, name)))
  );
}

const PIECE = 1024 * 1024;

/** Of two files of one size. */
function haveSameBytes(left: string, right: string): boolean {
  const files = [openSync(left, 'r'), openSync(right, 'r')] as const;
  const [one, other] = [Buffer.alloc(PIECE), Buffer.alloc(PIECE)];
  try {
    for (;;) {
      const [read, readThere] = [readSync(files[0], one), readSync(files[1], other)];
      if (read !== readThere || !one.subarray(0, read).equals(other.subarray(0, read))) return false;
      if (read === 0) return true;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}

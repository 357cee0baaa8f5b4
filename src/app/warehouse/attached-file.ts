import { isAbsolute, join } from 'node:path';
import type { Attachment } from '../../project/project.ts';

/** Engines whose databases are files of this machine. */
const IN_FILES = ['duckdb', 'sqlite', 'sqlite_scanner'];

/** The absolute path of what is attached; undefined where that is no file: a server, a lake, a database in memory. */
export function attachedFile({ path, type = 'duckdb' }: Attachment, folder: string): string | undefined {
  // `md:sales`, `ducklake:meta.db`, `s3://…`; one letter is a drive.
  const isElsewhere = /^\w{2,}:/.test(path) || path === ':memory:' || !IN_FILES.includes(type.toLowerCase());
  if (isElsewhere) return undefined;
  return isAbsolute(path) ? path : join(folder, path);
}

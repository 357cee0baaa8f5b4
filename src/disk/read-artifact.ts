import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A JSON artifact of an earlier command, or undefined. The caller says what it is; it was written by dql or dbt. */
export function readArtifact<T>(folder: string, name: string): T | undefined {
  const path = join(folder, name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}

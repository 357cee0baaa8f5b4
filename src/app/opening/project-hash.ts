/** Hashes of what a project is read from. */
import { createHash } from 'node:crypto';
import type { Json } from '../../core/node-id.ts';
import type { Project, ProjectFiles } from '../../project/project.ts';

/** Equal for the same files and the same that is told beside them. */
export function filesHash({ files, data }: ProjectFiles, told: Json | object): string {
  const hash = createHash('sha256').update(JSON.stringify(told));
  for (const { path, text } of files) hash.update(`\n${path}\n${text.length}\n${text}`);
  for (const { path, checksum } of data) hash.update(`\n${path}\n${checksum}`);
  return hash.digest('hex');
}

/**
 * Of the variables that were read, those that artifacts tell of by their names, and the time zone, which is the engine's default. Values
 * are hashed: some of them are secrets.
 */
export function environmentHash(names: readonly string[], environment: Project['environment']): string {
  const told = Object.keys(environment).filter((name) => /^(?:DBT|DQL)_ENV_/.test(name));
  const values = [...new Set([...names, ...told.sort(), 'TZ'])].map((name) => [name, environment[name] ?? null]);
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What the project file may be called; the first one found in a folder is read. */
export const PROJECT_FILES = ['project.yml', 'project.yaml', 'dbt_project.yml', 'dbt_project.yaml'] as const;

/** The folder with a project file, from `start` upwards; undefined when there is none up to the file system's root. */
export function findProjectRoot(start: string): string | undefined {
  let folder = resolve(start);
  for (;;) {
    if (PROJECT_FILES.some((name) => existsSync(join(folder, name)))) return folder;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { findProjectRoot } from './find-project-root.ts';

/**
 * False for a file inside the folder of another project: a copy of a warehouse knows the exported files of the project it was copied from,
 * and must neither move nor remove them.
 */
export function isOwnFile(path: string, projectFolder: string): boolean {
  // Written from this folder: a copy of the project would call it otherwise.
  if (path.startsWith(`${projectFolder}/../`)) return true;
  const root = path.includes('://') ? undefined : findProjectRoot(dirname(path));
  return root === undefined || realpathSync(root) === realpathSync(projectFolder);
}

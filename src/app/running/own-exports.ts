import { basename, dirname } from 'node:path';
import { isOwnFile } from '../../disk/is-own-file.ts';
import { locationOf } from '../../plan/materializations.ts';
import type { OpenedProject } from '../opening/opened-project.ts';

/**
 * Whether an exported file is this project's: it lies in no other project's folder, or where one of its own models exports to, now. A copy of
 * a project, whose warehouse knows the exports of the other, exports to its own folder.
 */
export function ownExports({
  manifest,
  project,
}: Pick<OpenedProject, 'manifest' | 'project'>): (path: string) => boolean {
  const folders = new Set(
    Object.values(manifest.nodes).flatMap((node) => {
      const location = locationOf(project.folder, node);
      return location === null ? [] : [dirname(location)];
    }),
  );
  const folderOf = (path: string) => (basename(dirname(path)) === '.dql' ? dirname(dirname(path)) : dirname(path));
  return (path) => folders.has(folderOf(path)) || isOwnFile(path, project.folder);
}

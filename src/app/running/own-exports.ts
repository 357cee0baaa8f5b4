import { basename, dirname } from 'node:path';
import type { Manifest } from '../../compile/manifest.ts';
import { isOwnFile } from '../../disk/is-own-file.ts';
import { locationOf } from '../../plan/materializations.ts';
import type { Project } from '../../project/project.ts';

/**
 * Whether an exported file is this project's: it lies in no other project's folder, or where one of its own models exports to, now. A copy of
 * a project, whose warehouse knows the exports of the other, exports to its own folder.
 * @param known its manifest; that of its last run where nothing is compiled
 */
export function ownExports(known: {
  readonly manifest: Manifest | undefined;
  readonly project: Pick<Project, 'folder'>;
}): (path: string) => boolean {
  const { manifest, project } = known;
  const folders = new Set(
    Object.values(manifest?.nodes ?? {}).flatMap((node) => {
      const location = locationOf(project.folder, node);
      return location === null ? [] : [dirname(location)];
    }),
  );
  const folderOf = (path: string) => (basename(dirname(path)) === '.dql' ? dirname(dirname(path)) : dirname(path));
  return (path) => folders.has(folderOf(path)) || isOwnFile(path, project.folder);
}

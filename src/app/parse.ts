/** `dql parse`: reads and checks the project, writes target/manifest.json. Touches no data. */
import { relative } from 'node:path';
import { allNodes } from '../compile/manifest.ts';
import { writeTarget } from '../disk/write-target.ts';
import { manifestFile } from './artifacts/write-artifacts.ts';
import type { UseCases } from './contract.ts';
import { openProject } from './opening/open-project.ts';

export const parse: UseCases['parse'] = async (options, hooks) => {
  const opened = await openProject(options, 'parse', hooks);
  if (options.writeJson) writeTarget(opened.targetFolder, [manifestFile(opened, new Map()), ...opened.learnt()]);
  const counts: Record<string, number> = {};
  const types = [...allNodes(opened.manifest)].map((node) => node.resource_type as string);
  const own = Object.values(opened.manifest.macros).filter(
    ({ package_name }) => package_name === opened.project.root.name,
  );
  for (const type of [...types, ...own.map(() => 'macro')].sort()) counts[type] = (counts[type] ?? 0) + 1;
  return {
    counts,
    files: opened.files.files.length + opened.files.data.length,
    seconds: opened.seconds,
    manifest_path: relative(opened.project.folder, `${opened.targetFolder}/manifest.json`),
    warnings: opened.warnings,
  };
};

import type { Checked } from '../core/diagnostic.ts';
import { findProjectRoot, readProjectFiles } from '../disk/read-project.ts';
import { parseProject } from '../project/parse-project.ts';
import type { Project } from '../project/project.ts';
import type { CommonOptions } from './contract.ts';

/** The project's settings and no models: for what must work while those are broken, and takes as long however many there are. */
export async function readSettings(options: CommonOptions): Promise<Checked<Project>> {
  const root = findProjectRoot(options.projectDir) ?? options.projectDir;
  const files = await readProjectFiles(root, {
    environment: options.environment,
    profilesDir: options.profilesDir,
    settingsOnly: true,
  });
  const { value, diagnostics } = parseProject(files, {
    target: options.target,
    profile: options.profile,
    vars: options.vars,
    now: options.now,
    version: options.version,
  });
  return { value, diagnostics: [...(files.problems ?? []), ...diagnostics] };
}

import { findProjectRoot, readProjectFiles } from '../../disk/read-project.ts';
import type { ProjectFiles } from '../../project/project.ts';
import type { CommonOptions } from '../contract.ts';

/**
 * The files of the project that a command is about.
 * @param settingsOnly no models, no packages: what says where the warehouse is, and how
 */
export const readFiles = (options: CommonOptions, settingsOnly = false): Promise<ProjectFiles> =>
  readProjectFiles(findProjectRoot(options.projectDir) ?? options.projectDir, {
    environment: options.environment,
    profilesDir: options.profilesDir,
    settingsOnly,
  });

import type { Path } from '../core/source.ts';
import type { PackageSettings } from './project.ts';
import { plainFolder } from './resource-files.ts';
import type { ProjectFileContent } from './schema/project-file.ts';

const list = (value: string | readonly string[] | null | undefined): readonly string[] => {
  if (value === null || value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
};

/** A package's settings with dbt's defaults filled in. */
export function packageSettings(file: Partial<ProjectFileContent>): PackageSettings {
  const folders = (value: readonly string[] | undefined, fallback: string): readonly Path[] =>
    (value ?? [fallback]).map(plainFolder);
  const modelPaths = folders(file['model-paths'] ?? file['source-paths'], 'models');
  const seedPaths = folders(file['seed-paths'] ?? file['data-paths'], 'seeds');
  const testPaths = folders(file['test-paths'], 'tests');
  const analysisPaths = folders(file['analysis-paths'], 'analyses');
  const macroPaths = folders(file['macro-paths'], 'macros');
  const snapshotPaths = folders(file['snapshot-paths'], 'snapshots');
  const all = [
    ...new Set([...modelPaths, ...seedPaths, ...testPaths, ...analysisPaths, ...macroPaths, ...snapshotPaths]),
  ];
  const targetPath = plainFolder(file['target-path'] ?? 'target');
  const comment = file['query-comment'];
  const { database, schema, identifier } = file.quoting ?? {};
  return {
    version: file.version === null || file.version === undefined ? null : String(file.version),
    modelPaths,
    seedPaths,
    testPaths,
    analysisPaths,
    macroPaths,
    snapshotPaths,
    docsPaths: file['docs-paths']?.map(plainFolder) ?? all,
    assetPaths: (file['asset-paths'] ?? []).map(plainFolder),
    targetPath,
    logPath: plainFolder(file['log-path'] ?? 'logs'),
    packagesInstallPath: plainFolder(file['packages-install-path'] ?? 'dbt_packages'),
    cleanTargets: file['clean-targets']?.map(plainFolder) ?? [targetPath],
    quoting: {
      ...(database === undefined ? {} : { database }),
      ...(schema === undefined ? {} : { schema }),
      ...(identifier === undefined ? {} : { identifier }),
    },
    onRunStart: list(file['on-run-start']),
    onRunEnd: list(file['on-run-end']),
    dispatch: file.dispatch ?? [],
    queryComment:
      comment === null || comment === undefined
        ? null
        : typeof comment === 'string'
          ? { comment, append: false }
          : { comment: comment.comment ?? null, append: comment.append ?? false },
    flags: file.flags ?? {},
    restrictAccess: file['restrict-access'] ?? false,
    strict: file.strict ?? false,
    publish: file.publish ?? 'together',
    retention: file.retention ?? {},
  };
}

/**
 * `dql clean`: removes the folders of clean-targets, never outside the project, old versions of data, never what is published, or what
 * is published and no model makes any more.
 */
import { closeSync, lstatSync, openSync, readdirSync, readSync, realpathSync, rmSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Diagnostic, DqlError, hasErrors } from '../core/diagnostic.ts';
import type { Path } from '../core/source.ts';
import { publicName } from '../ledger/names.ts';
import type { VersionRecord } from '../ledger/records.ts';
import type { Project } from '../project/project.ts';
import type { CleanAnswer, CleanOptions, CommonOptions, Hooks, UseCases } from './contract.ts';
import { readSettings } from './opening/read-settings.ts';
import { stateInLedger } from './opening/state-manifest.ts';
import { cleanOrphans } from './running/clean-orphans.ts';
import { openedState } from './running/opened-state.ts';
import { ownExports } from './running/own-exports.ts';
import { collectVersions } from './warehouse/collect-versions.ts';
import { nothingBuilt, openToWrite, warehousePath } from './warehouse/open-target.ts';

export const clean: UseCases['clean'] = async (options, hooks) => {
  if (options.orphans) return cleanOrphans(options, hooks);
  // Models are not compiled: a project that is broken elsewhere can be cleaned.
  const { value: project, diagnostics } = await readSettings(options);
  if (hasErrors(diagnostics)) throw new DqlError(diagnostics);
  return options.versions ? cleanVersions(project, options, hooks) : cleanFolders(project);
};

function cleanFolders(project: Project): CleanAnswer {
  const { cleanTargets } = project.root.settings;
  const problems = cleanTargets.flatMap((target) => refusal(target, project));
  if (problems.length > 0) throw new DqlError(problems);
  const removed = cleanTargets.flatMap((target): CleanAnswer['removed'] => {
    const folder = resolve(project.folder, target);
    if (!lstatSync(folder, { throwIfNoEntry: false })) return [];
    const bytes = bytesIn(folder);
    rmSync(folder, { recursive: true, force: true });
    return [{ what: target, kind: 'folder', bytes }];
  });
  return { removed, bytes: removed.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0), run_id: null, unserved: null };
}

/** Why a clean-target must not be removed. Everything is refused before anything is removed. */
function refusal(target: Path, project: Project): readonly Diagnostic[] {
  const at = project.root.file.span(['clean-targets']);
  const wrong = (message: string, hint: string): readonly Diagnostic[] => [
    { code: 'clean/refused', severity: 'error', message, at, hint },
  ];
  const folder = resolve(project.folder, target);
  const real = lstatSync(folder, { throwIfNoEntry: false }) ? realpathSync(folder) : folder;
  if (!isInside(folder, project.folder) || !isInside(real, realpathSync(project.folder)))
    return wrong(
      `clean-targets has \`${target}\`, which is not inside the project`,
      'dql clean removes folders of the project only; take it out of clean-targets',
    );
  const source = sourceFolders(project).find((path) => isInside(resolve(project.folder, path), folder, true));
  if (source !== undefined)
    return wrong(
      `clean-targets has \`${target}\`, which would remove \`${source}\``,
      'that is source, not output; take it out of clean-targets',
    );
  const data = dataIn(folder, project);
  if (data !== undefined)
    return wrong(
      `clean-targets has \`${target}\`, which holds published data: ${relative(project.folder, data)}`,
      'keep the warehouse and exported files elsewhere, or remove them by hand',
    );
  return [];
}

const sourceFolders = ({ root: { settings } }: Project): readonly Path[] => [
  ...settings.modelPaths,
  ...settings.seedPaths,
  ...settings.testPaths,
  ...settings.analysisPaths,
  ...settings.macroPaths,
  ...settings.snapshotPaths,
];

function isInside(path: string, folder: string, orSame = false): boolean {
  const inside = relative(folder, path);
  return inside === '' ? orSame : !inside.startsWith(`..${sep}`) && inside !== '..' && !isAbsolute(inside);
}

/** A database file, or the versions of an exported file (`.dql/daily@3.parquet`), somewhere below a folder. */
function dataIn(folder: string, project: Project): string | undefined {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  if (!status) return undefined;
  if (folder === warehousePath(project)) return folder;
  if (status.isFile()) return isExported(folder) || isDatabase(folder, status.size) ? folder : undefined;
  if (!status.isDirectory()) return undefined;
  for (const name of readdirSync(folder)) {
    const found = dataIn(join(folder, name), project);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isExported = (path: string): boolean => /[\\/]\.dql[\\/](.*[\\/])?[^\\/]+@\d+(\.\w+)?([\\/]|$)/.test(path);

/** DuckDB writes DUCK at byte 8; what the file is called says nothing. */
function isDatabase(path: string, bytes: number): boolean {
  if (bytes < 12) return false;
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(12);
    readSync(file, head, 0, 12, 0);
    return head.subarray(8).toString('latin1') === 'DUCK';
  } finally {
    closeSync(file);
  }
}

const bytesIn = (path: string): number => {
  const status = lstatSync(path);
  return status.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
    : status.size;
};

async function cleanVersions(
  project: Project,
  options: CommonOptions & CleanOptions,
  hooks: Hooks,
): Promise<CleanAnswer> {
  const path = warehousePath(project);
  const before = statSync(path, { throwIfNoEntry: false })?.size;
  if (before === undefined) throw new DqlError([nothingBuilt(project)]);
  const warehouse = await openToWrite(project, options, hooks);
  const dropped: VersionRecord[] = [];
  try {
    const connection = await warehouse.connect();
    const state = await openedState(warehouse, connection, project.target.name);
    const known = await stateInLedger(connection, warehouse.database, { target: project.target.name });
    const isOwn = ownExports({ manifest: known?.manifest, project });
    dropped.push(...(await collectVersions(connection, state, project, options.now, isOwn)).dropped);
    connection.close();
  } finally {
    await warehouse.close();
  }
  const after = statSync(path).size;
  return {
    removed: dropped.map((version) => ({
      what: `${publicName(version)}@${version.version}`,
      kind: 'version',
      bytes: version.bytes,
    })),
    // The file shrinks only where its end became free; the rest is used again by the next versions.
    bytes: Math.max(0, before - after),
    run_id: null,
    unserved: null,
  };
}

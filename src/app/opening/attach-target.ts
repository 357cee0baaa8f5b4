/** Another target's published relations, beside those of the warehouse that is open. */
import { existsSync } from 'node:fs';
import { DqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/nearest.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { ledgerVersion, newerLedger } from '../../ledger/open-ledger.ts';
import { readLedger } from '../../ledger/read-ledger.ts';
import { emptyState, type LedgerState, type VersionRecord } from '../../ledger/records.ts';
import { LEDGER_VERSION } from '../../ledger/schema.ts';
import { parseTarget } from '../../project/parse-project.ts';
import type { Project } from '../../project/project.ts';
import { objectName } from '../../run/progress.ts';
import type { CommonOptions } from '../contract.ts';
import { attachedFile } from '../warehouse/attached-file.ts';
import { nothingBuilt, warehousePath } from '../warehouse/open-target.ts';
import { readUnder } from '../warehouse/read-under.ts';
import type { OpenedProject } from './opened-project.ts';

export interface OtherTarget {
  readonly project: Project;
  readonly state: LedgerState;
  /** What can stand after FROM for one of its versions. */
  readonly objectOf: (version: VersionRecord) => string;
  /** True when a version's rows lie in a file that the open target does not have, so that only a copy of them stays. */
  readonly isElsewhere: (version: VersionRecord) => boolean;
}

/** The project as it is for another target. Rejects with DqlError when there is no such target. */
export function projectFor(
  opened: Pick<OpenedProject, 'files' | 'project'>,
  name: string,
  options: CommonOptions,
): Project {
  const { targetNames } = opened.project;
  if (!targetNames.includes(name)) {
    const hint = didYouMean(name, targetNames) ?? `there are ${targetNames.join(', ')}`;
    throw new DqlError([
      { code: 'target/unknown', severity: 'error', message: `there is no target \`${name}\``, hint },
    ]);
  }
  const { value, diagnostics } = parseTarget(opened.files, {
    target: name,
    profile: options.profile,
    vars: options.vars,
    now: options.now,
    version: options.version,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DqlError(errors);
  return { ...opened.project, target: value };
}

/**
 * Attaches the other target's files READ_ONLY, the warehouse's and those it attaches itself, unless they are open, and reads their
 * ledgers. Each is called by its own name, which its views were written with, or, where another open file has that, by another.
 */
export async function attachTarget(
  opened: OpenedProject,
  warehouse: Warehouse,
  connection: Connection,
  name: string,
  options: CommonOptions,
): Promise<OtherTarget> {
  const project = projectFor(opened, name, options);
  const path = warehousePath(project);
  const isSame = path !== ':memory:' && path === warehousePath(opened.project);
  if (!isSame && (path === ':memory:' || !existsSync(path)))
    throw new DqlError([{ ...nothingBuilt(project), hint: `run \`dql build -t ${project.target.name}\` first` }]);
  const own = isSame ? warehouse.database : project.target.database;
  const known = await connection.query('select database_name, path from duckdb_databases()');
  const open = new Map(known.rows.map(([database, file]) => [String(database).toLowerCase(), file]));
  const called = new Map<string, string>();
  const shared = new Set<string>();
  for (const [database, file] of [[own, path] as const, ...attachedFiles(project)]) {
    const there = open.get(database.toLowerCase());
    if (there === file) {
      called.set(database, database);
      if (isSame) shared.add(database);
      continue;
    }
    if (!existsSync(file)) continue;
    const otherwise = known.rows.find(([, each]) => each === file);
    const alias = otherwise ? String(otherwise[0]) : there === undefined ? database : `${database} of ${name}`;
    if (!otherwise) await connection.run(`attach ${quotedString(file)} as ${quotedIdentifier(alias)} (read_only)`);
    called.set(database, alias);
  }
  const state = await ledgerOf(connection, [...called.values()], name);
  const renamed = [...called].filter(([database, alias]) => alias !== database);
  return {
    project,
    state,
    objectOf: renamed.length > 0 ? readUnder(new Map(renamed), state) : (version) => objectOf(state, version),
    isElsewhere: (version) => !shared.has(version.database),
  };
}

/** Name and path of a target's DuckDB files: the warehouse and those it attaches. */
export const filesOf = (project: Project): ReadonlyMap<string, string> =>
  new Map([[project.target.database, warehousePath(project)], ...attachedFiles(project)]);

const attachedFiles = ({ folder, target }: Project): readonly (readonly [string, string])[] =>
  target.attach.flatMap((attachment) => {
    const file = attachment.type === undefined ? attachedFile(attachment, folder) : undefined;
    return file === undefined ? [] : [[attachment.alias, file] as const];
  });

async function ledgerOf(connection: Connection, databases: readonly string[], target: string): Promise<LedgerState> {
  const ledgers: string[] = [];
  for (const database of databases) {
    const version = await ledgerVersion(connection, database);
    if (version > LEDGER_VERSION) throw new DqlError([newerLedger(database, version)]);
    if (version > 0) ledgers.push(database);
  }
  return ledgers.length === 0 ? emptyState : readLedger(connection, ledgers, target);
}

const objectOf = (state: LedgerState, version: VersionRecord): string =>
  objectName(version, state.published.get(version.relation)?.version === version.version);

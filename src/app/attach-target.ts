/** Another target's published relations, beside those of the warehouse that is open. */
import { existsSync } from 'node:fs';
import { DqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { ledgerVersion, newerLedger } from '../ledger/open-ledger.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { emptyState, type LedgerState, type VersionRecord } from '../ledger/records.ts';
import { LEDGER_VERSION } from '../ledger/schema.ts';
import { parseProject } from '../project/parse-project.ts';
import type { Project } from '../project/project.ts';
import { objectName } from '../run/progress.ts';
import type { CommonOptions } from './contract.ts';
import type { OpenedProject } from './open-project.ts';
import { nothingBuilt, warehousePath } from './open-target.ts';
import { readUnder } from './read-under.ts';

export interface OtherTarget {
  readonly project: Project;
  /** It is in another file, which is attached READ_ONLY. */
  readonly isAttached: boolean;
  /** That file is called as the open one is, so its public views cannot be read. */
  readonly isRenamed: boolean;
  readonly state: LedgerState;
  /** What can stand after FROM for one of its versions. */
  readonly objectOf: (version: VersionRecord) => string;
}

/** The project as it is for another target. Rejects with DqlError when there is no such target. */
export function projectFor(opened: OpenedProject, name: string, options: CommonOptions): Project {
  const { targetNames } = opened.project;
  if (!targetNames.includes(name)) {
    const hint = didYouMean(name, targetNames) ?? `there are ${targetNames.join(', ')}`;
    throw new DqlError([
      { code: 'target/unknown', severity: 'error', message: `there is no target \`${name}\``, hint },
    ]);
  }
  const { value, diagnostics } = parseProject(opened.files, {
    target: name,
    profile: options.profile,
    vars: options.vars,
    now: options.now,
    version: options.version,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DqlError(errors);
  return value;
}

/**
 * Attaches the other target's file READ_ONLY, unless it is the file that is open, and reads its ledger. It is called by its own name, which
 * its views were written with, or, where the open file has the same, by another.
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
  if (!isSame && (path === ':memory:' || !existsSync(path))) throw new DqlError([nothingBuilt(project)]);
  const own = project.target.database;
  if (isSame) {
    const state = await ledgerOf(connection, warehouse.database, name);
    return { project, isAttached: false, isRenamed: false, state, objectOf: (version) => objectOf(state, version) };
  }
  const known = await connection.query(
    `select path from duckdb_databases() where lower(database_name) = lower(${quotedString(own)})`,
  );
  const [there] = known.rows;
  const isRenamed = there !== undefined && there[0] !== path;
  const database = isRenamed ? `${own} of ${name}` : own;
  if (there === undefined || isRenamed)
    await connection.run(`attach ${quotedString(path)} as ${quotedIdentifier(database)} (read_only)`);
  const state = await ledgerOf(connection, database, name);
  const renamed = readUnder(database, own, state);
  return {
    project,
    isAttached: true,
    isRenamed,
    state,
    objectOf: (version) => (isRenamed ? renamed(version) : objectOf(state, version)),
  };
}

async function ledgerOf(connection: Connection, database: string, target: string): Promise<LedgerState> {
  const version = await ledgerVersion(connection, database);
  if (version > LEDGER_VERSION) throw new DqlError([newerLedger(database, version)]);
  return version === 0 ? emptyState : readLedger(connection, [database], target);
}

const objectOf = (state: LedgerState, version: VersionRecord): string =>
  objectName(version, state.published.get(version.relation)?.version === version.version);

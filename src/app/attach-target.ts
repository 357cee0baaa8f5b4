/** Another target's published relations, beside those of the warehouse that is open. */
import { existsSync } from 'node:fs';
import { DqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { ledgerVersion, newerLedger } from '../ledger/open-ledger.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { emptyState, type LedgerState } from '../ledger/records.ts';
import { LEDGER_VERSION } from '../ledger/schema.ts';
import { parseProject } from '../project/parse-project.ts';
import type { Project } from '../project/project.ts';
import type { CommonOptions } from './contract.ts';
import type { OpenedProject } from './open-project.ts';
import { nothingBuilt, warehousePath } from './open-target.ts';

export interface OtherTarget {
  readonly project: Project;
  /** The database its relations are in: the open one, or the one that was attached READ_ONLY. */
  readonly database: string;
  readonly isAttached: boolean;
  readonly state: LedgerState;
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

/** Attaches the other target's file READ_ONLY under its own name, unless it is the file that is open, and reads its ledger. */
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
  const database = isSame ? warehouse.database : project.target.database;
  if (!isSame) {
    // Published views name their database, so it can be attached under no other name.
    const known = await connection.query(
      `select path from duckdb_databases() where lower(database_name) = lower(${quotedString(database)})`,
    );
    const [there] = known.rows;
    if (there && there[0] !== path)
      throw new DqlError([
        {
          code: 'target/same-database-name',
          severity: 'error',
          message: `the files of \`${opened.project.target.name}\` and \`${name}\` are both called \`${database}\`, so they cannot be open at once`,
          hint: 'give one of them another file name',
        },
      ]);
    if (!there) await connection.run(`attach ${quotedString(path)} as ${quotedIdentifier(database)} (read_only)`);
  }
  const version = await ledgerVersion(connection, database);
  if (version > LEDGER_VERSION) throw new DqlError([newerLedger(database, version)]);
  const state = version === 0 ? emptyState : await readLedger(connection, [database], name);
  return { project, database, isAttached: !isSame, state };
}

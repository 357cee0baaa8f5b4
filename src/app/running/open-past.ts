/** Opens what a target remembers, for the commands that only look: the warehouse READ_ONLY and its ledger. */
import { DqlError } from '../../core/diagnostic.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { lostVersions, withLost } from '../../ledger/lost.ts';
import { ledgerVersion } from '../../ledger/open-ledger.ts';
import type { LedgerState } from '../../ledger/records.ts';
import type { Project } from '../../project/project.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { nothingBuilt, openToRead, warehousePath } from '../warehouse/open-target.ts';
import { openedState } from './opened-state.ts';

export interface Past {
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  readonly state: LedgerState;
  /** False where dql never ran: the ledger's tables are not there. */
  readonly hasLedger: boolean;
}

/** Calls `look` and closes the warehouse again. Rejects with DqlError (exit code 2) where there is no earlier run to look at. */
export async function lookBack<T>(
  project: Project,
  options: Pick<CommonOptions, 'lockTimeout'>,
  hooks: Hooks,
  look: (past: Past) => Promise<T>,
): Promise<T> {
  if (warehousePath(project) === ':memory:') throw new DqlError([nothingBuilt(project)]);
  const warehouse = await openToRead(withItsFiles(project), options, hooks);
  const connection = await warehouse.connect();
  try {
    const known = await openedState(warehouse, connection, project.target.name);
    const hasLedger = (await ledgerVersion(connection, warehouse.database)) > 0;
    const state = hasLedger ? withLost(known, await lostVersions(connection, known)) : known;
    return await look({ warehouse, connection, state, hasLedger });
  } finally {
    connection.close();
    await warehouse.close();
  }
}

/** What is remembered lies in DuckDB's files: whether a server answers is nothing to look back on. */
const withItsFiles = (project: Project): Project => ({
  ...project,
  target: {
    ...project.target,
    createSecrets: [],
    attach: project.target.attach.filter(({ type = 'duckdb' }) => type.toLowerCase() === 'duckdb'),
  },
});

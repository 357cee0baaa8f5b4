/** The ledger as a command finds it: a publication that a crash left half done is finished, an old ledger upgraded, a newer one refused. */
import type { GraphNode } from '../../compile/manifest.ts';
import { DqlError } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { ledgersBeside, ledgerVersion, newerLedger, openLedger } from '../../ledger/open-ledger.ts';
import { readLedger } from '../../ledger/read-ledger.ts';
import { emptyState, type LedgerState } from '../../ledger/records.ts';
import { LEDGER_VERSION } from '../../ledger/schema.ts';
import { copiedDatabases, databaseProblems } from '../../plan/databases.ts';
import { relationOf } from '../../plan/plan-run.ts';
import { finishCommits } from '../../run/commit-files.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { type Renamed, renamedFiles, takeNewName, underNewNames } from '../warehouse/former-name.ts';

/** What a command opens ledgers for. */
interface Opening {
  readonly opened: OpenedProject;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
}

/**
 * The ledger as it is; empty where there is none and the warehouse is only read. Where it may be written, a publication that a crash
 * left half done is finished first.
 * @param elsewhere nodes that will be built into attached files: their ledgers are opened, too
 */
export async function openedState(
  warehouse: Warehouse,
  connection: Connection,
  target: string,
  elsewhere: readonly GraphNode[] = [],
): Promise<LedgerState> {
  const { database } = warehouse;
  const wanted = new Set(elsewhere.map(relationOf));
  if (!warehouse.readOnly) {
    for (const home of new Set([database, ...elsewhere.map((node) => node.database)])) {
      const problem = await openLedger(connection, home);
      if (problem) throw new DqlError([problem]);
    }
    const problem = await finishCommits(warehouse, connection);
    if (problem) throw new DqlError([problem]);
    const ledgers = await ledgersBeside(connection, database);
    const state = await readLedger(connection, ledgers, target, wanted);
    const renamed = await renamedFiles(connection, ledgers);
    if (renamed.length === 0) return state;
    const closed = new Set((await warehouse.databases()).flatMap(({ name, readOnly }) => (readOnly ? [name] : [])));
    const isClosed = (file: Renamed) => closed.has(file.database);
    // One file at a time: what a crash leaves undone the next command does.
    for (const file of renamed.filter((each) => !isClosed(each)))
      await connection.transaction(() => connection.run(takeNewName(state, file)));
    return underNewNames(await readLedger(connection, ledgers, target, wanted), renamed.filter(isClosed));
  }
  const version = await ledgerVersion(connection, database);
  if (version > LEDGER_VERSION) throw new DqlError([newerLedger(database, version)]);
  if (version === 0) return emptyState;
  const ledgers = await ledgersBeside(connection, database);
  const state = await readLedger(connection, ledgers, target, wanted);
  return underNewNames(state, await renamedFiles(connection, ledgers));
}

/** The ledgers of nodes that will be built here, and the attached databases among theirs that keep none. Rejects with DqlError when one of them cannot be built where it is configured. */
export async function openedFor(
  request: Opening,
  building: readonly NodeId[],
): Promise<{ readonly copied: ReadonlySet<string>; readonly found: LedgerState }> {
  const { opened, warehouse, connection } = request;
  const nodes = building.flatMap((id) => opened.manifest.nodes[id] ?? []);
  const copied = await databasesFor(request, nodes);
  const elsewhere = nodes.filter(({ database }) => database !== warehouse.database && !copied.has(database));
  return { copied, found: await openedState(warehouse, connection, opened.project.target.name, elsewhere) };
}

/** The attached databases that keep no versions. */
async function databasesFor(
  { opened: { manifest, project }, warehouse }: Opening,
  nodes: readonly GraphNode[],
): Promise<ReadonlySet<string>> {
  if (nodes.every(({ database }) => database === warehouse.database)) return new Set();
  // While everything is only looked at, every attachment is open read-only.
  const configured = new Set(project.target.attach.flatMap(({ alias, readOnly }) => (readOnly ? [alias] : [])));
  const databases = (await warehouse.databases()).map((database) => ({
    ...database,
    readOnly: configured.has(database.name) || (database.readOnly && !warehouse.readOnly),
  }));
  const problems = databaseProblems({ manifest, nodes, databases, publishAs: project.target.publish });
  if (problems.length > 0) throw new DqlError(problems);
  return copiedDatabases(databases);
}

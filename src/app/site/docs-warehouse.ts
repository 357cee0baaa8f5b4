/** What the docs ask of the warehouse: everything at once, each on a connection of its own, while the project is analysed. */
import type { RunHistoryEntry } from '../../docs/docs.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { emptyState, type LedgerState } from '../../ledger/records.ts';
import { type Inventory, inventoryOf } from '../artifacts/catalog.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import type { EarlierState, OpenedProject } from '../opening/opened-project.ts';
import { stateAt, stateInLedger } from '../opening/state-manifest.ts';
import { openedState } from '../running/opened-state.ts';
import type { LiveWarehouse } from '../warehouse/live-warehouse.ts';
import { runHistory } from './docs-history.ts';

export interface DocsWarehouse {
  /** Undefined where nothing was built yet. */
  readonly warehouse: Warehouse | undefined;
  readonly state: LedgerState;
  readonly inventory: Inventory;
  readonly history: readonly RunHistoryEntry[];
  /** What `state:` is about: the state that was given, or else what the target shows. */
  readonly earlier: EarlierState | undefined;
}

export async function docsWarehouse(
  live: LiveWarehouse | undefined,
  opened: OpenedProject,
  options: CommonOptions,
  hooks: Hooks,
): Promise<DocsWarehouse> {
  const { project } = opened;
  const target = project.target.name;
  const given =
    opened.earlier ??
    (options.state === undefined
      ? undefined
      : await stateAt(options.state, project, { ...hooks, lockTimeout: options.lockTimeout }));
  const warehouse = await live?.warehouse();
  if (!warehouse) return { warehouse, state: emptyState, inventory: new Map(), history: [], earlier: given };
  const { database } = warehouse;
  const [state, history, inventory, earlier] = await Promise.all([
    apart(warehouse, (connection) => openedState(warehouse, connection, target)),
    apart(warehouse, (connection) => runHistory(connection, database, target)),
    apart(warehouse, inventoryOf),
    given ?? apart(warehouse, (connection) => stateInLedger(connection, database, { target }, opened)),
  ]);
  return { warehouse, state, inventory, history, earlier };
}

async function apart<T>(warehouse: Warehouse, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await warehouse.connect();
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

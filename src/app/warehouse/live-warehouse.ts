/** The target's warehouse for looking only, opened when it is first asked for; none where nothing was built yet. */
import { existsSync } from 'node:fs';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import type { Project } from '../../project/project.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { openToRead, warehousePath } from './open-target.ts';

export interface LiveWarehouse {
  /** Undefined where there is no file. Rejects with DqlError when it is held by another process. */
  connection(): Promise<Connection | undefined>;
  warehouse(): Promise<Warehouse | undefined>;
  close(): Promise<void>;
}

/** The one that a run holds open. What was opened of it is closed; it is not. */
export function openWarehouseOf(warehouse: Warehouse): LiveWarehouse {
  let opened: Promise<Connection> | undefined;
  return {
    connection: () => (opened ??= warehouse.connect()),
    warehouse: async () => warehouse,
    close: async () => (await opened)?.close(),
  };
}

export function liveWarehouse(project: Project, options: CommonOptions, hooks: Hooks): LiveWarehouse {
  const path = warehousePath(project);
  let opened: Promise<{ readonly warehouse: Warehouse; readonly connection: Connection }> | undefined;
  const open = async () => {
    const warehouse = await openToRead(project, options, hooks);
    const connection = await warehouse.connect();
    hooks.signal.addEventListener('abort', () => connection.interrupt(), { once: true });
    return { warehouse, connection };
  };
  const asked = async () => {
    if (path === ':memory:' || !existsSync(path)) return undefined;
    opened ??= open();
    return opened;
  };
  return {
    connection: async () => (await asked())?.connection,
    warehouse: async () => (await asked())?.warehouse,
    async close() {
      await opened?.then(
        ({ connection, warehouse }) => {
          connection.close();
          return warehouse.close();
        },
        () => undefined, // opening failed: whoever asked was told
      );
    },
  };
}

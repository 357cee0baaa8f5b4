/** How to open a warehouse: the one place that knows which engines there are. Engines load only when asked for. */
import type { Warehouse, WarehouseOptions } from './engine.ts';

/** Loads the engine's code, so that `openWarehouse` begins to open at once. */
export async function loadEngine(engine: 'duckdb'): Promise<(options: WarehouseOptions) => Promise<Warehouse>> {
  switch (engine) {
    case 'duckdb':
      return (await import('./duckdb/open-duckdb.ts')).openDuckDb;
    default:
      return engine satisfies never;
  }
}

export async function openWarehouse(engine: 'duckdb', options: WarehouseOptions): Promise<Warehouse> {
  const open = await loadEngine(engine);
  return open(options);
}

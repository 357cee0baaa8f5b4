/** How to open a warehouse: the one place that knows which engines there are. Engines load only when asked for. */
import type { Warehouse, WarehouseOptions } from './engine.ts';

export async function openWarehouse(engine: 'duckdb', options: WarehouseOptions): Promise<Warehouse> {
  switch (engine) {
    case 'duckdb': {
      const { openDuckDb } = await import('./duckdb/open-duckdb.ts');
      return openDuckDb(options);
    }
    default:
      return engine satisfies never;
  }
}

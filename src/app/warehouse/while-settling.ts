import type { Connection } from '../../engine/engine.ts';

/**
 * Does `work` while the engine brings the warehouse's file up to date, and waits for both: a warehouse that is closed while its engine
 * writes never closes. Where the engine cannot do it now, closing the file does it.
 */
export async function whileSettling(connection: Connection, work: () => void): Promise<void> {
  const settled = connection.run('checkpoint').catch(() => undefined);
  try {
    work();
  } finally {
    await settled;
  }
}

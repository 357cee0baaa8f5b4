import type { Connection } from '../../engine/engine.ts';

/**
 * Answers what `work` does, done while the engine brings the warehouse's file up to date; waits for both, because a warehouse that is
 * closed while its engine writes never closes. Where the engine cannot do it now, closing the file does it.
 */
export async function whileSettling<T>(connection: Connection, work: () => T): Promise<T> {
  const settled = connection.run('checkpoint').catch(() => undefined);
  try {
    return work();
  } finally {
    await settled;
  }
}

import type { Connection } from '../engine/engine.ts';

/**
 * Does work whose statements are many and compute nothing, such as making views. For each statement the engine would wake all its
 * threads and look for a better plan, which takes longer than the statement.
 */
export async function onOneThread<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  const { rows } = await connection.query("select current_setting('threads')");
  await connection.run('set threads = 1;\npragma disable_optimizer;');
  try {
    return await work();
  } finally {
    await connection.run(`set threads = ${Number(rows[0]?.[0])};\npragma enable_optimizer;`);
  }
}

import type { Connection } from '../../engine/engine.ts';

/** Does `work`, whose statement on the connection Ctrl-C ends. Rejects when the command was interrupted meanwhile, or before. */
export async function interruptible<T>(
  connection: Connection,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const interrupt = () => connection.interrupt();
  signal.throwIfAborted();
  signal.addEventListener('abort', interrupt);
  try {
    const done = await work();
    signal.throwIfAborted();
    return done;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

import { isatty } from 'node:tty';
import { main } from './main.ts';
import { drained, processWorld } from './process-world.ts';

/** The whole program. The exit code is set last, when all output has left. */
export async function start(): Promise<void> {
  const terminals = [0, 1, 2].filter(isatty);
  const code = await main(process.argv.slice(2), processWorld());
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  // At its exit node puts the terminal back as it was, and aborts where that has been closed meanwhile. Nobody is left to hear a code.
  if (!terminals.every(isatty)) process.kill(process.pid, 'SIGHUP');
  process.exit(code);
}

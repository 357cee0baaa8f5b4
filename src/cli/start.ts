import { main } from './main.ts';
import { drained, processWorld } from './process-world.ts';

/** The whole program. The exit code is set last, when all output has left. */
export async function start(): Promise<void> {
  const code = await main(process.argv.slice(2), processWorld());
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(code);
}

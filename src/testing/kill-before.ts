/** Runs the program and lets it kill itself, as `kill -9` would, at an exact place: right before it sends a certain statement. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Ended, StoryProject } from './story-project.ts';

export interface Instant {
  readonly statement: RegExp;
  /** Which of the statements that match, from 1 on. */
  readonly nth: number;
  /** They count from the first statement that matches this. */
  readonly from?: RegExp | undefined;
}

export async function killBefore(
  project: StoryProject,
  { statement, nth, from = /^/ }: Instant,
  ...words: readonly string[]
): Promise<Ended> {
  // The program carries the engine's client in itself; only the native module is loaded from outside.
  const client = createRequire(import.meta.url).resolve('@duckdb/node-api');
  const native = createRequire(client).resolve('@duckdb/node-bindings');
  project.write({
    'kill.cjs': `const engine = require(${JSON.stringify(native)});
let counting = false;
let seen = 0;
const query = (connection, sql) => {
  counting ||= ${from}.test(sql);
  if (counting && ${statement}.test(sql) && ++seen === ${nth}) process.kill(process.pid, 'SIGKILL');
  return engine.query(connection, sql);
};
const own = { ...Object.getOwnPropertyDescriptors(engine), query: { value: query } };
require.cache[require.resolve(${JSON.stringify(native)})].exports = Object.defineProperties({}, own);
`,
  });
  return project.startWith({ NODE_OPTIONS: `--require ${join(project.folder, 'kill.cjs')}` }, ...words).ended;
}

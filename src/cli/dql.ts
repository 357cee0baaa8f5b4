#!/usr/bin/env node
// Built as CommonJS on purpose. Node reads the size of its thread pool when the first task is queued, and an ES module's own loading queues
// some: each statement that runs in DuckDB holds one thread, and with node's four, file reads would wait behind four statements. And
// only a script can be started from kept bytecode: compiling dql's three megabytes anew would be a third of a short command's time.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';

/** The program's file, named after its content: a function of what node gives a CommonJS module. Told by the build. */
declare const PROGRAM: string;

process.env.UV_THREADPOOL_SIZE ??= '16';

const usesMost = process.argv.some((word) => word === 'build' || word === 'run' || word === 'test');
const file = fileURLToPath(new URL(PROGRAM, import.meta.url));
const bytecode = `${file}.${process.version}-${process.arch}`;
/** Of a command that took its time, and so called most of what there is; until there was one, of any. */
const [ofLong, ofFirst] = [`${bytecode}.bytecode`, `${bytecode}.first.bytecode`];
const keptOfLong = contentOf(ofLong);
const kept = keptOfLong ?? contentOf(ofFirst);

/** A command that ends sooner did nothing, failed or is small. */
const LONG_SECONDS = 2;

// Other commands start sooner from modules, of which they load few, until bytecode is kept; `--version` and `--help` always do.
const isCommand = process.argv.slice(2).some((word) => !word.startsWith('-'));
if (usesMost || (kept && isCommand)) startScript();
else import('./start.js').then(({ start }) => start());

function startScript(): void {
  // Else what ran once, as the modules' own code does, is forgotten before the bytecode is kept.
  setFlagsFromString('--no-flush-bytecode');
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(kept ? { cachedData: kept } : {}),
  });
  // Kept when a command has run that uses most of dql: what it called is in it, too.
  const isNew = kept === undefined || script.cachedDataRejected === true;
  if (usesMost && (isNew || keptOfLong === undefined))
    process.once('exit', () => {
      if (process.uptime() > LONG_SECONDS) keep(script.createCachedData(), ofLong, ofFirst);
      else if (isNew) keep(script.createCachedData(), ofFirst, ofLong);
    });
  const program: { exports: { start?: () => void } } = { exports: {} };
  script.runInThisContext()(program.exports, createRequire(file), program, file, dirname(file));
  program.exports.start?.();
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** In one step, as several processes may end at once. In a folder that cannot be written nothing is kept: the next start compiles again. */
function keep(content: Buffer, place: string, outdated: string): void {
  const beside = `${place}.${process.pid}`;
  try {
    writeFileSync(beside, content);
    renameSync(beside, place);
    rmSync(outdated, { force: true });
  } catch {
    rmSync(beside, { force: true });
  }
}

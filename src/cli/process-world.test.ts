import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../testing/fake-program.ts', import.meta.url));
const dql = (...argv: string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });

/** Resolves when the child has said that on standard error. */
async function says(child: ChildProcess, words: string): Promise<void> {
  let heard = '';
  for await (const chunk of child.stderr ?? []) {
    heard += String(chunk);
    if (heard.includes(words)) return;
  }
  throw new Error(`it never said ${words}, but: ${heard}`);
}

test('everything arrives in a pipe, however long it is', { timeout: 20_000 }, async () => {
  const child = dql('ls');
  let lines = 0;
  for await (const chunk of child.stdout ?? []) lines += String(chunk).split('\n').length - 1;
  expect(lines).toBe(100_000);
});

test('what goes to standard output and standard error by turns arrives in that order where both lead into one file', {
  timeout: 20_000,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dql-order-'));
  const file = openSync(join(folder, 'both'), 'w');
  const world = fileURLToPath(new URL('./process-world.ts', import.meta.url));
  const words = `import { processWorld } from ${JSON.stringify(world)};
const { stdout, stderr } = processWorld();
for (const word of ['a', 'b', 'c', 'd']) (word < 'c' ? stdout : stderr).write(word);
stdout.write('e');
setImmediate(() => { stderr.write('f'); process.exit(); });`;
  const run = ['--import', 'tsx', '--input-type=module', '-e', words];
  spawnSync(process.execPath, run, { stdio: ['ignore', file, file] });
  closeSync(file);
  const told = readFileSync(join(folder, 'both'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(told).toBe('abcdef');
  const { stdout, stderr } = spawnSync(process.execPath, run, { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['abe', 'cdf']);
});

test('a reader that has seen enough ends nothing in an error', { timeout: 20_000 }, async () => {
  const child = dql('ls');
  let complaints = '';
  child.stderr?.on('data', (chunk) => {
    complaints += String(chunk);
  });
  if (child.stdout) {
    await once(child.stdout, 'data');
    child.stdout.destroy();
  }
  const [code] = await once(child, 'close');
  expect([code, complaints]).toEqual([0, '']);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s lets a use case that listens end by itself, with 130',
  {
    timeout: 20_000,
  },
  async (signal) => {
    const child = dql('build');
    await says(child, 'started');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([130, null]);
  },
);

test('the second Ctrl-C kills one that does not listen', { timeout: 20_000 }, async () => {
  const child = dql('build', '--adopt');
  const ended = once(child, 'exit');
  await says(child, 'started');
  child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(child.exitCode).toBe(null);
  child.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
});

test('a closed terminal, of which shell and system tell, kills nothing that is still ending', {
  timeout: 20_000,
}, async () => {
  const child = dql('build', '--adopt');
  const ended = once(child, 'exit');
  await says(child, 'started');
  for (const _ of ['the shell', 'the system']) {
    child.kill('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
});

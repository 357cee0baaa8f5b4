import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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

test('Ctrl-C lets a use case that listens end by itself, with 130', { timeout: 20_000 }, async () => {
  const child = dql('build');
  await says(child, 'started');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
});

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

/** `kill -9` between the commits of two files: the next command completes the run, or takes it back. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { killBefore } from '../testing/kill-before.ts';
import { executed, type StoryProject, storyProject } from '../testing/story-project.ts';
import { project, rows as rowsOf, seen as seenIn, twoFiles } from './two-files.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let shop: StoryProject;
const build = (day: number, ...more: string[]) => shop.dql('build', '--vars', `{day: ${day}}`, ...more);

beforeAll(async () => {
  shop = storyProject(twoFiles);
  const first = await build(1);
  expect(first.code, first.stderr + first.stdout).toBe(0);
});
afterAll(() => shop.remove());

const rows = (sql: string) => rowsOf(shop.folder, sql);
const seen = () => seenIn(shop.folder);

/** Runs a build that kills itself right before the n-th commit from the moment it writes down what it is going to publish. */
async function killedBefore(commit: number, day: number): Promise<void> {
  const instant = { from: /ledger_intents values/, statement: /^commit$|^delete from \S+ledger_commits/, nth: commit };
  const ended = await killBefore(shop, instant, 'build', '--vars', `{day: ${day}}`);
  expect(ended.code, ended.stdout).toBe(null);
}

test.each([
  ['before anything is written down', 'reversed', 1],
  ['before the attached file commits', 'reversed', 2],
  ['between the commits of the two files', 'completed', 3],
  ['after both', 'completed', 4],
] as const)('after a crash %s the run is %s by the next command', async (_, outcome, commit) => {
  expect((await build(7)).code).toBe(0);
  const before = await seen();
  await killedBefore(commit, 8);
  if (outcome === 'reversed') expect(await seen()).toEqual(before);
  // Any command that writes finishes it; this one has nothing of its own to do.
  const next = await shop.dql('clean', '--versions');
  expect(next.code, next.stderr).toBe(0);
  const after = await seen();
  if (outcome === 'reversed') expect(after).toEqual(before);
  else expect(after.slice(0, 7)).toEqual([8, 8, 8, 8, 8, 8, 8]);
  const history = JSON.parse((await shop.dql('history', '--limit', '1', '--output', 'json')).stdout);
  expect(history.runs[0].status).toBe(outcome === 'reversed' ? 'crashed' : 'success');
  expect(await rows('from _dql.ledger_intents')).toEqual([]);

  const again = await build(8);
  expect(again.code, again.stderr + again.stdout).toBe(0);
  // What was staged is taken over, what was completed is there already: nothing is computed twice.
  expect(executed(again).filter((name) => ['orders', 'events', 'prices'].includes(name))).toEqual([]);
  expect((await seen()).slice(0, 7)).toEqual([8, 8, 8, 8, 8, 8, 8]);
});

test('without the file nobody can tell whether its readers saw the run, so nothing is done until it is attached again', async () => {
  expect((await build(7)).code).toBe(0);
  await killedBefore(3, 9);
  shop.write({ 'project.yml': project('') });
  const ended = await shop.dql('build', '--select', 'days', '--vars', '{day: 7}');
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/interrupted while it published into `lake`, which is not attached/);
  shop.write({ 'project.yml': twoFiles['project.yml'] });
  expect((await build(9)).code).toBe(0);
  expect((await seen()).slice(0, 7)).toEqual([9, 9, 9, 9, 9, 9, 9]);
});

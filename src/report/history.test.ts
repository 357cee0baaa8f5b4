import { expect, test } from 'vitest';
import { paperTerminal } from '../testing/recorded-run.ts';
import type { HistoryRun } from './answers.ts';
import { historyText, rollbackText, versionsText } from './history.ts';

const { terminal: page } = paperTerminal();

const run: HistoryRun = {
  run_id: '2f61c0',
  command: 'build',
  args: {},
  target: 'dev',
  status: 'error',
  exit_code: 1,
  started_at: '2001-07-02T06:00:00Z',
  finished_at: '2001-07-02T06:01:15Z',
  seconds: 75,
  git_sha: '0123456789abcdef',
  git_dirty: true,
  user: 'ada',
  dql_version: '1.2.3',
  engine_version: '1.5.6',
  built: 1200,
  reused: 3,
  failed: 1,
  held: 1,
  published: 1199,
  nodes: [],
};

test('history: the runs and what is held back; one run with its nodes', () => {
  const held = {
    node: 'model.shop.orders',
    name: 'orders',
    reason: 'test `late_payments` failed',
    serving_since: '2001-07-01T06:00:00Z',
    serving_version: 3,
    age_seconds: 93_600,
  };
  expect(
    historyText({ runs: [run], held: [held], rolled_back: [] }, paperTerminal({ columns: 160 }).terminal),
  ).toMatchInlineSnapshot(`
    "run    │ started              │ command │ target │ status │   took │ built │ reused │ failed │ held │ published │ git
    ───────┼──────────────────────┼─────────┼────────┼────────┼────────┼───────┼────────┼────────┼──────┼───────────┼─────────────────────
    2f61c0 │ 2001-07-02 06:00 UTC │ build   │ dev    │ error  │ 1m 15s │ 1,200 │      3 │      1 │    1 │     1,199 │ 01234567 and changes

    1 held back
      orders  test \`late_payments\` failed; readers see version 3 of 2001-07-01 06:00 UTC, 26 h old"
  `);
  const node = {
    node: 'model.shop.orders',
    name: 'orders',
    status: 'success',
    reason: 'code changed',
    rows: 12,
    seconds: 1,
    version: 4,
    published: false,
    failures: null,
    message: null,
  };
  expect(historyText({ runs: [{ ...run, nodes: [node] }], held: [], rolled_back: [] }, page)).toMatchInlineSnapshot(`
    "Run 2f61c0
      command    build
      target     dev
      status     error (exit 1)
      started    2001-07-02 06:00 UTC
      took       1m 15s
      git        01234567 and changes
      user       ada
      versions   dql 1.2.3, engine 1.5.6
      published  1,199

    node   │ status  │ version │ published │ rows │ failures │  took │ why
    ───────┼─────────┼─────────┼───────────┼──────┼──────────┼───────┼─────────────
    orders │ success │       4 │ no        │   12 │          │ 1.00s │ code changed"
  `);
  expect(historyText({ runs: [], held: [], rolled_back: [] }, page)).toContain('No run');
});

test('versions and rollback say which data, from when, of which commit', () => {
  expect(
    versionsText(
      {
        versions: [
          {
            node: 'a',
            name: 'orders',
            relation: 'main.orders',
            version: 3,
            state: 'published',
            untested: true,
            run_id: '2f61c0',
            built_at: '2001-07-02T06:00:00Z',
            published_at: '2001-07-02T06:00:01Z',
            git_sha: '0123456789abcdef',
            rows: 1234567,
            bytes: 52_428_800,
          },
        ],
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "node   │ version │ state             │ built             │ published         │      rows │    size │ run    │ git
    ───────┼─────────┼───────────────────┼───────────────────┼───────────────────┼───────────┼─────────┼────────┼─────────
    orders │       3 │ published, untes… │ 2001-07-02 06:00… │ 2001-07-02 06:00… │ 1,234,567 │ 52.4 MB │ 2f61c0 │ 01234567"
  `);
  expect(
    rollbackText(
      {
        run_id: 'r2',
        to: 'run 2f61c0',
        unserved: null,
        git_sha: '0123456789abcdef',
        moved: [
          { node: 'a', name: 'orders', from_version: 4, to_version: 3 },
          { node: 'b', name: 'revenue', from_version: 1, to_version: null },
        ],
        inconsistent: [{ node: 'c', name: 'report', reason: 'was built from orders@4' }],
        of_today: [{ node: 'd', name: 'stg_orders', reason: 'reads `raw.orders`, which has changed since' }],
        with_descendants: true,
        seconds: 0.012,
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "Rolled back 2 nodes to run 2f61c0 (git 01234567) in 0.01s
      orders  version 4 → 3
      revenue  version 1 → none: readers did not see it then

    No longer consistent (no version of them is kept that fits)
      report  was built from orders@4

    Not as it was (a view keeps no rows of its own)
      stg_orders  reads \`raw.orders\`, which has changed since

    This is run r2; dql history shows the one before it, to return to."
  `);
});

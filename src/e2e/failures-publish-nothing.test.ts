/** Promise 1: readers never see what failed, whatever kind of node it is and however it fails. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Ended, executed, resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const KINDS = ['paid', 'recent', 'payments', 'countries', 'prices', 'exported', 'by_country'] as const;

/** One root of every kind over the same rows; `rows` is the text of a VALUES list. */
const roots = (rows: string, column = 'amount') => {
  const query = `select id, ${column} as amount, country from (values ${rows}) as payments (id, amount, country)`;
  return {
    'models/paid.sql': `{{ config(materialized='table') }}\n${query}`,
    'models/recent.sql': `{{ config(materialized='view') }}\n${query}`,
    'models/payments.sql': `{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert') }}\n${query}`,
    'snapshots/prices.sql': `{% snapshot prices %}{{ config(strategy='check', unique_key='id', check_cols='all') }}\n${query}\n{% endsnapshot %}`,
    'models/exported.sql': `{{ config(materialized='external', location='exports/exported.parquet') }}\n${query}`,
    'models/by_country.sql': `{{ config(materialized='external', location='exports/by_country', options={'partition_by': 'country'}) }}\n${query}`,
  };
};

const good = "(1, 10, 'NL'), (2, 20, 'DE')";
const withHole = "(1, 11, 'NL'), (3, null, 'FR')";

let shop: StoryProject;
let before: Readonly<Record<string, string>>;

beforeAll(async () => {
  shop = storyProject({
    ...roots(good),
    'seeds/countries.csv': 'id,amount\n1,10\n2,20\n',
    'seeds/_seeds.yml':
      'seeds:\n  - name: countries\n    config: { column_types: { amount: integer } }\n    columns: [{ name: amount, data_tests: [not_null] }]\n',
    'models/_models.yml': `models:\n${KINDS.filter((kind) => !['countries', 'prices'].includes(kind))
      .map((kind) => `  - name: ${kind}\n    columns: [{ name: amount, data_tests: [not_null] }]\n`)
      .join('')}`,
    'snapshots/_snapshots.yml':
      'snapshots:\n  - name: prices\n    columns: [{ name: amount, data_tests: [not_null] }]\n',
    'models/clock.sql': "{{ config(materialized='table') }}\nselect 1 as hour",
    ...Object.fromEntries(
      KINDS.map((kind) => [
        `models/${kind}_total.sql`,
        `{{ config(materialized='table') }}\nselect sum(amount) as total from {{ ref('${kind}') }}`,
      ]),
    ),
  });
  const first = await shop.dql('build');
  expect(first.code, first.stderr + first.stdout).toBe(0);
  before = await shop.published();
});
afterAll(() => shop.remove());

async function expectHeld(ended: Ended, hour: number): Promise<void> {
  expect(ended.code, ended.stderr + ended.stdout).toBe(1);
  const after = await shop.published();
  expect({ ...after, 'main.clock': '' }).toEqual({ ...before, 'main.clock': '' });
  expect(await shop.query('select hour from main.clock')).toEqual([[hour]]);
  for (const kind of KINDS) {
    const held = resultOf(ended, kind).meta.dql.held;
    expect(held?.serving_since, kind).toMatch(/^\d{4}-/);
    expect(held?.age_seconds, kind).toBeGreaterThanOrEqual(0);
    expect(resultOf(ended, `${kind}_total`).status, kind).toBe('skipped');
  }
}

test('the first build publishes every kind of node, and both kinds of files', () => {
  expect(Object.keys(before)).toEqual(
    expect.arrayContaining([
      ...KINDS.flatMap((kind) => [`main.${kind}`, `main.${kind}_total`]),
      'exports/exported.parquet',
    ]),
  );
  expect(Object.keys(before).filter((name) => name.startsWith('exports/by_country/'))).toHaveLength(2);
});

test('a failing test keeps every kind of node as it was, says why and how old that is, and lets an independent branch out', async () => {
  shop.write({
    ...roots(withHole),
    'seeds/countries.csv': 'id,amount\n1,11\n3,\n',
    'models/clock.sql': "{{ config(materialized='table') }}\nselect 2 as hour",
  });
  const ended = await shop.dql('build');
  await expectHeld(ended, 2);
  for (const kind of KINDS) {
    expect(resultOf(ended, kind), kind).toMatchObject({
      status: 'success',
      meta: {
        dql: { published: false, held: { reason: `test \`not_null_${kind}_amount\` failed`, serving_version: 1 } },
      },
    });
    expect(resultOf(ended, `not_null_${kind}_amount`), kind).toMatchObject({ status: 'fail', failures: 1 });
  }
  expect(ended.stdout + ended.stderr).toMatch(/paid.*\n?.*held.*not_null_paid_amount/s);
});

test('a failing node that was staged is not built a second time, and still not published', async () => {
  const ended = await shop.dql('build');
  await expectHeld(ended, 2);
  expect(executed(ended).filter((name) => !name.startsWith('not_null'))).toEqual([]);
});

test('an SQL error in every kind of node leaves what readers see as it was', async () => {
  shop.write({
    ...roots(good, 'cast(amount / 0 || $$ euro$$ as integer)'),
    'seeds/countries.csv': 'id,amount\n1,many\n',
    'models/clock.sql': "{{ config(materialized='table') }}\nselect 3 as hour",
  });
  const ended = await shop.dql('build');
  await expectHeld(ended, 3);
  for (const kind of KINDS.filter((each) => each !== 'recent')) {
    expect(resultOf(ended, kind).status, kind).toBe('error');
    expect(resultOf(ended, kind).message, kind).toMatch(/Conversion|many|convert/i);
  }
});

test('when it is mended, everything is published again', async () => {
  shop.write({ ...roots("(1, 12, 'NL')"), 'seeds/countries.csv': 'id,amount\n1,12\n' });
  const ended = await shop.dql('build');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  for (const kind of KINDS.filter((each) => !['payments', 'prices'].includes(each)))
    expect(await shop.query(`select total::int from main.${kind}_total`), kind).toEqual([[12]]);
  expect(await shop.query('select total::int from main.payments_total')).toEqual([[32]]);
});

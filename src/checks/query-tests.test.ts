/** Options of tests that are queries: what they speak of, and what is said where that is not known. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { executeChecks } from './execute-checks.ts';
import { planChecks } from './plan-checks.ts';
import { type Input, planSingular } from './query-tests.ts';

let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
  // Of 20 parcels 4 are lost: all of the post's 2, and 2 of the courier's 10; the ship loses none of its 6, 2 nobody carries.
  await connection.run(`
    create table parcels as
    select range as id, range in (0, 1, 2, 3) as lost,
      case when range < 2 then 'post' when range < 12 then 'courier' when range < 18 then 'ship' end as "carried by"
    from range(20);
    create table drivers as select range as id from range(5);
    create table nothing as select 1 as id limit 0;
  `);
});
afterAll(() => connection.close());

const input = (name: string, isTested = false): Input => ({ name, from: `"${name}"`, isTested });
const parcels = [input('parcels', true)];
const LOST = 'select * from parcels where lost;';

async function outcome(sql: string, config: Readonly<Record<string, Json>>, inputs: readonly Input[]) {
  const { value, diagnostics } = planSingular(sql, config, { inputs });
  expect(diagnostics).toEqual([]);
  const [found] = await executeChecks(connection, planChecks([], value ? [value] : []), {
    now: '2026-03-10T12:00:00Z',
  });
  return found;
}
/** The first of what was said. */
const expectSaid = async (expected: readonly unknown[], ...asked: Parameters<typeof said>) =>
  expect((await said(...asked)).slice(0, expected.length)).toEqual(expected);
const said = async (sql: string, config: Readonly<Record<string, Json>>, inputs: readonly Input[] = parcels) => {
  const found = await outcome(sql, config, inputs);
  return [found?.verdict, found?.failures, found?.considered, found?.message];
};

test.each<[string, Readonly<Record<string, Json>>, readonly unknown[]]>([
  ['a count', { error_if: '> 3' }, ['fail', 4, 20, 'Got 4 results, configured to fail if > 3']],
  ['a share that is crossed', { error_if: '> 19%' }, ['fail', 4, 20, 'Got 4 results, configured to fail if > 19%']],
  ['a share that is kept', { error_if: '> 20%', warn_if: '> 20%' }, ['pass', 4, 20, null]],
  [
    'a share to warn of',
    { error_if: '> 50%', warn_if: '> 10%' },
    ['warn', 4, 20, 'Got 4 results, configured to warn if > 10%'],
  ],
  ['mostly', { mostly: 0.8 }, ['pass', 4, 20, null]],
  [
    'mostly that is missed',
    { mostly: 0.81 },
    ['fail', 4, 20, 'Got 4 results, configured to fail if less than 81% hold'],
  ],
  [
    'of the rows that `where` leaves',
    { where: 'id < 8', error_if: '> 49%' },
    ['fail', 4, 8, 'Got 4 results, configured to fail if > 49%'],
  ],
  ['severity', { severity: 'info', warn_if: '> 19%' }, ['info', 4, 20, 'Got 4 results, configured to warn if > 19%']],
])('a query in a file: %s', async (_, config, expected) => {
  expect(await said(LOST, config)).toEqual(expected);
});

test('by group: failures are groups, worst first, and a column may have any name', async () => {
  const found = await outcome(LOST, { group_by: 'carried by' }, parcels);
  expect(found).toMatchObject({ verdict: 'fail', failures: 2, considered: null });
  expect(found?.sample?.columns).toEqual(['carried by', 'failures']);
  expect(found?.sample?.rows.toSorted()).toEqual([
    ['courier', '2'],
    ['post', '2'],
  ]);
});

test('by group with mostly: a group in which too many rows of the relation fail', async () => {
  const found = await outcome(LOST, { group_by: ['carried by'], mostly: 0.8 }, parcels);
  expect(found).toMatchObject({ verdict: 'fail', failures: 1 });
  expect(found?.sample).toMatchObject({
    columns: ['carried by', 'failures', 'considered'],
    rows: [['post', '2', '2']],
  });
  await expectSaid(['pass', 0], `select * from parcels where id between 2 and 3`, {
    group_by: ['carried by'],
    mostly: 0.8,
  });
});

test('a group without a name is a group', async () => {
  const nameless = 'select * from parcels where id in (18, 19)';
  await expectSaid(['fail', 1], nameless, { group_by: 'carried by', mostly: 0.5 });
});

test('by group with a percentage: the share of the groups that the relation has', async () => {
  await expectSaid(['fail', 2, 4], LOST, { group_by: 'carried by', error_if: '> 49%' });
  await expectSaid(['pass', 2, 4], LOST, { group_by: 'carried by', error_if: '> 50%', warn_if: '> 50%' });
});

test('by an expression', async () => {
  await expectSaid(['fail', 2], LOST, { group_by: 'id % 2' });
});

test('a query over nothing is vacuous, and `on_empty` decides otherwise', async () => {
  const empty = [input('nothing', true)];
  expect(await said('select * from nothing', {}, empty)).toEqual(['vacuous', 0, 0, 'No row was considered']);
  await expectSaid(['vacuous', 0], 'select * from nothing', { mostly: 0.5 }, empty);
  await expectSaid(['fail', 1], 'select * from nothing', { on_empty: 'fail' }, empty);
  await expectSaid(['pass', 0], 'select * from parcels where id < 0', { on_empty: 'fail' });
  await expectSaid(['fail'], 'select * from parcels where id < 0', { where: 'id > 99', on_empty: 'fail' });
});

test('with several relations nothing was considered when all are empty, or the one it is about', async () => {
  const join = 'select * from parcels join nothing using (id)';
  const both = [input('parcels'), input('nothing')];
  await expectSaid(['pass', 0], join, { on_empty: 'fail' }, both);
  await expectSaid(['fail'], join, { on_empty: 'fail', of: 'nothing' }, [input('parcels'), input('nothing', true)]);
  await expectSaid(['vacuous'], 'select * from nothing', {}, [input('nothing'), input('nothing')]);
  await expectSaid(['pass', 0], 'select 1 where false', { on_empty: 'fail' }, []);
});

test('a relation of several is meant by `of`', async () => {
  const late = 'select parcels.* from parcels join drivers using (id) where lost';
  await expectSaid(['warn', 4, 20], late, { of: 'parcels', error_if: '> 25%' }, [
    input('drivers'),
    input('parcels', true),
  ]);
  await expectSaid(['fail', 4, 5], late, { of: 'drivers', error_if: '> 25%' }, [
    input('drivers', true),
    input('parcels'),
  ]);
});

test.each<[Readonly<Record<string, Json>>, readonly Input[], string, string]>([
  [
    { error_if: '> 1%' },
    [input('drivers'), input('parcels')],
    'nothing says of which relation a percentage of this test speaks: it reads drivers and parcels',
    'name the one that is meant: `of: drivers`',
  ],
  [
    { mostly: 0.9 },
    [],
    'nothing says of which relation `mostly` of this test speaks: it reads none',
    'read the relation by {{ ref(…) }} or {{ source(…) }}',
  ],
  [
    { where: 'id > 1' },
    [input('drivers'), input('parcels')],
    'nothing says of which relation `where` of this test speaks: it reads drivers and parcels',
    'name the one that is meant: `of: drivers`',
  ],
  [
    { of: 'parcel' },
    [input('drivers'), input('parcels')],
    '`of: parcel` names nothing that this test reads',
    'did you mean `parcels`?',
  ],
  [{ on_null: 'fail' }, parcels, 'a test that is a query of its own cannot honour `on_null`', 'these do: '],
  [{ tolerance: 1 }, parcels, 'a test that is a query of its own cannot honour `tolerance`', 'these do: '],
  [{ mostly: 2 }, parcels, 'option `mostly` of this test must be at most 1', ''],
])('%j is refused where it has no meaning', (config, inputs, message, hint) => {
  const { value, diagnostics } = planSingular(LOST, config, { inputs });
  expect(value).toBeUndefined();
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]?.message).toContain(message);
  expect(diagnostics[0]?.hint ?? '').toContain(hint);
});

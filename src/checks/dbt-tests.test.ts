import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { type CheckRequest, planCheck } from './check.ts';
import { type CheckOutcome, executeChecks } from './execute-checks.ts';
import { planChecks } from './plan-checks.ts';
import { planSingular } from './query-tests.ts';

const NOW = '2026-03-10T12:00:00Z';
let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
  await connection.run(`
    create table customers as from (values (1, 'ada'), (2, 'grace'), (3, null)) t(id, name);
    create table orders as from (values
      (1, 1, 'paid'), (2, 1, 'paid'), (2, 9, 'lost'), (3, null, 'lost'), (3, 8, null), (3, 9, 'new')
    ) t(id, customer_id, status);
    create table nothing as from orders limit 0;
  `);
});
afterAll(() => connection.close());

async function outcome(request: Partial<CheckRequest> & { readonly name: string }): Promise<CheckOutcome> {
  const planned = planCheck({
    namespace: null,
    kwargs: {},
    relation: '"orders"',
    config: {},
    now: NOW,
    ...request,
  });
  expect(planned.diagnostics).toEqual([]);
  if (!planned.value) throw new Error('no plan');
  const [only] = await executeChecks(connection, planChecks([], [planned.value]), { now: NOW });
  if (!only) throw new Error('no outcome');
  return only;
}
const said = ({ verdict, status, failures, message }: CheckOutcome) => [verdict, status, failures, message];

test('unique counts the values that occur twice, as dbt does', async () => {
  const found = await outcome({ name: 'unique', column: 'id' });
  expect(said(found)).toEqual(['fail', 'fail', 2, 'Got 2 results, configured to fail if != 0']);
  expect(found.sample).toEqual({
    columns: ['unique_field', 'n_records'],
    rows: expect.arrayContaining([
      ['2', '2'],
      ['3', '3'],
    ]),
    truncated: false,
  });
});

test('not_null counts rows and shows them whole', async () => {
  const found = await outcome({ name: 'not_null', column: 'customer_id' });
  expect(said(found)).toEqual(['fail', 'fail', 1, 'Got 1 result, configured to fail if != 0']);
  expect(found.sample).toEqual({
    columns: ['customer_id', 'id', 'status'],
    rows: [[null, '3', 'lost']],
    truncated: false,
  });
});

test('accepted_values counts the distinct values outside and lets NULL pass', async () => {
  const found = await outcome({
    name: 'accepted_values',
    column: 'status',
    kwargs: { values: ['paid'] },
  });
  expect(said(found)).toEqual(['fail', 'fail', 2, 'Got 2 results, configured to fail if != 0']);
  expect(found.violations).toBe(3);
});

test('relationships counts the rows whose parent is missing and lets NULL pass', async () => {
  const found = await outcome({
    name: 'relationships',
    column: 'customer_id',
    kwargs: { to: '"customers"', field: 'id' },
  });
  expect(said(found)).toEqual(['fail', 'fail', 3, 'Got 3 results, configured to fail if != 0']);
  expect(found.sample?.columns[0]).toBe('from_field');
});

test.each<[string, Record<string, Json>, readonly unknown[]]>([
  [
    'warn_if below the count warns',
    { warn_if: '>1', error_if: '>5' },
    ['warn', 'warn', 3, 'Got 3 results, configured to warn if >1'],
  ],
  [
    'error_if comes first',
    { warn_if: '>1', error_if: '>2' },
    ['fail', 'fail', 3, 'Got 3 results, configured to fail if >2'],
  ],
  ['severity warn never fails', { severity: 'warn' }, ['warn', 'warn', 3, 'Got 3 results, configured to warn if != 0']],
  [
    'severity may be written in capitals',
    { severity: 'WARN' },
    ['warn', 'warn', 3, 'Got 3 results, configured to warn if != 0'],
  ],
  [
    'severity info tells and passes',
    { severity: 'info' },
    ['info', 'pass', 3, 'Got 3 results, configured to warn if != 0'],
  ],
  [
    'between',
    { error_if: 'between 1 and 3' },
    ['fail', 'fail', 3, 'Got 3 results, configured to fail if between 1 and 3'],
  ],
  [
    'a percentage of the rows considered',
    { error_if: '> 60%' },
    ['warn', 'warn', 3, 'Got 3 results, configured to warn if != 0'],
  ],
  [
    'a percentage crossed',
    { error_if: '> 59.9%' },
    ['fail', 'fail', 3, 'Got 3 results, configured to fail if > 59.9%'],
  ],
  [
    'SQL of any kind goes to the warehouse',
    { error_if: '% 3 = 0' },
    ['fail', 'fail', 3, 'Got 3 results, configured to fail if % 3 = 0'],
  ],
  ['limit caps the count', { limit: 2 }, ['fail', 'fail', 2, 'Got 2 results, configured to fail if != 0']],
  [
    'fail_calc counts otherwise',
    { fail_calc: 'max(id)' },
    ['fail', 'fail', 3, 'Got 3 results, configured to fail if != 0'],
  ],
  ['where narrows', { where: 'id > 2' }, ['fail', 'fail', 2, 'Got 2 results, configured to fail if != 0']],
  ['mostly allows a share', { mostly: 0.4 }, ['pass', 'pass', 3, null]],
  [
    'mostly is missed',
    { mostly: 0.41 },
    ['fail', 'fail', 3, 'Got 3 results, configured to fail if less than 41% hold'],
  ],
])('%s', async (_, config, expected) => {
  const found = await outcome({
    name: 'relationships',
    column: 'customer_id',
    kwargs: { to: '"customers"', field: 'id' },
    config,
  });
  expect(said(found)).toEqual(expected);
});

test.each([
  [
    'one bad group is one too many, however many are good',
    { mostly: 0.6 },
    ['fail', 1, 'Got 1 result, configured to fail if less than 60% hold'],
  ],
  ['a group in which enough hold is no failure', { mostly: 0.5 }, ['pass', 0, null]],
  [
    'thresholds count groups',
    { mostly: 0.6, error_if: '> 1', warn_if: '> 0' },
    ['warn', 1, 'Got 1 result, configured to warn if > 0'],
  ],
  ['and shares of the groups', { error_if: '> 24%' }, ['fail', 1, 'Got 1 result, configured to fail if > 24%']],
  ['of which there are four', { error_if: '> 25%', warn_if: '> 25%' }, ['pass', 1, null]],
] as const)('by group: %s', async (_, config, expected) => {
  const found = await outcome({ name: 'not_null', column: 'customer_id', config: { group_by: 'status', ...config } });
  const { verdict, failures, message } = found;
  expect([verdict, failures, message]).toEqual(expected);
});

test('by group, with mostly, the rows with values that occur twice are counted in each', async () => {
  const relation =
    "(from (values (1, 'a'), (1, 'a'), (2, 'a'), (3, 'a'), (4, 'a'), (5, 'b'), (5, 'b'), (1, 'c')) t(id, kind))";
  const { verdict, failures, sample } = await outcome({
    name: 'unique',
    column: 'id',
    relation,
    config: { group_by: 'kind', mostly: 0.5 },
  });
  expect([verdict, failures, sample]).toEqual([
    'fail',
    1,
    { columns: ['kind', 'failures', 'considered'], rows: [['b', '2', '2']], truncated: false },
  ]);
});

test('figures of groups are judged by the share of groups, too', async () => {
  const request = { name: 'metric', column: 'id', kwargs: { metric: 'max', max: 2 } };
  const failing = (error_if: string) =>
    outcome({ ...request, config: { group_by: 'status', error_if, warn_if: error_if } });
  expect(said(await failing('> 70%'))).toEqual(['fail', 'fail', 3, 'Got 3 results, configured to fail if > 70%']);
  expect(said(await failing('> 75%'))).toEqual(['pass', 'pass', 3, null]);
});

test('a fail_calc that gives NULL is an error that says what to write', async () => {
  const found = await outcome({
    name: 'not_null',
    column: 'id',
    config: { fail_calc: 'sum(id)' },
  });
  expect(said(found)).toEqual(['error', 'error', null, 'fail_calc `sum(id)` gave NULL; write coalesce(sum(id), 0)']);
});

test('dbt tests on an empty relation pass, and say that nothing was considered', async () => {
  const requests: readonly (Partial<CheckRequest> & {
    readonly name: string;
  })[] = [
    { name: 'unique', column: 'id' },
    { name: 'not_null', column: 'id' },
    { name: 'accepted_values', column: 'status', kwargs: { values: ['paid'] } },
    {
      name: 'relationships',
      column: 'customer_id',
      kwargs: { to: '"customers"', field: 'id' },
    },
  ];
  for (const request of requests)
    expect(said(await outcome({ ...request, relation: '"nothing"' }))).toEqual([
      'vacuous',
      'pass',
      0,
      'No row was considered',
    ]);
});

test('on_empty decides what an empty relation means', async () => {
  const about = { name: 'unique', column: 'id', relation: '"nothing"' };
  expect(said(await outcome({ ...about, config: { on_empty: 'fail' } }))).toEqual([
    'fail',
    'fail',
    1,
    'No row was considered, configured to fail on empty',
  ]);
  expect(said(await outcome({ ...about, config: { on_empty: 'warn' } }))).toEqual([
    'warn',
    'warn',
    1,
    'No row was considered, configured to warn on empty',
  ]);
  expect(said(await outcome({ ...about, config: { on_empty: 'pass' } }))).toEqual(['pass', 'pass', 0, null]);
});

test('a test that is a query counts its rows, in the same words', async () => {
  const planned = planSingular("select * from orders where status = 'lost';\n", { warn_if: '> 1', error_if: '> 2' });
  if (!planned.value) throw new Error('no plan');
  const [found] = await executeChecks(connection, planChecks([], [planned.value]), { now: NOW });
  expect(found && said(found)).toEqual(['warn', 'warn', 2, 'Got 2 results, configured to warn if > 1']);
});

test('a broken test is an error alone; the others in its statement keep their verdict', async () => {
  const requests: (Partial<CheckRequest> & { name: string })[] = [
    { name: 'unique', column: 'id' },
    { name: 'not_null', column: 'no_such_column' },
    { name: 'not_null', column: 'status' },
    { name: 'accepted_range', column: 'status', kwargs: { min: 0 } },
    { name: 'not_null', column: 'id' },
  ];
  const checks = requests.flatMap((request, index) => {
    const { value } = planCheck({
      id: `test ${index}`,
      namespace: null,
      kwargs: {},
      relation: '"orders"',
      config: {},
      now: NOW,
      ...request,
    });
    return value ? [value] : [];
  });
  const found = await executeChecks(connection, planChecks([], checks), {
    now: NOW,
  });
  expect(Object.fromEntries(found.map(({ id, verdict }) => [id, verdict]))).toEqual({
    'test 0': 'fail',
    'test 1': 'error',
    'test 2': 'fail',
    'test 3': 'error',
    'test 4': 'pass',
  });
  expect(found.find(({ id }) => id === 'test 1')?.message).toContain('no_such_column');
});

test.each<[string, Partial<CheckRequest> & { readonly name: string }]>([
  ['in a where', { name: 'not_null', column: 'customer_id', config: { where: "orders.status = 'lost'" } }],
  ['in a where, quoted', { name: 'unique', column: 'id', config: { where: '"orders".id < 3' } }],
  ['in an expression', { name: 'expression_is_true', kwargs: { expression: 'orders.id <> 1' } }],
  ['in a column', { name: 'accepted_range', column: 'orders.id + 1', kwargs: { min: 2.5 } }],
])('the relation may be called by its name %s, whatever version of it is tested', async (_, request) => {
  await connection.run('create or replace view "orders@3" as from orders');
  const found = await outcome({ ...request, relation: '"orders@3"', called: 'orders' });
  expect([found.verdict, found.failures]).toEqual(['fail', 1]);
});

test('a column of any name is counted in another relation, too', async () => {
  const column = 'order "ß" 5%';
  await connection.run(`create or replace table odd as select 1 as "order ""ß"" 5%"`);
  const columns = await connection.describe('from odd');
  const request = { name: 'distinct_count', column, columns, relation: 'odd', kwargs: { to: 'odd' } };
  expect(said(await outcome(request))).toEqual(['pass', 'pass', 0, null]);
});

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { memoryConnection } from '../testing/memory-connection.ts';
import { type CheckRequest, type CheckSql, planCheck } from './check.ts';
import type { RelationFacts } from './check-plan.ts';
import { executeChecks } from './execute-checks.ts';
import { explainText } from './explain-checks.ts';
import { planChecks } from './plan-checks.ts';

const NOW = '2026-03-10T12:00:00Z';
let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
  await connection.run(`
    create table orders as select range as id, range % 7 as customer_id, 'paid' as status, range::double as amount from range(100);
    create table changed as select 98 as id, 1 as customer_id, 'lost' as status, -1.0::double as amount union all select 98, 2, 'paid', 3.0;
    create view both_parts as select * from orders where id not in (select id from changed) union all select * from changed;
  `);
});
afterAll(() => connection.close());

type Request = Partial<CheckRequest> & { readonly name: string };
function checksOf(...requests: readonly Request[]): readonly CheckSql[] {
  return requests.map((request) => {
    const id = [request.name, request.column].filter(Boolean).join(' ');
    const { value, diagnostics } = planCheck({
      id,
      namespace: null,
      kwargs: {},
      relation: '"orders"',
      config: {},
      now: NOW,
      ...request,
    });
    expect(diagnostics).toEqual([]);
    if (!value) throw new Error('no plan');
    return value;
  });
}
const orders = (facts: Omit<RelationFacts, 'relation'>): RelationFacts[] => [{ relation: '"orders"', ...facts }];

test('tests of a large table are asked first whether all pass; what that cannot tell is counted', async () => {
  const statuses = (...values: string[]): Request => ({
    name: 'accepted_values',
    column: 'status',
    kwargs: { values },
  });
  const refersTo = (to: string): Request => ({ name: 'relationships', column: 'id', kwargs: { to, field: 'id' } });
  const regex: Request = { name: 'matches_regex', column: 'status', kwargs: { regex: '^p' } };
  const twice = "(select range::varchar as id from range(1, 100) union all select '01') as texts";
  const asked = async (...requests: readonly Request[]) => {
    const checks = checksOf(
      ...requests.map((request) => ({
        ...request,
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'status', type: 'VARCHAR' },
        ],
      })),
    );
    const outcomes = await executeChecks(connection, planChecks(orders({ storage: 'table', rows: 1e7 }), checks), {
      now: NOW,
    });
    return outcomes.map(({ strategy, failures, considered }) => [strategy, failures, considered]);
  };
  expect(await asked(statuses('paid', 'packed'), regex)).toEqual([
    ['screened', 0, 100],
    ['screened', 0, 100],
  ]);
  // One of the texts that there may be would fail the other test; none of them is there.
  expect(await asked(statuses('paid', 'lost'), regex)).toEqual([
    ['one group by', 0, 100],
    ['one group by', 0, 100],
  ]);
  expect(await asked(statuses('lost'))).toEqual([['alone', 1, null]]);
  expect(await asked(refersTo('(select range as id from range(200)) as other'))).toEqual([['screened', 0, 100]]);
  expect(await asked(refersTo('(select range // 2 as id from range(198)) as other'))).toEqual([['alone', 1, 100]]);
  // 0 is missing, and 1 is there as two texts.
  expect(await asked(refersTo(twice))).toEqual([['alone', 1, 100]]);
});

test('of nearly unique keys only those with the same number are grouped, in every plan the same', async () => {
  await connection.run(`
    create table mails (id bigint, address varchar, folded varchar collate nocase, sent timestamp);
    insert into mails values (1, 'ada', 'ada', null), (5000000000, 'Ada', 'Ada', null), (7, 'eve', 'eve', null);
  `);
  const relation = '"mails"';
  const columns = await connection.describe('from mails');
  const unique = (column: string): Request => ({ name: 'unique', column, relation, columns });
  const together = (...names: string[]): Request => ({
    name: 'unique_combination',
    kwargs: { columns: names },
    relation,
    columns,
  });
  const failures = async (request: Request) => {
    const [small, large] = await Promise.all(
      [10, 1e7].map(async (rows) => {
        const plan = planChecks([{ relation, storage: 'table', rows }], checksOf(request));
        const [outcome] = await executeChecks(connection, plan, { now: NOW });
        return [outcome?.verdict, outcome?.failures, outcome?.violations];
      }),
    );
    expect(large).toEqual(small);
    return large;
  };
  const requests = [
    unique('id'),
    unique('address'),
    unique('folded'),
    together('id', 'sent'),
    together('folded', 'sent'),
  ];
  for (const request of requests) expect(await failures(request)).toEqual(['pass', 0, 0]);
  await connection.run("insert into mails values (null, null, null, null), (7, 'eve', 'eve', null)");
  for (const request of requests) expect(await failures(request)).toEqual(['fail', 1, 2]);
  expect(await failures(unique('sent'))).toEqual(['vacuous', 0, 0]);
  expect(await failures(together('sent'))).toEqual(['fail', 1, 5]);
});

test('a file of columns that does not say how many rows it has is taken to have many, in the plan and in its cost', () => {
  const planOf = (rows: number | undefined) => {
    const relation = "read_parquet('mails.parquet')";
    const columns = [{ name: 'address', type: 'VARCHAR' }];
    const checks = checksOf({ name: 'unique', column: 'address', relation, columns });
    const { steps } = planChecks([{ relation, storage: 'parquet', rows }], checks);
    return steps.flatMap((step) => step.checks.map(({ strategy, estimate }) => [strategy, Math.round(estimate)]));
  };
  expect(planOf(undefined)).toEqual([['alone', 601]]);
  expect(planOf(1000)).toEqual([['union', 1]]);
});

test('keys that repeat are grouped at once: nearly every row would be a suspect', async () => {
  await connection.run(`create table visits as
    select range % 7 as place, (range % 7) * 1000000000000 as far, 'p' || range % 7 as name, 'v' || range // 2 as pair, 'v' || range as number
    from range(1000)`);
  const relation = '"visits"';
  const columns = await connection.describe('from visits');
  const asked = vi.spyOn(connection, 'query');
  const statements = async (column: string) => {
    asked.mockClear();
    const checks = checksOf({ name: 'unique', column, relation, columns });
    const plan = planChecks([{ relation, storage: 'table', rows: 1e7 }], checks);
    const [outcome] = await executeChecks(connection, plan, { now: NOW, sampleRows: 0 });
    const bySuspects = asked.mock.calls.some(([sql]) => sql.includes('lag(number)'));
    return [outcome?.failures, bySuspects];
  };
  for (const column of ['place', 'far', 'name']) expect(await statements(column)).toEqual([7, false]);
  expect(await statements('pair')).toEqual([500, false]);
  expect(await statements('number')).toEqual([0, true]);
  asked.mockRestore();
});

test('what the SQL or a constraint proves needs no query', async () => {
  const checks = checksOf(
    { name: 'unique', column: 'ID' },
    { name: 'unique_combination', kwargs: { columns: ['status', 'id'] } },
    { name: 'not_null', column: 'customer_id' },
    {
      name: 'accepted_values',
      column: 'status',
      kwargs: { values: ['paid', 'lost'] },
    },
    { name: 'not_null', column: 'amount' },
  );
  const plan = planChecks(
    orders({
      storage: 'table',
      proofs: [
        { kind: 'unique', columns: ['id'], because: 'group by id' },
        {
          kind: 'not_null',
          column: 'customer_id',
          because: 'where customer_id is not null',
        },
        {
          kind: 'values',
          column: 'status',
          values: ['paid'],
          because: 'a literal',
        },
      ],
    }),
    checks,
  );
  const before = connection.statements.length;
  const outcomes = await executeChecks(connection, plan, { now: NOW });
  expect(outcomes.map(({ id, verdict, status, because }) => [id, verdict, status, because])).toEqual([
    ['unique ID', 'proved', 'pass', 'group by id'],
    ['unique_combination', 'proved', 'pass', 'group by id'],
    ['not_null customer_id', 'proved', 'pass', 'where customer_id is not null'],
    ['accepted_values status', 'proved', 'pass', 'a literal'],
    ['not_null amount', 'pass', 'pass', 'answered from column statistics'],
  ]);
  expect(connection.statements.length - before).toBe(2);
});

test('a narrower key or more values are not proved', () => {
  const checks = checksOf(
    { name: 'unique', column: 'id' },
    { name: 'accepted_values', column: 'status', kwargs: { values: ['paid'] } },
  );
  const plan = planChecks(
    orders({
      storage: 'table',
      proofs: [
        { kind: 'unique', columns: ['id', 'customer_id'], because: 'group by' },
        {
          kind: 'values',
          column: 'status',
          values: ['paid', 'lost'],
          because: 'literals',
        },
      ],
    }),
    checks,
  );
  expect(plan.steps.map(({ kind }) => kind)).toEqual(['tallies']);
});

test('a hundred small tests on several tables are few statements', async () => {
  const checks = Array.from({ length: 100 }, (_, index) =>
    checksOf({ id: `test ${index}`, name: 'not_null', column: 'id' }),
  ).flat();
  const before = connection.statements.length;
  await executeChecks(connection, planChecks([], checks), { now: NOW });
  expect(connection.statements.length - before).toBe(5);
});

test('a file is read once: by one scan, or into a temporary table that is gone afterwards', async () => {
  const simple = checksOf(
    { name: 'not_null', column: 'id' },
    { name: 'metric', column: 'amount', kwargs: { metric: 'sum', min: 1 } },
  );
  expect(explainText(planChecks(orders({ storage: 'text', rows: 100 }), simple))).toMatchInlineSnapshot(`
		"not_null id    one scan  statement 1  ~0.3 ms  the file is parsed once
		metric amount  one scan  statement 1  ~0.3 ms  the file is parsed once
		2 tests in 1 statement, about 1 ms"
	`);
  const mixed = [...simple, ...checksOf({ name: 'unique', column: 'id' })];
  const plan = planChecks(orders({ storage: 'text', rows: 100 }), mixed);
  expect(explainText(plan)).toMatchInlineSnapshot(`
    "not_null id    materialised  statement 2  ~0.7 ms  the file is parsed once for all its tests
    metric amount  materialised  statement 3  ~0.7 ms  the file is parsed once for all its tests
    unique id      materialised  statement 2  ~0.7 ms  the file is parsed once for all its tests
    3 tests in 3 statements, about 2 ms"
  `);
  expect((await executeChecks(connection, plan, { now: NOW })).map(({ verdict }) => verdict)).toEqual([
    'pass',
    'pass',
    'pass',
  ]);
  expect(
    (await connection.query("select count(*) from duckdb_tables() where table_name like 'dql_tested%'")).rows,
  ).toEqual([[0n]]);
});

test('tests that name the relation itself still work when the others read a temporary copy', async () => {
  const checks = checksOf(
    {
      name: 'expression_is_true',
      kwargs: { expression: 'orders.amount >= 0' },
    },
    { name: 'unique', column: 'id' },
    { name: 'not_null', column: 'nonsense' },
  );
  const outcomes = await executeChecks(
    connection,
    planChecks(orders({ storage: 'view', costly: 'computes' }), checks),
    {
      now: NOW,
    },
  );
  expect(Object.fromEntries(outcomes.map(({ id, verdict }) => [id, verdict]))).toEqual({
    expression_is_true: 'pass',
    'unique id': 'pass',
    'not_null nonsense': 'error',
  });
});

test('an incremental model is tested on its slice where the rest passed before, with the same verdicts', async () => {
  const requests: readonly Request[] = [
    { name: 'not_null', column: 'id' },
    { name: 'unique', column: 'id' },
    { name: 'accepted_values', column: 'status', kwargs: { values: ['paid'] } },
    { name: 'accepted_range', column: 'amount', kwargs: { min: 0 } },
    { name: 'metric', column: 'amount', kwargs: { metric: 'min', min: 0 } },
    { name: 'row_count', kwargs: { min: 50 } },
  ];
  const checks = checksOf(...requests.map((request) => ({ ...request, relation: '"both_parts"' })));
  const slice = {
    relation: '"changed"',
    passedBefore: new Set(checks.map(({ id }) => id)),
  };
  const whole = await executeChecks(connection, planChecks([], checks), {
    now: NOW,
  });
  const part = await executeChecks(
    connection,
    planChecks([{ relation: '"both_parts"', storage: 'view', slice }], checks),
    { now: NOW },
  );
  const said = (outcomes: typeof whole) =>
    new Map(outcomes.map(({ id, verdict, failures }) => [id, [verdict, failures]]));
  expect(said(part)).toEqual(said(whole));
  expect(
    part
      .filter(({ strategy }) => strategy === 'slice')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['accepted_range amount', 'accepted_values status', 'not_null id', 'unique id']);
});

test('a slice is not enough for shares, for the clock, or where a person said so', () => {
  const checks = checksOf(
    { name: 'not_null', column: 'id', config: { mostly: 0.9 } },
    { name: 'not_before', column: 'amount', kwargs: { age: '1 day' } },
    {
      name: 'accepted_range',
      column: 'amount',
      kwargs: { min: 0 },
      config: { scope: 'all' },
    },
    {
      name: 'expression_is_true',
      kwargs: { expression: 'id in (select id from orders)' },
    },
  );
  const slice = {
    relation: '"changed"',
    passedBefore: new Set(checks.map(({ id }) => id)),
  };
  expect(explainText(planChecks(orders({ storage: 'table', slice }), checks))).not.toContain('slice');
});

test('values of secret columns are masked among the failing rows, NULL excepted', async () => {
  const checks = checksOf(
    { name: 'accepted_values', column: 'status', kwargs: { values: ['new'] } },
    {
      name: 'accepted_range',
      column: 'id',
      kwargs: { min: 99 },
      config: { limit: 2 },
    },
  );
  const outcomes = await executeChecks(connection, planChecks([], checks), {
    now: NOW,
    sampleRows: 1,
    secretColumns: async () => ({ columns: ['status'] }),
  });
  expect(outcomes.map(({ sample }) => sample)).toEqual([
    {
      columns: ['value_field', 'n_records'],
      rows: [['•••', '100']],
      truncated: false,
    },
    {
      columns: ['id', 'customer_id', 'status', 'amount'],
      rows: [['0', '0', '•••', '0']],
      truncated: true,
    },
  ]);
});

test('failing values of many rows come with their count, in one reading', async () => {
  const asked: string[] = [];
  const watched = new Proxy(connection, {
    get: (on, name) =>
      name === 'query'
        ? (sql: string) => {
            asked.push(sql);
            return on.query(sql);
          }
        : Reflect.get(on, name),
  });
  const request = { name: 'unique', column: 'status', config: { severity: 'warn' } } as const;
  const large = orders({ storage: 'parquet', rows: 50_000_000 });
  const [told] = await executeChecks(watched, planChecks(large, checksOf(request)), { now: NOW });
  expect(asked.filter((sql) => sql.includes('group by'))).toHaveLength(1);
  const [apart] = await executeChecks(connection, planChecks([], checksOf(request)), { now: NOW });
  expect(told).toMatchObject({ verdict: 'warn', failures: apart?.failures, violations: apart?.violations });
  expect(told?.sample?.columns).toEqual(apart?.sample?.columns);
  expect([...(told?.sample?.rows ?? [])].sort()).toEqual([...(apart?.sample?.rows ?? [])].sort());
});

test('--warn-error turns a warning into a failure', async () => {
  const checks = checksOf({
    name: 'accepted_values',
    column: 'status',
    kwargs: { values: ['new'] },
    config: { severity: 'warn' },
  });
  const [only] = await executeChecks(connection, planChecks([], checks), {
    now: NOW,
    warnError: true,
  });
  expect(only).toMatchObject({
    verdict: 'fail',
    status: 'fail',
    message: 'Got 1 result, configured to fail if != 0',
  });
});

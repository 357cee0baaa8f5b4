import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Column } from '../engine/engine.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { NOW, type Row } from '../testing/reference-check.ts';
import { specifications } from '../testing/reference-checks.ts';
import { type CheckSql, planCheck } from './check.ts';
import type { RelationFacts, Strategy } from './check-plan.ts';
import { executeChecks } from './execute-checks.ts';
import { planChecks } from './plan-checks.ts';

const now = new Date(NOW).toISOString();
const RELATION = '"payments"';
const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'INTEGER' },
  { name: 'amount', type: 'DOUBLE' },
  { name: 'label', type: 'VARCHAR' },
  { name: 'at', type: 'TIMESTAMP' },
  { name: 'grade', type: 'INTEGER' },
  { name: 'team', type: 'VARCHAR' },
];
let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
  const columns = COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(', ');
  await connection.run(`create table payments (${columns}); create view reading as select * from payments`);
});
afterAll(() => connection.close());

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 5 });
const row: fc.Arbitrary<Row> = fc.record({
  id: maybe(fc.integer({ min: 1, max: 4 })),
  amount: maybe(
    fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -1, max: 3 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      },
    ),
  ),
  label: maybe(fc.constantFrom('a', 'a', 'A', 'b', '', ' ', 'a ', '7', '\t')),
  at: maybe(fc.integer({ min: -30, max: 4 }).map((hours) => NOW + hours * 3_600_000 + (hours % 2) * 60_000)),
  grade: maybe(fc.integer({ min: 0, max: 5 })),
  team: fc.constantFrom('red', 'blue'),
});

const cell = (value: number | string | null): string =>
  value === null
    ? 'null'
    : typeof value === 'string'
      ? `'${value}'`
      : Number.isFinite(value)
        ? String(value)
        : `'${value}'::double`;

async function fill(rows: readonly Row[]): Promise<void> {
  await connection.run('truncate payments');
  if (rows.length === 0) return;
  const values = rows.map(
    ({ id, amount, label, at, grade, team }) =>
      `(${cell(id)}, ${cell(amount)}, ${cell(label)}, ${at === null ? 'null' : `timestamp '${new Date(at).toISOString().slice(0, 19)}'`}, ${cell(grade)}, ${cell(team)})`,
  );
  await connection.run(`insert into payments values ${values.join(', ')}`);
}

function checks(columns: readonly Column[] | undefined): readonly CheckSql[] {
  return specifications.map(({ name, column, kwargs = {}, config = {} }, index) => {
    const { value, diagnostics } = planCheck({
      id: String(index),
      name,
      namespace: null,
      kwargs,
      column: column ?? null,
      relation: RELATION,
      config,
      columns,
      now,
    });
    expect(diagnostics).toEqual([]);
    if (!value) throw new Error(`${name} was not planned`);
    return value;
  });
}

/** Rows of which most tests of values pass, so that the cheaper questions asked first can say so. */
const tameRow: fc.Arbitrary<Row> = fc.record({
  id: maybe(fc.integer({ min: 1, max: 2 })),
  amount: fc.constantFrom(1, 2),
  label: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('a', 'b', null) }, fc.constantFrom('A', '', 'a ')),
  at: fc.constant(NOW - 3_600_000),
  grade: fc.constantFrom(1, 2),
  team: fc.constantFrom('red', 'blue'),
});

const storages: readonly (Omit<RelationFacts, 'relation'> & {
  readonly called: string;
})[] = [
  { called: 'a small table', storage: 'table', rows: 10 },
  { called: 'a large table', storage: 'table', rows: 10_000_000 },
  { called: 'a cheap view', storage: 'view' },
  { called: 'a view that joins', storage: 'view', costly: 'joins' },
  {
    called: 'a costly view or a file, computed once',
    storage: 'text',
    rows: 100_000,
  },
];
const used = new Set<Strategy>();
const screened = new Set<string>();

/** Not how often it occurs, which takes counting. */
const judgesEachValue = ({ question }: CheckSql): boolean =>
  question.kind !== 'frequency' || !question.bad.includes('n_records');

/** Each test alone in a plan of its own, so that those that fit one scan take it. */
const scannable = (all: readonly CheckSql[]) =>
  all.filter(
    ({ question, config }) => (question.kind === 'rows' || question.kind === 'aggregate') && config.where === undefined,
  );

async function disagreements(rows: readonly Row[], all: readonly CheckSql[], facts: Omit<RelationFacts, 'relation'>) {
  const plan = planChecks([{ relation: RELATION, ...facts }], all);
  const outcomes = await executeChecks(connection, plan, {
    now,
    sampleRows: 0,
  });
  expect(outcomes).toHaveLength(all.length);
  return outcomes.flatMap((outcome) => {
    used.add(outcome.strategy);
    if (outcome.strategy === 'screened') screened.add(outcome.name);
    const specification = specifications[Number(outcome.id)];
    const expected = specification?.expected(rows);
    const onEmpty = all.find(({ id }) => id === outcome.id)?.onEmpty;
    const wanted =
      !expected?.considered && expected?.failures === 0
        ? { verdict: onEmpty, failures: onEmpty === 'fail' ? 1 : 0 }
        : {
            verdict: (expected?.failures ?? 0) > 0 ? 'fail' : 'pass',
            failures: expected?.failures,
          };
    const found = { verdict: outcome.verdict, failures: outcome.failures };
    return found.verdict === wanted.verdict && found.failures === wanted.failures
      ? []
      : [
          {
            test: specification?.name,
            kwargs: specification?.kwargs,
            by: outcome.strategy,
            found,
            wanted,
            message: outcome.message,
          },
        ];
  });
}

test.each([
  ['whose column types are known', COLUMNS],
  ['whose column types are not known', undefined],
])(
  'every test says in every plan what a naive reading of the rows says, on tables %s',
  async (_, columns) => {
    const all = checks(columns);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 9 }), async (rows) => {
        await fill(rows);
        for (const { called: _called, ...facts } of storages) expect(await disagreements(rows, all, facts)).toEqual([]);
        expect(await disagreements(rows, scannable(all), { storage: 'text' })).toEqual([]);
      }),
      { numRuns: 6, examples: [[[]]] },
    );
  },
  60_000,
);

test('so do tests of a large table that are asked first whether they pass', async () => {
  const large = { storage: 'table', rows: 10_000_000 } as const;
  const all = checks(COLUMNS).filter(judgesEachValue);
  const first = planChecks([{ relation: RELATION, ...large }], all).steps.flatMap((step) =>
    step.kind === 'screen' ? step.checks.map(({ check }) => check) : [],
  );
  const some = fc.subarray(first, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(tameRow, { maxLength: 6 }), some, async (rows, together) => {
      await fill(rows);
      expect(await disagreements(rows, together, large)).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect([...screened]).toEqual(expect.arrayContaining(['accepted_values', 'relationships']));
  // Tests that the accepted values answered, too.
  expect(screened.size).toBeGreaterThan(3);
}, 60_000);

test('the property was tried in every plan that reads rows', () => {
  expect([...used].sort()).toEqual([
    'alone',
    'materialised',
    'one bit a value',
    'one group by',
    'one scan',
    'screened',
    'statistics',
    'union',
  ]);
});

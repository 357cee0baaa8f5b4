/** Planned tests beside what a person would write by hand: one query a test, one UNION ALL, one scan for all that fits. */
import { join } from 'node:path';
import type { CheckSql } from '../checks/check.ts';
import type { RelationFacts } from '../checks/check-plan.ts';
import { executeChecks } from '../checks/execute-checks.ts';
import { planChecks } from '../checks/plan-checks.ts';
import { quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
import { parseTreeSql, provenBy, readSyntaxTree } from '../lineage/lineage.ts';
import type { Figure } from './figure.ts';
import { mixedTests, NOW, ordersSql } from './mixed-tests.ts';

const ROWS = 10_000_000;
const TURNS = 2;

export async function* checks(folder: string): AsyncGenerator<Figure> {
  const warehouse = await openWarehouse('duckdb', {
    path: join(folder, 'checks.duckdb'),
    readOnly: false,
    instanceSettings: {},
  });
  const connection = await warehouse.connect();
  try {
    const raw = quotedString(join(folder, 'raw.parquet'));
    const parquet = quotedString(join(folder, 'orders.parquet'));
    const csv = quotedString(join(folder, 'orders.csv'));
    await connection.run('create table stores as select range::integer as store_id from range(1000)');
    await connection.run(`copy (\n${ordersSql(ROWS)}\n) to ${raw}`);
    // As models are: each order's last state of what was delivered.
    const model = `select *\nfrom read_parquet(${raw})\nqualify row_number() over (partition by order_id order by updated_at desc) = 1`;
    const built = await processorSeconds(() => connection.run(`create table orders as\n${model};\ncheckpoint`));
    await connection.run(`copy orders to ${parquet}`);
    await connection.run(`copy (from orders limit 300000) to ${csv}`);
    await connection.run(
      'create view orders_joined as select orders.*, per_store.total from orders join (select store_id, sum(amount) as total from orders group by store_id) as per_store using (store_id)',
    );
    const table: RelationFacts = { relation: 'orders', storage: 'table', rows: ROWS };
    const { rows } = await connection.query(parseTreeSql([model]));
    const proofs = provenBy(readSyntaxTree(String(rows[0]?.[0])).value);
    const tests = await testsOf(connection, [table]);
    yield {
      part: 'checks',
      what: `80 tests beside building their table, ${million(ROWS)} rows`,
      seconds: await processorSeconds(() => planned(connection, [{ ...table, proofs }], tests)),
      floorSeconds: built,
      peakMb: null,
      target: '≤ 0.05 × building',
    };
    yield* compared(connection, `80 tests, ${million(ROWS)} rows, a table`, [table]);
    yield* compared(connection, `80 tests, ${million(ROWS)} rows, Parquet`, [
      { relation: `read_parquet(${parquet})`, storage: 'parquet', rows: ROWS },
    ]);
    yield* compared(connection, `80 tests, ${million(ROWS)} rows, a join view`, [
      { relation: 'orders_joined', storage: 'view', costly: 'joins', rows: ROWS },
    ]);
    yield* compared(connection, '80 tests, 300,000 rows, CSV', [
      { relation: `read_csv(${csv})`, storage: 'text', rows: 300_000 },
    ]);
    const small = Array.from({ length: 100 }, (_, index) => `orders_${index}`);
    for (const name of small) await connection.run(`create table ${name} as from orders limit 1000`);
    yield* compared(
      connection,
      '1,000 tests, 100 tables of 1,000 rows',
      small.map((relation) => ({ relation, storage: 'table', rows: 1000 })),
      10,
    );
  } finally {
    connection.close();
    await warehouse.close();
  }
}

const million = (rows: number): string => `${rows / 1e6} M`;

/** Processor seconds, the best of several turns; the strategies take turns so that a busy machine is busy for all of them. */
async function* compared(
  connection: Connection,
  what: string,
  facts: readonly RelationFacts[],
  count?: number,
): AsyncGenerator<Figure> {
  const tests = await testsOf(connection, facts, count);
  const byHand = Object.entries(BY_HAND).filter(([name]) => name !== 'one scan' || facts.length === 1);
  let seconds = Number.POSITIVE_INFINITY;
  const best = new Map(byHand.map(([name]) => [name, Number.POSITIVE_INFINITY]));
  for (let turn = 0; turn < TURNS; turn++) {
    seconds = Math.min(seconds, await processorSeconds(() => planned(connection, facts, tests)));
    for (const [name, write] of byHand) {
      const took = await processorSeconds(async () => {
        for (const sql of write(tests)) await connection.query(sql, sql.includes('$now') ? [NOW] : []);
      });
      best.set(name, Math.min(best.get(name) ?? took, took));
    }
  }
  const [fastest] = [...best].sort(([, one], [, other]) => one - other);
  yield {
    part: 'checks',
    what: `${what} (by hand: ${fastest?.[0]})`,
    seconds,
    floorSeconds: fastest?.[1] ?? null,
    peakMb: null,
    target: '≤ 1.1 × best by hand',
  };
}

async function testsOf(connection: Connection, facts: readonly RelationFacts[], count?: number) {
  const tests: CheckSql[] = [];
  for (const { relation } of facts)
    tests.push(...mixedTests(relation, await connection.describe(`from ${relation}`), count));
  return tests;
}

async function planned(
  connection: Connection,
  facts: readonly RelationFacts[],
  tests: readonly CheckSql[],
): Promise<void> {
  const outcomes = await executeChecks(connection, planChecks(facts, tests), { now: NOW });
  const odd = outcomes.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'proved');
  if (odd.length > 0) throw new Error(odd.map(({ id, name, message }) => `${id} ${name}: ${message}`).join('\n'));
}

const countOf = ({ failing }: CheckSql): string => `select count(*) from (\n${failing}\n)`;

/** Statements for the same questions. None of these looks whether any row was considered, as dql does. */
const BY_HAND: Readonly<Record<string, (tests: readonly CheckSql[]) => readonly string[]>> = {
  'one query each': (tests) => tests.map(countOf),
  'union all': (tests) => [tests.map(countOf).join('\nunion all\n')],
  'one scan': (tests) => {
    const figures = tests.flatMap(({ question }) =>
      question.kind === 'rows'
        ? `count(*) filter (where ${question.violation})`
        : question.kind === 'aggregate'
          ? question.value
          : [],
    );
    const others = tests.filter(({ question }) => question.kind !== 'rows' && question.kind !== 'aggregate');
    return [`select ${figures.join(',\n  ')}\nfrom ${tests[0]?.relation}`, ...others.map(countOf)];
  },
};

async function processorSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

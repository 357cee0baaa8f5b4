/**
 * Whether tests had any row to consider, asked once for all tests of a relation: nearly always the first rows answer for every one of them.
 */
import type { Connection, EngineError } from '../engine/engine.ts';
import type { CheckSql } from './check.ts';
import { TEMPORARY } from './check-plan.ts';
import { select } from './expressions.ts';
import type { From } from './question.ts';

/** One vector of DuckDB's. */
const FIRST_ROWS = 2048;
/** So many table expressions in one statement. */
const TOGETHER = 64;

/** One row: the index, the number of rows, and a `1` for every condition that one of the first rows satisfies. */
function firstRowsSql(index: number, from: From, conditions: readonly string[], isDear: boolean): string {
  // A table is counted from its metadata; a view, or rows narrowed by a condition, would have to be read, so only the first rows are.
  const count = from.startsWith('(') || isDear ? 'count(*)' : `(${select('count(*)', from)})`;
  const satisfied = conditions.map(
    (condition) => `case when coalesce(bool_or(${condition}), false) then '1' else '0' end`,
  );
  return `select ${index} as place, ${count} as n, ${satisfied.length === 0 ? "''" : `concat(${satisfied.join(', ')})`} as satisfied\nfrom (select * from ${from} limit ${FIRST_ROWS}) as first_rows`;
}

export interface Considered {
  readonly nothing: boolean;
  /** How many rows, when that is known for free. */
  readonly rows: number | null;
}

export interface Looking {
  /** Answers for one test; the first question about a table expression asks for all tests of it. Rejects as the connection does. */
  readonly lookFor: (check: CheckSql) => Promise<Considered>;
}

export function looking(
  connection: Connection,
  checks: readonly CheckSql[],
  parametersOf: (sql: string) => readonly string[],
  isEngineError: (error: unknown) => error is EngineError,
  dear: ReadonlySet<string>,
): Looking {
  const answers = new Map<From, Promise<FirstRows>>();
  const query = (sql: string) => connection.query(sql, parametersOf(sql));
  const conditionsOf = (from: From): readonly string[] => [
    ...new Set(
      checks.flatMap(({ looking }) =>
        looking?.from === from && looking.condition !== null ? [looking.condition] : [],
      ),
    ),
  ];

  /** Asks for several table expressions in one statement; when that fails, for each by itself. */
  async function ask(froms: readonly From[]): Promise<readonly FirstRows[]> {
    try {
      const { rows } = await query(
        froms.map((from, index) => firstRowsSql(index, from, conditionsOf(from), dear.has(from))).join('\nunion all\n'),
      );
      const found = new Map(
        rows.map(([index, count, satisfied]) => [Number(index), { count, satisfied: String(satisfied) }]),
      );
      return froms.map((from, index) => {
        const { count, satisfied } = found.get(index) ?? {
          count: 0,
          satisfied: '',
        };
        return {
          rows: Number(count),
          exact: !from.startsWith('(') && !dear.has(from),
          satisfied: new Set(conditionsOf(from).filter((_, place) => satisfied[place] === '1')),
        };
      });
    } catch (error) {
      if (!isEngineError(error) || error.kind === 'interrupted') throw error;
      // One condition cannot be computed: it is then asked for by itself.
      if (froms.length === 1) return [UNKNOWN];
      const apart: FirstRows[] = [];
      for (const from of froms) apart.push(...(await ask([from])));
      return apart;
    }
  }

  function firstRows(from: From): Promise<FirstRows> {
    const known = answers.get(from);
    if (known) return known;
    // A temporary table is there only while its step is taken; all others can be asked for together.
    const isTemporary = (one: From) => one.includes(TEMPORARY);
    const all = [...new Set(checks.flatMap(({ looking }) => (looking ? [looking.from] : [])))];
    const together = isTemporary(from)
      ? [from]
      : [from, ...all.filter((one) => one !== from && !isTemporary(one) && !answers.has(one)).slice(0, TOGETHER - 1)];
    const asked = ask(together);
    for (const [index, one] of together.entries()) {
      const answer = asked.then((found) => found[index] ?? UNKNOWN);
      // Whoever asks hears of it; those that never ask must not stop the process.
      answer.catch(() => undefined);
      answers.set(one, answer);
    }
    return answers.get(from) ?? Promise.resolve(UNKNOWN);
  }

  return {
    lookFor: async ({ looking }) => {
      if (looking === undefined) return { nothing: false, rows: null };
      const { from, condition } = looking;
      const known = await firstRows(from);
      if (condition === null && known.rows !== null)
        return {
          nothing: known.rows === 0,
          rows: known.exact ? known.rows : null,
        };
      if (condition !== null && known.satisfied.has(condition)) return { nothing: false, rows: null };
      const { rows } = await query(
        `select 1\nfrom ${from}${condition === null ? '' : `\nwhere ${condition}`}\nlimit 1`,
      );
      return { nothing: rows.length === 0, rows: null };
    },
  };
}

interface FirstRows {
  readonly rows: number | null;
  readonly exact: boolean;
  readonly satisfied: ReadonlySet<string>;
}

const UNKNOWN: FirstRows = { rows: null, exact: false, satisfied: new Set() };

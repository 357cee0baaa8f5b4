/**
 * Every test of the catalogue that judges rows, written down a second time and as naively as possible: in TypeScript, over an array of rows.
 * The property test compares what DuckDB answers in each plan with this.
 */
import type { Json } from '../core/node-id.ts';

export interface Row {
  readonly id: number | null;
  readonly amount: number | null;
  readonly label: string | null;
  /** Milliseconds since 1970, or null. */
  readonly at: number | null;
  readonly grade: number | null;
  readonly team: string;
}

export const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR = 3_600_000;

export interface Expected {
  readonly failures: number;
  /** False when no row was considered. */
  readonly considered: boolean;
}

export interface Specification {
  readonly name: string;
  readonly column?: keyof Row;
  readonly kwargs?: Readonly<Record<string, Json>>;
  readonly config?: Readonly<Record<string, Json>>;
  readonly expected: (rows: readonly Row[]) => Expected;
}

const present = <K extends keyof Row>(rows: readonly Row[], column: K): NonNullable<Row[K]>[] =>
  rows.flatMap((row) => {
    const value = row[column];
    return value === null || value === undefined ? [] : [value as NonNullable<Row[K]>];
  });

/** NaN equals NaN, as in SQL's grouping. */
const key = (value: unknown): string => (typeof value === 'number' ? `n${value}` : JSON.stringify(value));

function countsBy(values: readonly unknown[]): number[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(key(value), (counts.get(key(value)) ?? 0) + 1);
  return [...counts.values()];
}

const judging =
  <K extends keyof Row>(column: K, holds: (value: NonNullable<Row[K]>) => boolean) =>
  (rows: readonly Row[]): Expected => {
    const values = present(rows, column);
    return {
      failures: values.filter((value) => !holds(value)).length,
      considered: values.length > 0,
    };
  };

const nullFails =
  <K extends keyof Row>(column: K, holds: (value: NonNullable<Row[K]>) => boolean) =>
  (rows: readonly Row[]): Expected => ({
    failures: rows.length - present(rows, column).filter(holds).length,
    considered: rows.length > 0,
  });

const figure =
  <K extends keyof Row>(column: K, holds: (values: readonly NonNullable<Row[K]>[]) => boolean) =>
  (rows: readonly Row[]): Expected => {
    const values = present(rows, column);
    return {
      failures: values.length > 0 && !holds(values) ? 1 : 0,
      considered: values.length > 0,
    };
  };

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const finite = (values: readonly number[]) => values.every(Number.isFinite);
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
function variance(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
}
const blank = (text: string) => /^[ \t\n\r\f\v]*$/.test(text);
const teams = (rows: readonly Row[]) =>
  [...new Set(rows.map((row) => row.team))].map((team) => rows.filter((row) => row.team === team));

export const specifications: readonly Specification[] = [
  {
    name: 'not_null',
    column: 'amount',
    expected: nullFails('amount', () => true),
  },
  {
    name: 'not_null',
    column: 'label',
    kwargs: { treat_empty: true },
    expected: nullFails('label', (text) => text !== ''),
  },
  {
    name: 'not_null',
    column: 'amount',
    kwargs: { treat_nan: true },
    expected: nullFails('amount', (value) => !Number.isNaN(value)),
  },
  {
    name: 'is_null',
    column: 'grade',
    expected: (rows) => ({
      failures: present(rows, 'grade').length,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'unique',
    column: 'amount',
    expected: (rows) => {
      const values = present(rows, 'amount');
      return {
        failures: countsBy(values).filter((n) => n > 1).length,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'unique',
    column: 'label',
    kwargs: { case_insensitive: true, trim: true },
    expected: (rows) => {
      const values = present(rows, 'label').map((text) => text.replace(/^ +| +$/g, '').toLowerCase());
      return {
        failures: countsBy(values).filter((n) => n > 1).length,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'unique',
    column: 'id',
    config: { group_by: 'team' },
    expected: (rows) => ({
      failures: sum(teams(rows).map((team) => countsBy(present(team, 'id')).filter((n) => n > 1).length)),
      considered: present(rows, 'id').length > 0,
    }),
  },
  {
    name: 'unique',
    column: 'id',
    config: { where: "team = 'red'" },
    expected: (rows) => {
      const values = present(
        rows.filter((row) => row.team === 'red'),
        'id',
      );
      return {
        failures: countsBy(values).filter((n) => n > 1).length,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'accepted_values',
    column: 'label',
    kwargs: { values: ['a', 'b'] },
    expected: (rows) => {
      const values = present(rows, 'label');
      return {
        failures: new Set(values.filter((text) => text !== 'a' && text !== 'b')).size,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'accepted_values',
    column: 'label',
    kwargs: { values: ['a', null], on_null: 'fail' },
    expected: (rows) => {
      const values = present(rows, 'label');
      return {
        failures: new Set(values.filter((text) => text !== 'a')).size,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'accepted_values',
    column: 'amount',
    kwargs: { values: [1, 2], on_null: 'fail' },
    expected: (rows) => ({
      failures: new Set(rows.filter(({ amount }) => amount !== 1 && amount !== 2).map(({ amount }) => key(amount)))
        .size,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'not_accepted_values',
    column: 'label',
    kwargs: { values: ['A'], case_insensitive: true },
    expected: (rows) => {
      const values = present(rows, 'label');
      return {
        failures: new Set(values.filter((text) => text.toLowerCase() === 'a')).size,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'not_accepted_values',
    column: 'label',
    kwargs: { values: ['b', null] },
    expected: (rows) => ({
      failures: new Set(rows.filter(({ label }) => label === null || label === 'b').map(({ label }) => label)).size,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { min: 0 },
    expected: judging('amount', (v) => Number.isFinite(v) && v >= 0),
  },
  {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { max: 2 },
    expected: judging('amount', (v) => Number.isFinite(v) && v <= 2),
  },
  {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { min: 0, max: 2, strict: true },
    expected: judging('amount', (v) => v > 0 && v < 2),
  },
  {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { min: 0, on_null: 'fail' },
    expected: nullFails('amount', (v) => Number.isFinite(v) && v >= 0),
  },
  {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { min: 'grade' },
    expected: (rows) => {
      const judged = rows.filter(({ amount }) => amount !== null);
      return {
        failures: judged.filter(
          ({ amount, grade }) => !(Number.isFinite(amount) && grade !== null && (amount ?? 0) >= grade),
        ).length,
        considered: judged.length > 0,
      };
    },
  },
  {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { min: 0, group_by: ['team'] },
    expected: (rows) => ({
      failures: teams(rows).filter((team) => present(team, 'amount').some((v) => !(Number.isFinite(v) && v >= 0)))
        .length,
      considered: present(rows, 'amount').length > 0,
    }),
  },
  {
    name: 'accepted_range',
    column: 'at',
    kwargs: { min: '2026-03-10', max: '2026-03-10 12:00:00' },
    expected: judging('at', (t) => t >= Date.parse('2026-03-10T00:00:00Z') && t <= NOW),
  },
  {
    name: 'expression_is_true',
    kwargs: { expression: 'grade > 1' },
    expected: nullFails('grade', (v) => v > 1),
  },
  {
    name: 'expression_is_true',
    column: 'grade',
    kwargs: { expression: '> 1', on_null: 'ignore' },
    expected: judging('grade', (v) => v > 1),
  },
  {
    name: 'not_empty_string',
    column: 'label',
    expected: judging('label', (text) => !blank(text)),
  },
  {
    name: 'not_empty_string',
    column: 'label',
    kwargs: { trim: false },
    expected: judging('label', (text) => text !== ''),
  },
  {
    name: 'length_between',
    column: 'label',
    kwargs: { min: 1, max: 1 },
    expected: judging('label', (text) => text.length === 1),
  },
  {
    name: 'length_equal',
    column: 'label',
    kwargs: { value: 1, on_null: 'fail' },
    expected: nullFails('label', (text) => text.length === 1),
  },
  {
    name: 'matches_regex',
    column: 'label',
    kwargs: { regex: '^[ab]$', flags: 'i' },
    expected: judging('label', (text) => /^[ab]$/i.test(text)),
  },
  {
    name: 'matches_regex',
    column: 'label',
    kwargs: { regex: ['a', 'B'], match: 'any' },
    expected: judging('label', (text) => /a/.test(text) || /B/.test(text)),
  },
  {
    name: 'not_matches_regex',
    column: 'label',
    kwargs: { regex: '\\s' },
    expected: judging('label', (text) => !/\s/.test(text)),
  },
  {
    name: 'matches_like',
    column: 'label',
    kwargs: { pattern: 'a%' },
    expected: judging('label', (text) => text.startsWith('a')),
  },
  {
    name: 'not_matches_like',
    column: 'label',
    kwargs: { pattern: ['%a', '%b'] },
    expected: judging('label', (text) => !/[ab]$/.test(text)),
  },
  {
    name: 'parses_as',
    column: 'label',
    kwargs: { type: 'integer' },
    expected: judging('label', (text) => /^\s*[+-]?\d+\s*$/.test(text)),
  },
  {
    name: 'matches_format',
    column: 'label',
    kwargs: { format: 'integer' },
    expected: judging('label', (text) => /^[+-]?\d+$/.test(text)),
  },
  {
    name: 'not_in_future',
    column: 'at',
    expected: judging('at', (t) => t <= NOW),
  },
  {
    name: 'not_in_future',
    column: 'at',
    kwargs: { by: '2 hours', on_null: 'fail' },
    expected: nullFails('at', (t) => t <= NOW + 2 * HOUR),
  },
  {
    name: 'not_before',
    column: 'at',
    kwargs: { age: '1 day' },
    expected: judging('at', (t) => t >= NOW - 24 * HOUR),
  },
  {
    name: 'not_before',
    column: 'at',
    kwargs: { date: '2026-03-10' },
    expected: judging('at', (t) => t >= Date.parse('2026-03-10T00:00:00Z')),
  },
  {
    name: 'increasing',
    column: 'grade',
    kwargs: { order_by: 'id' },
    expected: (rows) => ordered(rows, (now, before) => now > before, 1),
  },
  {
    name: 'decreasing',
    column: 'grade',
    kwargs: { order_by: 'id', strict: false },
    expected: (rows) => ordered(rows, (now, before) => now <= before, -1),
  },
  {
    name: 'sequential',
    column: 'grade',
    expected: (rows) => {
      const values = present(rows, 'grade').sort((a, b) => a - b);
      return {
        failures: values.filter((value, at) => at > 0 && value !== (values[at - 1] ?? 0) + 1).length,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'no_gaps',
    column: 'grade',
    config: { group_by: ['team'] },
    expected: (rows) => ({
      failures: sum(
        teams(rows).map((team) => {
          const values = [...new Set(present(team, 'grade'))].sort((a, b) => a - b);
          return values.filter((value, at) => at > 0 && value !== (values[at - 1] ?? 0) + 1).length;
        }),
      ),
      considered: present(rows, 'grade').length > 0,
    }),
  },
  {
    name: 'z_score_within',
    column: 'amount',
    kwargs: { sigma: 1.05 },
    expected: (rows) => {
      const values = present(rows, 'amount');
      const usable = values.filter(Number.isFinite);
      const spread = Math.sqrt(variance(usable));
      const mean = sum(usable) / usable.length;
      const far = usable.length > 1 ? usable.filter((value) => Math.abs(value - mean) > 1.05 * spread).length : 0;
      return {
        failures: values.length - usable.length + far,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'consistent_casing',
    column: 'label',
    expected: (rows) => {
      const values = [...new Set(present(rows, 'label'))];
      return {
        failures: countsBy(values.map((text) => text.toLowerCase())).filter((n) => n > 1).length,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'at_least_one',
    column: 'grade',
    expected: (rows) => ({
      failures: rows.length > 0 && present(rows, 'grade').length === 0 ? 1 : 0,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'not_constant',
    column: 'amount',
    expected: figure('amount', (values) => new Set(values.map(key)).size > 1),
  },
  {
    name: 'not_null_proportion',
    column: 'grade',
    kwargs: { at_least: 0.5 },
    expected: (rows) => ({
      failures: rows.length > 0 && present(rows, 'grade').length / rows.length < 0.5 ? 1 : 0,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'metric',
    column: 'amount',
    kwargs: { metric: 'min', min: 0 },
    expected: figure('amount', (values) => finite(values) && Math.min(...values) >= 0),
  },
  {
    name: 'metric',
    column: 'amount',
    kwargs: { metric: 'max', max: 2 },
    expected: figure('amount', (values) => finite(values) && Math.max(...values) <= 2),
  },
  {
    name: 'metric',
    column: 'amount',
    kwargs: { metric: 'sum', min: 1 },
    expected: figure('amount', (values) => finite(values) && sum(values) >= 1),
  },
  {
    name: 'metric',
    column: 'amount',
    kwargs: { metric: 'mean', min: 0, max: 2 },
    expected: figure(
      'amount',
      (values) => finite(values) && sum(values) / values.length >= 0 && sum(values) / values.length <= 2,
    ),
  },
  {
    name: 'metric',
    column: 'amount',
    kwargs: { metric: 'median', max: 1 },
    expected: figure('amount', (values) => finite(values) && median(values) <= 1),
  },
  {
    name: 'metric',
    column: 'amount',
    kwargs: { metric: 'variance', max: 1.13 },
    expected: figure('amount', (values) => finite(values) && values.length > 1 && variance(values) <= 1.13),
  },
  {
    name: 'metric',
    column: 'amount',
    kwargs: { metric: 'sum', min: 1 },
    config: { group_by: 'team' },
    expected: (rows) => ({
      failures: teams(rows).filter((team) => {
        const values = present(team, 'amount');
        return !(values.length > 0 && finite(values) && sum(values) >= 1);
      }).length,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'distinct_count',
    column: 'label',
    kwargs: { min: 2 },
    expected: figure('label', (values) => new Set(values).size >= 2),
  },
  {
    name: 'proportion_unique',
    column: 'label',
    kwargs: { min: 0.6 },
    expected: figure('label', (values) => new Set(values).size / values.length >= 0.6),
  },
  {
    name: 'distinct_values',
    column: 'amount',
    kwargs: { equal_set: [1, 2] },
    expected: (rows) => {
      const values = new Set(present(rows, 'amount').map(key));
      const missing = ['n1', 'n2'].filter((one) => !values.has(one)).length;
      const unexpected = [...values].filter((one) => one !== 'n1' && one !== 'n2').length;
      return { failures: missing + unexpected, considered: values.size > 0 };
    },
  },
  {
    name: 'most_common',
    column: 'label',
    kwargs: { in_set: ['a'] },
    expected: (rows) => {
      const values = present(rows, 'label');
      const counts = new Map<string, number>();
      for (const text of values) counts.set(text, (counts.get(text) ?? 0) + 1);
      const most = Math.max(...counts.values());
      return {
        failures: [...counts].filter(([text, n]) => n === most && text !== 'a').length,
        considered: values.length > 0,
      };
    },
  },
  {
    name: 'unique_combination',
    kwargs: { columns: ['id', 'label'] },
    expected: (rows) => ({
      failures: countsBy(rows.map(({ id, label }) => [id, label])).filter((n) => n > 1).length,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'unique_combination',
    kwargs: { columns: ['id', 'label'], ignore_row_if: 'any_value_is_missing' },
    expected: (rows) => {
      const judged = rows.filter(({ id, label }) => id !== null && label !== null);
      return {
        failures: countsBy(judged.map(({ id, label }) => [id, label])).filter((n) => n > 1).length,
        considered: judged.length > 0,
      };
    },
  },
  {
    name: 'unique_combination',
    kwargs: {
      columns: ['id', 'label'],
      ignore_row_if: 'all_values_are_missing',
    },
    expected: (rows) => {
      const judged = rows.filter(({ id, label }) => id !== null || label !== null);
      return {
        failures: countsBy(judged.map(({ id, label }) => [id, label])).filter((n) => n > 1).length,
        considered: judged.length > 0,
      };
    },
  },
  {
    name: 'unique_within_record',
    kwargs: { columns: ['id', 'grade'] },
    expected: (rows) => ({
      failures: rows.filter(({ id, grade }) => id !== null && id === grade).length,
      considered: rows.some(({ id, grade }) => id !== null && grade !== null),
    }),
  },
  {
    name: 'compare_columns',
    kwargs: { left: 'amount', operator: '>=', right: 'grade' },
    expected: (rows) => {
      const judged = rows.filter(({ amount, grade }) => amount !== null && grade !== null);
      return {
        failures: judged.filter(({ amount, grade }) => !(Number.isFinite(amount) && (amount ?? 0) >= (grade ?? 0)))
          .length,
        considered: judged.length > 0,
      };
    },
  },
  {
    name: 'pair_in_set',
    kwargs: {
      left: 'label',
      right: 'grade',
      pairs: [
        ['a', 1],
        ['b', 2],
      ],
    },
    expected: (rows) => {
      const judged = rows.filter(({ label, grade }) => label !== null && grade !== null);
      return {
        failures: judged.filter(
          ({ label, grade }) => !((label === 'a' && grade === 1) || (label === 'b' && grade === 2)),
        ).length,
        considered: judged.length > 0,
      };
    },
  },
  {
    name: 'columns_sum_to',
    kwargs: { columns: ['amount', 'grade'], total: 3 },
    config: { tolerance: 1 },
    expected: (rows) => ({
      failures: rows.filter(
        ({ amount, grade }) => amount === null || grade === null || !(Math.abs(amount + grade - 3) <= 1),
      ).length,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'mutually_exclusive_ranges',
    kwargs: { lower: 'id', upper: 'grade', partition_by: 'team' },
    expected: (rows) => ({
      failures: sum(
        teams(rows).map((team) => {
          const last = (value: number | null) => value ?? Number.POSITIVE_INFINITY;
          const sorted = [...team].sort((a, b) =>
            last(a.id) === last(b.id) ? last(a.grade) - last(b.grade) || 0 : last(a.id) - last(b.id),
          );
          return sorted.filter(({ id, grade }, at) => {
            const next = sorted[at + 1];
            const proper = id !== null && grade !== null && id < grade;
            return !proper || (next !== undefined && !(next.id !== null && (grade ?? 0) <= next.id));
          }).length;
        }),
      ),
      considered: rows.length > 0,
    }),
  },
  {
    name: 'row_count',
    kwargs: { min: 3, max: 6 },
    expected: (rows) => ({
      failures: rows.length >= 3 && rows.length <= 6 ? 0 : 1,
      considered: true,
    }),
  },
  {
    name: 'row_count',
    kwargs: { min: 2 },
    config: { group_by: ['team'] },
    expected: (rows) => ({
      failures: teams(rows).filter((team) => team.length < 2).length,
      considered: rows.length > 0,
    }),
  },
  {
    name: 'not_empty',
    expected: (rows) => ({
      failures: rows.length === 0 ? 1 : 0,
      considered: true,
    }),
  },
  {
    name: 'relationships',
    column: 'id',
    kwargs: { to: '(values (1), (2), (null)) parents(id)', field: 'id' },
    expected: judging('id', (id) => id === 1 || id === 2),
  },
  {
    name: 'relationships',
    column: 'id',
    kwargs: {
      to: '(values (1), (2), (null)) parents(id)',
      field: 'id',
      reverse: true,
    },
    expected: (rows) => ({
      failures: [1, 2].filter((id) => !rows.some((row) => row.id === id)).length,
      considered: true,
    }),
  },
  {
    name: 'freshness',
    column: 'at',
    kwargs: { max_age: '3 hours' },
    expected: (rows) => {
      const past = present(rows, 'at').filter((t) => t <= NOW);
      return {
        failures: past.length > 0 && NOW - Math.max(...past) > 3 * HOUR ? 1 : 0,
        considered: past.length > 0,
      };
    },
  },
  {
    name: 'data_for_every_period',
    column: 'at',
    kwargs: { part: 'hour' },
    expected: (rows) => {
      const hours = present(rows, 'at').map((t) => Math.floor(t / HOUR));
      if (hours.length === 0) return { failures: 0, considered: false };
      const [first, last] = [Math.min(...hours), Math.max(...hours)];
      return {
        failures: last - first + 1 - new Set(hours).size,
        considered: true,
      };
    },
  },
];

function ordered(rows: readonly Row[], follows: (now: number, before: number) => boolean, favour: 1 | -1): Expected {
  const last = (value: number | null) => value ?? Number.POSITIVE_INFINITY;
  const judged = rows
    .flatMap(({ id, grade }) => (grade === null ? [] : [{ id, grade }]))
    .sort((a, b) => (last(a.id) === last(b.id) ? favour * (a.grade - b.grade) : last(a.id) - last(b.id)));
  return {
    failures: judged.filter(({ grade }, at) => at > 0 && !follows(grade, judged[at - 1]?.grade ?? 0)).length,
    considered: judged.length > 0,
  };
}

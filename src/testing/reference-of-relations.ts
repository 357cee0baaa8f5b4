/** Tests that judge figures, combinations of columns, and whole relations. */
import {
  countsBy,
  type Expected,
  figure,
  finite,
  HOUR,
  judging,
  key,
  median,
  NOW,
  present,
  type Row,
  type Specification,
  sum,
  teams,
  variance,
} from './reference-check.ts';

export const relationSpecifications: readonly Specification[] = [
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
  {
    name: 'moving_z_score_within',
    column: 'amount',
    kwargs: { timestamp_column: 'at', period: 'hour', take_logs: false, sigma: 1.05, trend_periods: 4 },
    expected: (rows) => movingScores(rows, true),
  },
  {
    name: 'moving_z_score_within',
    column: 'amount',
    kwargs: {
      timestamp_column: 'at',
      period: 'hour',
      take_logs: false,
      take_diffs: false,
      sigma: 1.05,
      trend_periods: 4,
    },
    config: { group_by: ['team'] },
    expected: (rows) => {
      const each = teams(rows).map((team) => movingScores(team, false));
      return {
        failures: sum(each.map(({ failures }) => failures)),
        considered: each.some(({ considered }) => considered),
      };
    },
  },
];

/** Of the sums of the hours that have rows, those of the last fourteen whole hours, each compared with the four before it. */
function movingScores(rows: readonly Row[], ofChanges: boolean): Expected {
  const hourOf = ({ at }: Row) => Math.floor((at ?? 0) / HOUR);
  const timed = rows.filter(({ at }) => at !== null);
  const hours = [...new Set(timed.map(hourOf))].sort((a, b) => a - b);
  const sums = hours.map((hour) =>
    sum(
      present(
        timed.filter((row) => hourOf(row) === hour),
        'amount',
      ),
    ),
  );
  const judged = ofChanges ? sums.map((total, index) => total - (sums[index - 1] ?? 0)) : sums;
  const verdicts = hours.flatMap((hour, index) => {
    if (hour >= NOW / HOUR || hour < NOW / HOUR - 14) return [];
    const [total = 0, value = 0] = [sums[index], judged[index]];
    if (!Number.isFinite(total)) return [false];
    const before = judged.slice(Math.max(index - 4, 0), index).filter(Number.isFinite);
    if (before.length < 2 || !Number.isFinite(value)) return [];
    const distance = Math.abs(value - sum(before) / before.length);
    return [distance < 1e-9 || distance <= 1.05 * Math.sqrt(variance(before))];
  });
  return { failures: verdicts.filter((holds) => !holds).length, considered: verdicts.length > 0 };
}

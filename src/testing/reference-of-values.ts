/** Tests that judge values, one row after another. */
import {
  blank,
  countsBy,
  type Expected,
  HOUR,
  judging,
  key,
  NOW,
  nullFails,
  present,
  type Row,
  type Specification,
  sum,
  teams,
  variance,
} from './reference-check.ts';

export const valueSpecifications: readonly Specification[] = [
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

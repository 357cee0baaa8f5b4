/** 80 tests as a project has them, over one table of orders. */
import { type CheckSql, planCheck } from '../checks/check.ts';
import type { Json } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';

export const NOW = '2026-03-10T12:00:00Z';

const STATUSES = ['placed', 'packed', 'shipped', 'returned'];
const CHANNELS = ['web', 'store', 'phone'];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  status: STATUSES,
  channel: CHANNELS,
  country: ['at', 'de', 'fr', 'it', 'nl', 'pl'],
  currency: ['eur', 'pln'],
  payment: ['card', 'cash', 'transfer'],
  segment: ['high_value', 'medium_value', 'low_value', 'churned'],
};
const NUMBERS = ['customer_id', 'store_id', 'product_id', 'quantity', 'discount', 'items'];
const AMOUNTS = ['price', 'amount', 'tax', 'shipping', 'weight', 'rating'];
const TIMES = ['ordered_at', 'packed_at', 'shipped_at', 'updated_at'];

/** The query that makes the table: whole numbers, amounts of which some are missing, words, times. */
export function ordersSql(rows: number): string {
  const number = (name: string, seed: number) => `(hash(range, ${seed}) % 1000)::integer as ${name}`;
  const amount = (name: string, seed: number) =>
    `case when range % ${seed + 11} = 0 then null else (hash(range, ${seed}) % 100000)::double / 100 end as ${name}`;
  const word = (name: string, seed: number) => {
    const words = WORDS[name] ?? [];
    return `(array[${words.map((each) => `'${each}'`).join(', ')}])[1 + (hash(range, ${seed}) % ${words.length})::bigint] as ${name}`;
  };
  const time = (name: string, late: number) =>
    `timestamp '2026-01-01' + to_seconds((range * 7) % 5000000 + ${late}) as ${name}`;
  return `select ${[
    'range as order_id',
    ...NUMBERS.map(number),
    ...AMOUNTS.map((name, index) => amount(name, 10 + index)),
    ...Object.keys(WORDS).map((name, index) => word(name, 20 + index)),
    ...TIMES.map((name, index) => time(name, index * 3600)),
  ].join(',\n  ')}\nfrom range(${rows})`;
}

type Request = readonly [name: string, column: string | null, kwargs?: Readonly<Record<string, Json>>];

const REQUESTS: readonly Request[] = [
  ...['order_id', ...NUMBERS, ...Object.keys(WORDS), ...TIMES].map((column): Request => ['not_null', column]),
  ...[...NUMBERS, ...AMOUNTS].map((column): Request => ['accepted_range', column, { min: 0, max: 1000 }]),
  ...Object.entries(WORDS).map(([column, values]): Request => ['accepted_values', column, { values: [...values] }]),
  ...Object.keys(WORDS).map((column): Request => ['matches_regex', column, { regex: '^[a-z_]+$' }]),
  ...Object.keys(WORDS).map((column): Request => ['length_between', column, { min: 2, max: 12 }]),
  ...Object.keys(WORDS).map((column): Request => ['not_empty_string', column]),
  ...TIMES.map((column): Request => ['not_in_future', column]),
  ...AMOUNTS.map((column): Request => ['metric', column, { metric: 'mean', min: 0, max: 1000 }]),
  ...['quantity <= 1000', 'amount >= 0 or amount is null', 'packed_at >= ordered_at', 'shipped_at >= packed_at'].map(
    (expression): Request => ['expression_is_true', null, { expression }],
  ),
  ...['items + quantity >= 0', 'length(country) = 2'].map(
    (expression): Request => ['expression_is_true', null, { expression }],
  ),
  ['unique', 'order_id'],
  ['unique_combination', null, { columns: ['order_id', 'product_id'] }],
  ['freshness', 'ordered_at', { max_age: '90 days' }],
  ['freshness', 'updated_at', { max_age: '90 days' }],
  ['row_count', null, { min: 1 }],
  ['distinct_count', 'status', { min: 1, max: 4 }],
  ['distinct_count', 'store_id', { min: 1, max: 1000 }],
  ['matches_like', 'segment', { pattern: '%' }],
  ['not_accepted_values', 'status', { values: ['lost'] }],
  ['not_accepted_values', 'channel', { values: ['fax'] }],
  ['relationships', 'store_id', { to: 'stores', field: 'store_id' }],
];

/** The first `count` of them; with a small count the cheap and the dear are mixed. Throws when one cannot be planned. */
export function mixedTests(relation: string, columns: readonly Column[], count = REQUESTS.length): readonly CheckSql[] {
  const every = REQUESTS.length / count;
  return Array.from({ length: count }, (_, index) => {
    const [name, column, kwargs = {}] = REQUESTS[Math.floor(index * every)] ?? ['', null];
    const { value, diagnostics } = planCheck({
      id: `${relation} ${index}`,
      name,
      namespace: null,
      kwargs,
      column,
      relation,
      config: {},
      columns,
      now: NOW,
    });
    if (!value) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    return value;
  });
}

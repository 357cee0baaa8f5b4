import { afterEach, expect, test, vi } from 'vitest';
import type { CiAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());

/** 20,000 customers, one of four segments each, seen within the last hours. */
const CUSTOMERS = `select
  range as customer_id,
  'customer' || range || '@example.com' as email,
  (array['high_value', 'medium_value', 'low_value', 'churned'])[1 + range % 4] as segment,
  now()::timestamp - to_minutes(1 + range % 600) as updated_at
from range(20000)`;

const GATE = `models:
  - name: customer_segments
    data_tests:
      - columns: { arguments: { ordered: [customer_id, email, segment, updated_at] } }
      - row_count: { arguments: { min: 10000, max: 1000000 } }
    columns:
      - name: customer_id
        data_tests: [not_null, unique]
      - name: email
        data_tests: [not_null, unique, matches_format: { arguments: { format: email } }]
      - name: segment
        data_tests: [not_null, accepted_values: { arguments: { values: [high_value, medium_value, low_value, churned] } }]
      - name: updated_at
        data_tests: [not_null, not_in_future, freshness: { arguments: { max_age: 1 day } }]
`;

/** Written as one often is: no row, no aggregate to compare, nothing to complain about. */
const HAVING = `select max(updated_at) as latest
from {{ ref('customer_segments') }}
having max(updated_at) < now()::timestamp - interval 1 day`;

function segments(customers: string): TemporaryProject {
  open = temporaryProject({
    'models/customer_segments.sql': customers,
    'models/gate.yml': GATE,
    'tests/segments_are_fresh.sql': HAVING,
  });
  return open;
}

const failing = async (project: TemporaryProject): Promise<readonly string[]> =>
  (await project.answer('build')).results
    .filter(({ status }) => status === 'fail' || status === 'error')
    .map(({ unique_id }) => unique_id.split('.')[2]?.replace(/_customer_segments.*/, '') ?? '')
    .sort();

test('a table of customer segments passes its gate, and what is wrong with it is named', async () => {
  const project = segments(CUSTOMERS);
  expect(await failing(project)).toEqual([]);
  const wrong = async (customers: string) => {
    project.write('models/customer_segments.sql', customers);
    return failing(project);
  };
  expect(await wrong(CUSTOMERS.replace('range(20000)', 'range(20)'))).toEqual(['row_count']);
  expect(await wrong(CUSTOMERS.replace("'churned'", "'lost'"))).toEqual(['accepted_values']);
  expect(await wrong(CUSTOMERS.replace('range as customer_id', 'range // 2 as customer_id'))).toEqual(['unique']);
  expect(
    await wrong(
      CUSTOMERS.replace('range as customer_id,\n', '').replace('from range', ', range as customer_id from range'),
    ),
  ).toEqual(['columns']);
  expect(await wrong(CUSTOMERS.replace('- to_minutes(1 + range % 600)', '- to_days(3)'))).toEqual([
    'freshness',
    'segments_are_fresh',
  ]);
  expect(await wrong(CUSTOMERS.replace('- to_minutes(1 + range % 600)', '+ to_days(3)'))).toEqual([
    'freshness',
    'not_in_future',
  ]);
});

test('a freshness test with HAVING passes on nothing, on NULL and on the future, and is told so', async () => {
  const project = segments(`${CUSTOMERS}\nwhere false`);
  const told = await project.dql('build');
  expect(told.stderr).toContain('warning[checks/vacuous-having]');
  expect(told.stderr).toContain('tests/segments_are_fresh.sql');
  expect(await failing(project)).toEqual(['freshness', 'row_count']);
  project.write('models/customer_segments.sql', CUSTOMERS.replace('- to_minutes(1 + range % 600)', '+ null::interval'));
  expect(await failing(project)).toEqual(['freshness', 'not_null']);
});

/** Somebody wrote 90 days where 7 were meant. */
const RECENT = (days: number) =>
  `select customer, clicked_at from {{ ref('clicks') }} where clicked_at >= {{ var('now', 'now()::timestamp') }} - interval '${days} days'`;
const CLICKS = `select 'customer' || range as customer, now()::timestamp - to_days(range::integer % 100) as clicked_at from range(2000)`;
const CAMPAIGN = {
  'project.yml': `name: shop
target: prod
targets:
  prod: { path: prod.duckdb }
  review: { path: review.duckdb }
`,
  'models/clicks.sql': CLICKS,
  'models/recent_clicks.sql': RECENT(7),
};
const UNIT = `unit_tests:
  - name: only_the_last_week_counts
    model: recent_clicks
    overrides: { vars: { now: "timestamp '2026-03-10'" } }
    given:
      - input: ref('clicks')
        rows:
          - { customer: ada, clicked_at: 2026-03-08 }
          - { customer: bob, clicked_at: 2026-01-08 }
    expect: { rows: [{ customer: ada }] }
`;
const OLDEST = `models:
  - name: recent_clicks
    columns:
      - name: clicked_at
        data_tests: [not_before: { arguments: { age: 8 days } }]
`;

test('90 days where 7 were meant are caught by a unit test, by the age of each row, and by comparing with production', async () => {
  const project = temporaryProject(CAMPAIGN);
  open = project;
  await project.answer('build');
  project.write('models/recent_clicks.sql', RECENT(90));
  const statuses = async (file: string, text: string) => {
    project.write(file, text);
    const { results } = await project.answer('build --target review --force');
    project.remove(file);
    return results.flatMap(({ unique_id, status }) => (/^(unit_)?test\./.test(unique_id) ? [status] : []));
  };
  expect(await statuses('models/unit.yml', UNIT)).toEqual(['fail']);
  expect(await statuses('models/oldest.yml', OLDEST)).toEqual(['fail']);
  const answer = await project.answer<CiAnswer>('ci --target review --state prod.duckdb --fail-on rows breaking');
  expect(answer.diff.relations).toMatchObject([{ name: 'recent_clicks', left_rows: 160, right_rows: 1820 }]);
  expect(answer.violations).toEqual([
    'rows differ from production in recent_clicks',
    expect.stringMatching(/^breaking changes: recent_clicks/),
  ]);
  expect((await project.dql('ci --target review --state prod.duckdb --fail-on rows')).code).toBe(1);
  // And with what was meant all three are content.
  project.write('models/recent_clicks.sql', RECENT(7));
  expect(await statuses('models/unit.yml', UNIT)).toEqual(['pass']);
  expect(await statuses('models/oldest.yml', OLDEST)).toEqual(['pass']);
});

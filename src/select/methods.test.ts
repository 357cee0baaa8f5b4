import { expect, test } from 'vitest';
import { METHOD_NAMES } from './methods.ts';
import { selectNodes } from './select.ts';
import { picks, request, SHOP, selected } from './shop.test.fixture.ts';

const YAML_THINGS = 'order_totals_add_up weekly_report turnover sales monthly_turnover';

/** A line a case: what is typed, and what it picks when no test comes along. */
test.each([
  // fqn
  ['orders', 'orders'],
  ['fqn:orders', 'orders'],
  ['marts.orders', 'orders'],
  ['shop.marts.orders', 'orders'],
  ['staging', 'stg_orders stg_customers'],
  ['shop.staging', 'stg_orders stg_customers'],
  ['staging.*', 'stg_orders stg_customers'],
  ['staging.stg_[!c]*', 'stg_orders'],
  ['marts.order?', 'orders'],
  ['*.stg_*', 'stg_orders stg_customers'],
  ['revenue', 'revenue.v1 revenue.v2 revenue.v3'],
  ['revenue.v1', 'revenue.v1'],
  ['revenue_v1', 'revenue.v1'],
  ['marts.revenue.v3', 'revenue.v3'],
  ['daily.visits', 'daily.visits'],
  ['marts.daily', 'daily.visits'],
  ['dates.calendar', 'calendar'],
  ['calendar', 'calendar'],
  ['weekly_report', 'weekly_report'],
  // path
  ['path:models/staging', 'source:raw.orders source:raw.customers stg_orders stg_customers'],
  ['models/staging/', 'source:raw.orders source:raw.customers stg_orders stg_customers'],
  ['./models/staging/stg_orders.sql', 'stg_orders'],
  ['models/staging/_staging.yml', 'stg_orders'],
  ['models/*/orders.sql', 'orders'],
  ['models/**/stg_*.sql', 'stg_orders stg_customers'],
  ['path:seeds', 'regions'],
  ['path:snapshots/*', 'orders_history'],
  // A package's folder of the same name comes along, as in dbt.
  ['path:models,package:dates', 'calendar'],
  // file
  ['stg_orders.sql', 'stg_orders'],
  ['regions.csv', 'regions'],
  ['file:stg_orders', 'stg_orders'],
  ['file:stg_*', 'stg_orders stg_customers'],
  ['file:_sources.yml', 'source:raw.orders source:raw.customers'],
  // tag
  ['tag:nightly', 'stg_orders orders'],
  ['tag:team-*', 'stg_orders'],
  // package
  ['package:dates', 'calendar'],
  ['package:this,resource_type:seed', 'regions'],
  ['package:d*', 'calendar'],
  // source
  ['source:raw', 'source:raw.orders source:raw.customers'],
  ['source:raw.orders', 'source:raw.orders'],
  ['source:shop.raw.cust*', 'source:raw.customers'],
  ['source:*', 'source:raw.orders source:raw.customers'],
  // the rest of what has a name of its own
  ['exposure:weekly_report', 'weekly_report'],
  ['exposure:shop.*', 'weekly_report'],
  ['metric:turnover', 'turnover'],
  ['semantic_model:shop.sales', 'sales'],
  ['saved_query:monthly*', 'monthly_turnover'],
  ['unit_test:order_totals_add_up', 'order_totals_add_up'],
  // group, access, owner: a test is not in its model's group by itself
  ['group:finance', 'stg_orders'],
  ['group:fin*', 'stg_orders'],
  ['access:public', 'orders'],
  ['access:private', 'stg_orders'],
  ['owner:ada', 'orders'],
  ['owner:ada@example.com', 'weekly_report'],
  ['owner:Grace', 'stg_orders'],
  // config
  ['config.materialized:table', 'orders'],
  ['config.meta.owner:ada', 'orders'],
  ['config.contract.enforced:TRUE', 'orders'],
  ['config.tags:nightly', 'orders'],
  ['config.severity:warn', 'not_null_stg_orders_id'],
  // dbt compares text with text: a number in YAML is found from a YAML selector only
  ['config.meta.tier:1', ''],
  ['config.materialized.deeper:table', ''],
  // kinds
  ['resource_type:seed', 'regions'],
  ['resource_type:unit_test', 'order_totals_add_up'],
  ['test_name:not_null', 'not_null_stg_orders_id'],
  ['test_name:relation*', 'relationships_orders_customers'],
  ['test_name:order_totals_add_up', 'order_totals_add_up'],
  ['test_type:generic', 'not_null_stg_orders_id relationships_orders_customers unique_regions_code'],
  ['test_type:schema', 'not_null_stg_orders_id relationships_orders_customers unique_regions_code'],
  ['test_type:singular', 'no_negative_orders'],
  ['test_type:data', 'not_null_stg_orders_id relationships_orders_customers unique_regions_code no_negative_orders'],
  ['test_type:unit', 'order_totals_add_up'],
  // version
  ['version:latest', 'revenue.v2'],
  ['version:old', 'revenue.v1'],
  ['version:prerelease', 'revenue.v3'],
  ['version:none', 'stg_orders stg_customers orders daily.visits blank calendar'],
  // everything that a YAML file describes
  ['file:_marts.yml,fqn:*', `not_null_stg_orders_id relationships_orders_customers unique_regions_code ${YAML_THINGS}`],
])('%s picks %s', (typed, names) => {
  expect(picks(typed)).toBe(names);
});

const RESULTS = new Map([
  ['model.shop.orders', 'error'],
  ['model.shop.revenue.v1', 'skipped'],
  ['test.shop.no_negative_orders', 'runtime error'],
]);

test.each([
  ['result:error', ['orders']],
  ['result:skipped', ['revenue.v1']],
  ['result:runtime_error', ['no_negative_orders']],
  ['result:success', []],
])('%s picks what the earlier run said so of', (typed, names) => {
  expect(selected({ select: [typed], indirectSelection: 'empty' }, { previousResults: RESULTS })).toEqual(names);
});

const ORDERS = 'source.shop.raw.orders';
const loaded = (orders: string | null | undefined) => new Map(orders === undefined ? [] : [[ORDERS, orders]]);

test.each([
  ['newer rows', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', ['source:raw.orders']],
  ['newer rows in another time zone', '2026-01-02T00:00:00Z', '2026-01-02T00:30:00+01:00', ['source:raw.orders']],
  ['the same rows', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', []],
  ['a source that was not measured before', '2026-01-01T00:00:00Z', undefined, ['source:raw.orders']],
  ['a source whose freshness failed now', null, '2026-01-01T00:00:00Z', []],
  ['a source whose freshness failed before', '2026-01-01T00:00:00Z', null, []],
])('source_status:fresher on %s', (_, now, before, names) => {
  expect(
    selected({ select: ['source_status:fresher'] }, { currentSources: loaded(now), previousSources: loaded(before) }),
  ).toEqual(names);
});

/** What is wrong with one criterion, as `code: message (hint)`. */
const complaint = (typed: string): string =>
  selectNodes(SHOP, request({ select: [typed] }), {})
    .diagnostics.map(({ severity, code, message, hint }) => `${severity} ${code}: ${message} (${hint})`)
    .join('\n');

test('a value that a method cannot know is an error with the nearest word', () => {
  expect(
    ['access:pubic', 'resource_type:modle', 'test_type:genric', 'version:lates'].map(complaint),
  ).toMatchInlineSnapshot(`
		[
		  "error select/unknown-value: \`access:\` knows no \`pubic\` (did you mean \`public\`?)",
		  "error select/unknown-value: \`resource_type:\` knows no \`modle\` (did you mean \`model\`?)",
		  "error select/unknown-value: \`test_type:\` knows no \`genric\` (did you mean \`generic\`?)",
		  "error select/unknown-value: \`version:\` knows no \`lates\` (did you mean \`latest\`?)",
		]
	`);
  expect(['source:a.b.c.d', 'exposure:a.b.c', 'config:table'].map(complaint)).toMatchInlineSnapshot(`
		[
		  "error select/unknown-value: \`a.b.c.d\` has too many parts for a source (write \`source:raw\`, \`source:raw.events\` or \`source:package.raw.events\`)",
		  "error select/unknown-value: \`a.b.c\` has too many parts (write \`exposure:name\` or \`exposure:package.name\`)",
		  "error select/unknown-value: \`config:\` does not say which config to look at (write \`config.materialized:table\`)",
		]
	`);
});

test('methods that look back say what they miss', () => {
  expect(['state:modified', 'result:error', 'source_status:fresher'].map(complaint)).toMatchInlineSnapshot(`
		[
		  "error select/no-state: \`state:modified\` compares with an earlier manifest, and there is none (give the folder with its manifest.json: \`--state PATH\`)",
		  "error select/no-state: \`result:error\` needs the results of an earlier run (give the folder with its run_results.json: \`--state PATH\`)",
		  "error select/no-state: \`source_status:fresher\` compares two sources.json, and the earlier one is missing (give the folder of the earlier one: \`--state PATH\`)",
		]
	`);
});

test('a tag that matches nothing is no error, but the nearest tag is named', () => {
  expect(
    ['tag:nigthly', 'tag:zzz', 'group:fiance', 'source:row', 'config.materialized:tabel'].map(complaint),
  ).toMatchInlineSnapshot(`
		[
		  "warning select/matches-nothing: \`tag:nigthly\` matches nothing (did you mean \`nightly\`?)",
		  "warning select/matches-nothing: \`tag:zzz\` matches nothing (undefined)",
		  "warning select/matches-nothing: \`group:fiance\` matches nothing (did you mean \`finance\`?)",
		  "warning select/matches-nothing: \`source:row\` matches nothing (did you mean \`raw\`?)",
		  "warning select/matches-nothing: \`config.materialized:tabel\` matches nothing (did you mean \`table\`?)",
		]
	`);
});

test('a name or path that matches nothing is an error that says what might be meant', () => {
  expect(
    [
      'ordrs',
      'models/stagin',
      'file:stg_order.sql',
      'raw.orders',
      'old_orders',
      'stg_?rders',
      'path:models/nowhere/*',
    ].map(complaint),
  ).toMatchInlineSnapshot(`
		[
		  "error select/no-such-node: nothing in the project is called \`ordrs\` (did you mean \`orders\`?)",
		  "error select/no-such-node: nothing in the project is called \`models/stagin\` (did you mean \`models/staging\`?)",
		  "error select/no-such-node: nothing in the project is called \`stg_order.sql\` (did you mean \`stg_orders.sql\`?)",
		  "error select/no-such-node: nothing in the project is called \`raw.orders\` (sources are selected with \`source:raw.orders\`)",
		  "error select/no-such-node: nothing in the project is called \`old_orders\` (\`old_orders\` is disabled by \`enabled: false\`)",
		  "warning select/matches-nothing: \`stg_?rders\` matches nothing (a pattern starts at the top folder; write \`*.stg_?rders\` for \`stg_orders\` and others)",
		  "warning select/matches-nothing: \`models/nowhere/*\` matches nothing (undefined)",
		]
	`);
});

test('an unknown method is an error that names the nearest', () => {
  expect(['tags:nightly', 'colour:red'].map(complaint)).toMatchInlineSnapshot(`
		[
		  "error select/unknown-method: there is no selection method \`tags\` (did you mean \`tag\`?)",
		  "error select/unknown-method: there is no selection method \`colour\` (the methods are fqn, path, file, tag, source, exposure, package, config, group, access, owner, resource_type, test_name, test_type, unit_test, state, result, source_status, version, metric, semantic_model, saved_query, selector)",
		]
	`);
});

test('every method is known by name and says what it is for', () => {
  expect(METHOD_NAMES).toHaveLength(23);
});

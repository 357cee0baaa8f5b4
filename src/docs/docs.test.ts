import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { AnyNode } from '../compile/manifest.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import { flightsSite } from '../testing/flights-site.ts';
import { columns, dataTest, graphNode, manifestOf, source } from '../testing/manifest-parts.ts';
import { nodeResult, runResults } from '../testing/recorded-run.ts';
import { buildSite, EMPTY_CATALOG, personalData, type RunHistoryEntry, type SiteInput } from './docs.ts';
import { withoutPersonalCells } from './privacy.ts';
import { safeHtml } from './safe-html.ts';
import type { ItemDetail, WrittenIndex } from './site-data.ts';
import { inheritedKey } from './site-input.ts';

const ASSETS = {
  'index.html':
    '<title>{{title}}</title><meta http-equiv="Content-Security-Policy" content="{{policy}}">{{style}}{{script}}',
  'app.css': 'body { margin: 0 }',
  'app.js': 'console.log("</script>")',
};
const BROUGHT = { assets: ASSETS, gzip: async (text: string) => gzipSync(text).toString('base64'), singleFile: false };

/** The site read back: its index and all its details. */
async function readBack(input: SiteInput) {
  const files = await buildSite(input);
  const read = (name: string): unknown => {
    const base64 = /^dqlData\("[\w-]+","([^"]*)"\);\n$/.exec(
      files.find((file) => file.path === `data/${name}.js`)?.text ?? '',
    )?.[1];
    return JSON.parse(gunzipSync(Buffer.from(base64 ?? '', 'base64')).toString());
  };
  // Written by the generator in the same breath.
  const index = read('index') as WrittenIndex;
  const details = files
    .filter((file) => /^data\/items-/.test(file.path))
    .flatMap((_, shard) => read(`items-${shard}`) as ItemDetail[]);
  const whole = JSON.stringify([index, details, read('columns'), read('guide')]);
  const detailOf = (name: string) => details[index.items.findIndex((item) => item.name === name)];
  return {
    files,
    index,
    details,
    whole,
    detailOf,
    itemOf: (name: string) => index.items.find((item) => item.name === name),
  };
}

const shop = (more: Partial<SiteInput>, nodes: readonly AnyNode[] = [orders()]): SiteInput => ({
  projectTitle: 'Shop',
  manifest: manifestOf({ nodes }),
  catalog: EMPTY_CATALOG,
  now: new Date('2026-11-21T06:30:00Z'),
  ...BROUGHT,
  ...more,
});

const orders = (more: Parameters<typeof graphNode>[4] = {}) =>
  graphNode('model', 'orders', 'marts/', 'select 1 as id', more);

test('a project becomes one page with its style, its script and its data beside it', async () => {
  const { files, index } = await readBack(flightsSite(BROUGHT));
  expect(files.map((file) => file.path)).toEqual([
    'index.html',
    'app.css',
    'app.js',
    'data/index.js',
    'data/items-0.js',
    'data/columns.js',
    'data/guide.js',
  ]);
  expect(index.items.filter((item) => item.kind === 'model')).toHaveLength(11);
  expect(index.layers).toEqual([
    ...['source', 'seed', 'snapshot', 'staging', 'intermediate', 'marts'],
    ...['semantic_model', 'metric', 'saved_query', 'exposure'],
  ]);
});

test('a single file holds everything, lets only its own script run, and nothing inside can end that script', async () => {
  const [page, ...others] = await buildSite(flightsSite({ ...BROUGHT, singleFile: true }));
  expect(others).toEqual([]);
  expect(page?.text).toContain(`console.log("<\\/script>")`);
  expect(page?.text).toMatch(/script-src 'sha256-[\w+/=]+'; style-src 'sha256-/);
  expect(page?.text.match(/<script/g)).toHaveLength(5);
});

test('what is plain enough to be written without reading Markdown reads the same', () => {
  const texts = [
    'One row each.',
    '- one',
    '---',
    '1. one',
    'Ask about `amount`.',
    '`a``b` and ``c``',
    'snake_`case`_ends',
  ];
  // A rule below makes the reader look at all of it.
  const read = texts.map((text) => safeHtml(`${text}\n\n***`).replace(/<hr>\n$/, ''));
  expect(texts.map((text) => safeHtml(text))).toEqual(read);
});

test('a comment in Markdown is for whoever writes it', () => {
  expect(safeHtml('Before\n\n<!-- generated: tests -->\n\nAfter')).toBe('<p>Before</p>\n<p>After</p>\n');
  expect(safeHtml('<!-- a --><b>bold</b><!-- b -->\n')).toContain('&lt;b&gt;bold&lt;/b&gt;');
});

test('a description full of markup, quotes, emoji and </script> is written as text', async () => {
  const hostile = `<script>alert(1)</script> "it's" 🙂 </script> <img src=x onerror=alert(1)>\n\nThen [click](javascript:alert(1)) ![pixel](https://evil.example/p.png)`;
  const { detailOf, files } = await readBack(
    shop({}, [orders({ description: hostile, columns: columns([`id integer ${hostile.replace('\n\n', ' ')}`]) })]),
  );
  const description = detailOf('orders')?.description ?? '';
  expect(description).not.toMatch(/<(script|img)/i);
  expect(description).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(description).toContain('🙂');
  expect(description).not.toMatch(/href="javascript:/);
  expect(description).toContain('<a href="https://evil.example/p.png"');
  expect(detailOf('orders')?.columns[0]?.description).not.toMatch(/<(script|img)/i);
  for (const file of files) expect(file.text).not.toContain('alert(1)</script>');
});

test('secrets never reach the site, whatever they stand in', async () => {
  const secret = 'hunter2-"quoted"';
  const inherited = new Map([[inheritedKey(orders().unique_id, 'id'), { describedBy: `raw.${secret}`, tests: [] }]]);
  const { whole } = await readBack(
    shop({ secrets: [secret, ''], projectTitle: `Shop ${secret}`, inherited }, [
      orders({
        description: `the password is ${secret}`,
        raw_code: `attach '${secret}'`,
        meta: { [secret]: secret },
        columns: columns(['id integer']),
      }),
    ]),
  );
  expect(whole).not.toContain('hunter2');
  expect(whole).toContain('raw.*****');
  expect(whole).toContain('attach');
});

test('values of personal columns stay at home, also where lineage carries them on', async () => {
  const { whole, detailOf } = await readBack(flightsSite(BROUGHT));
  expect(whole).not.toContain('ann@example.com');
  // Tagged in raw.flights only; crew hours are two models further.
  expect(detailOf('mart_crew_hours')?.columns.find((column) => column.name === 'pilot_email')).toMatchObject({
    personal: true,
    distinct: 812,
  });
});

test('what a column has from the column it is copied from is told as such, and counts', async () => {
  const copies = graphNode('model', 'copies', 'marts/', 'select id from orders', {
    columns: columns(['id integer The order.']),
  });
  const tested = dataTest('unique', orders(), 'id');
  const inherited = new Map([[`${copies.unique_id} id`, { describedBy: 'orders.id', tests: [tested.unique_id] }]]);
  const nodes = [orders(), copies, tested];
  const { detailOf, index } = await readBack(shop({ inherited }, nodes));
  expect(detailOf('copies')?.columns).toMatchObject([
    {
      name: 'id',
      describedBy: 'orders.id',
      inheritedTests: [index.items.findIndex(({ name }) => name === tested.name)],
    },
  ]);
  const covered = async (site: SiteInput) =>
    (await readBack(site)).detailOf('copies')?.score?.find(({ name }) => name === 'Coverage')?.value;
  expect([await covered(shop({}, nodes)), await covered(shop({ inherited }, nodes))]).toEqual([0, 1]);
});

test('a source that is a relation of the project itself has the same personal columns, whichever of the two is marked or read', () => {
  const relation_name = '"shop"."main"."customers"';
  const marked = { columns: columns(['email varchar The address. #pii']) };
  for (const [ofSeed, ofSource] of [
    [marked, {}],
    [{}, marked],
  ]) {
    const seed = graphNode('seed', 'customers', '', '', { relation_name, ...ofSeed });
    const table = source('raw', 'customers', { relation_name: relation_name.toUpperCase(), ...ofSource });
    for (const parent of [seed, table]) {
      const edge = {
        from: { node: parent.unique_id, column: 'email' },
        to: { node: orders().unique_id, column: 'who' },
      };
      const { holds } = personalData(manifestOf({ nodes: [seed, table, orders()] }), [{ ...edge, kind: 'copy' }]);
      expect([seed, table].map(({ unique_id: id }) => holds(id, 'email'))).toEqual([true, true]);
      expect([holds(orders().unique_id, 'who'), holds(orders().unique_id, 'id')]).toEqual([true, false]);
    }
  }
});

test('a sample of failing rows loses the personal cells, and cells nobody can place beside them', async () => {
  const customers = graphNode('model', 'customers', 'marts/', 'select 1', {
    columns: columns(['id integer', 'email varchar The address. #pii']),
  });
  const failing = dataTest('unique', customers, 'email');
  const input = flightsSite(BROUGHT);
  const [first] = input.results?.results ?? [];
  if (!input.results || !first) throw new Error('the fixture has results');
  const sample = {
    columns: ['id', 'email', 'shouted'],
    rows: [['7', 'ann@example.com', 'ANN@EXAMPLE.COM']],
    truncated: false,
  };
  const results = {
    ...input.results,
    results: [
      {
        ...first,
        unique_id: failing.unique_id,
        status: 'fail' as const,
        meta: { dql: { verdict: 'fail' as const, sample } },
      },
    ],
  };
  const { whole, detailOf } = await readBack(shop({ results }, [customers, failing]));
  expect(whole.toLowerCase()).not.toContain('ann@example.com');
  expect(detailOf(failing.name)?.last?.sample?.rows).toEqual([['7', '•••', '•••']]);
});

test('what dbt calls the values and counts of a test is no stranger beside personal columns', () => {
  const customers = graphNode('model', 'customers', 'marts/', 'select 1', {
    columns: columns(['city varchar', 'email varchar The address. #pii']),
  });
  const personal = personalData(manifestOf({ nodes: [customers] }), []);
  const sample = { columns: ['value_field', 'n_records'], rows: [['Oslo', '2']], truncated: false };
  const nodes = [{ id: customers.unique_id, columns: ['city', 'email'] }];
  const shown = (column: string) =>
    withoutPersonalCells(sample, nodes, personal, { value_field: column, n_records: null }).rows[0];
  expect([shown('city'), shown('email')]).toEqual([
    ['Oslo', '2'],
    ['•••', '2'],
  ]);
  expect(withoutPersonalCells(sample, nodes, personal).rows).toEqual([['•••', '•••']]);
});

test('what an engine complains of is told, without the values it quotes where a project has personal data', async () => {
  const customers = graphNode('model', 'customers', 'marts/', 'select 1', {
    columns: columns(['email varchar The address. #pii']),
  });
  const told = async (node: AnyNode, message: string) => {
    const results = runResults([nodeResult(orders().unique_id, 'error', { message })]);
    return (await readBack(shop({ results }, [orders(), node]))).index.lastRun?.failures.map((one) => one.message);
  };
  const quoting = "Conversion Error: Could not convert string 'ann@example.com' to INT32";
  const hidden = "Conversion Error: Could not convert string '•••' to INT32";
  const aboutCode = 'Binder Error: Referenced column "amuont" not found';
  expect(await told(customers, quoting)).toEqual([hidden]);
  expect(await told(customers, aboutCode)).toEqual([aboutCode]);
  expect(await told({ ...customers, columns: {} }, quoting)).toEqual([quoting]);
});

test('owners may be many, and those of the group can be found where somebody else is named', async () => {
  const owner = ['Ada', { name: 'Bob', email: ['bob@example.com', 'b@example.com'] }];
  const node = orders({ group: 'finance', meta: { owner } });
  const input = shop({}, [node]);
  const file = 'models/groups.yml';
  const group = {
    ...{ unique_id: 'group.shop.finance', resource_type: 'group', name: 'finance', package_name: node.package_name },
    ...{ path: file, original_file_path: file, owner: { name: 'Cora' } },
  };
  const groups = { [`group.${node.package_name}.finance`]: group };
  // As dbt wrote groups before 1.10: without a configuration.
  const manifest = { ...input.manifest, groups } as unknown as SiteInput['manifest'];
  const { itemOf, detailOf } = await readBack({ ...input, manifest });
  expect(itemOf('orders')).toMatchObject({
    owner: 'Ada',
    contacts: ['Bob', 'bob@example.com', 'b@example.com', 'Cora'],
  });
  expect(detailOf('orders')?.owner).toHaveLength(4);
});

test('metrics, semantic models, saved queries and groups have pages: how they are defined, what they rest on, who belongs to them', async () => {
  const { index, itemOf, detailOf } = await readBack(flightsSite(BROUGHT));
  const names = (positions: readonly number[] = []) => positions.map((at) => index.items[at]?.name);
  expect(names(itemOf('monthly')?.parents)).toEqual(['Flights a day']);
  expect(names(itemOf('Flights a day')?.parents)).toEqual(['flown']);
  expect(names(itemOf('flown')?.parents)).toEqual(['fct_flights']);
  expect(itemOf('Flights a day')).toMatchObject({
    kind: 'metric',
    slug: 'metric/flights',
    group: 'operations',
    tags: ['board'],
    about: 'How many took off, cancelled ones left out.',
  });
  expect(detailOf('Flights a day')?.raw).toBe(
    `type: simple
type_params:
  measure:
    name: flights_total
filter:
  - "{{ Dimension('flight__cancelled') }} = false"`,
  );
  const group = index.items.findIndex(({ kind, name }) => kind === 'group' && name === 'operations');
  expect(names((await readBack(flightsSite(BROUGHT))).details[group]?.usedBy)).toContain('Flights a day');
});

test('what was held back has not changed for anybody', async () => {
  const held = { reason: 'a test failed', because: [], serving_since: null, serving_version: null, age_seconds: null };
  const results = (facts: NodeResult['meta']['dql']) =>
    runResults([nodeResult(orders().unique_id, 'success', {}, facts)]);
  const changesOf = async (facts: NodeResult['meta']['dql']) =>
    (await readBack(shop({ results: results(facts) }))).index.lastRun?.changes.length;
  expect([await changesOf({}), await changesOf({ held })]).toEqual([1, 0]);
});

test('the state of a node is its last run, or else the newest past run that knows it, and held beats built', async () => {
  const { itemOf } = await readBack(flightsSite(BROUGHT));
  expect(itemOf('fct_flights')?.state).toBe('held');
  expect(itemOf('stg_carriers')?.state).toBe('reused');
  const input = flightsSite(BROUGHT);
  const { results: _, ...past } = input;
  expect((await readBack(past)).itemOf('fct_flights')?.state).toBe('success');
});

test('a node that failed itself is shown as that, with what it says; what is held for another is held', async () => {
  const held = { reason: 'broken', because: [], serving_since: null, serving_version: null, age_seconds: null };
  const [broken, child] = [orders(), graphNode('model', 'paid', 'marts/', 'select 1')];
  const results = runResults([
    nodeResult(broken.unique_id, 'error', { message: 'Binder Error: no such column' }, { held }),
    nodeResult(child.unique_id, 'skipped', {}, { held }),
  ]);
  const ledger = { [broken.unique_id]: held, [child.unique_id]: held };
  for (const more of [{ results }, { results, held: ledger }]) {
    const { itemOf, detailOf, index } = await readBack(shop(more, [broken, child]));
    expect([itemOf('orders')?.state, itemOf('paid')?.state, index.held.length]).toEqual(['error', 'held', 2]);
    expect([detailOf('orders')?.last?.status, detailOf('paid')?.last?.status]).toEqual(['error', 'skipped']);
  }
});

test('the quality score is the weighted mean of what applies, with its reckoning', async () => {
  const { itemOf, detailOf } = await readBack(flightsSite(BROUGHT));
  expect(detailOf('fct_flights')?.score).toEqual([
    { name: 'Tests', weight: 40, value: 1, because: '6 of 6 pass' },
    { name: 'Coverage', weight: 20, value: 0.4, because: '4 of 10 columns have a test or a constraint' },
    { name: 'Description', weight: 20, value: 1, because: 'described; 10 of 10 columns described' },
    { name: 'Owner', weight: 10, value: 1, because: 'an owner is named' },
  ]);
  expect(itemOf('fct_flights')?.score).toBe(Math.round((100 * (40 + 8 + 20 + 10)) / 90));
  expect((await readBack(shop({}))).itemOf('orders')?.score).toBe(0);
});

test('two things of one name keep two addresses', async () => {
  const other = orders({ unique_id: 'model.returns.orders', package_name: 'returns' });
  const { index } = await readBack(shop({}, [orders(), other]));
  expect(index.items.map((item) => item.slug)).toEqual([undefined, 'model/model.returns.orders']);
});

test('columns come in the order of the warehouse, and column lineage speaks of them by position', async () => {
  const { index, files } = await readBack(flightsSite(BROUGHT));
  const item = index.items.findIndex((one) => one.name === 'fct_flights');
  expect(index.items[item]?.columns?.slice(0, 3)).toEqual(['flight_id', 'flight_date', 'origin']);
  expect(files.some((file) => file.path === 'data/columns.js')).toBe(true);
});

test('what nobody configured is not written a thousand times, and what lacks the usual says so', async () => {
  const usual = { on_schema_change: 'ignore', on_configuration_change: 'apply', lookback: 1 };
  const configured = (name: string, config: object) =>
    graphNode('model', name, 'marts/', 'select 1 as id', { config: { ...orders().config, ...config } });
  const nodes = [configured('plain', usual), configured('odd', { ...usual, lookback: 3 }), configured('bare', {})];
  const { itemOf } = await readBack(shop({}, nodes));
  expect(itemOf('plain')?.config ?? {}).not.toHaveProperty('on_schema_change');
  expect(itemOf('odd')?.config).toMatchObject({ lookback: 3 });
  expect(itemOf('bare')?.config).toMatchObject({ lookback: orders().config.lookback ?? null });
  const told = { docs: { show: true, node_color: null }, contract: { enforced: true }, unique_key: ['id', 'day'] };
  const node = orders({ config: { ...orders().config, ...told }, patch_path: 'flights://models/marts.yml' });
  const item = (await readBack(shop({}, [node]))).itemOf('orders');
  expect(item).toMatchObject({
    config: { contract: { enforced: true }, unique_key: ['id', 'day'] },
    describedIn: 'models/marts.yml',
  });
  expect(item?.config).not.toHaveProperty('docs');
});

test('a missing asset is a broken installation and says which', async () => {
  await expect(buildSite(shop({ assets: {} }))).rejects.toThrow('without its asset app.css');
});

test('what `docs: { show: false }` hides is not on the site, nor are the tests of nothing else', async () => {
  const hidden = { docs: { show: false, node_color: null } };
  const scratch = graphNode('model', 'scratch', 'marts/', 'select 1 as id', hidden);
  const reader = orders({
    depends_on: { nodes: [scratch.unique_id], macros: [] },
    docs: { show: true, node_color: '#d95f02' },
  });
  const raw = source('raw', 'orders', { config: { docs: { show: false } } });
  const site = await readBack(
    shop({}, [reader, scratch, raw, dataTest('unique', scratch, 'id'), dataTest('unique', reader, 'id')]),
  );
  expect(site.index.items.map(({ name }) => name)).toEqual(['orders', 'unique_orders_id']);
  expect(site.itemOf('orders')).toMatchObject({ colour: '#d95f02' });
  expect(site.whole).not.toContain('scratch');
});

test('usage examples stand on the page of what they read, with names a reader types; they are no quality', async () => {
  const one = orders();
  const example = graphNode('test', 'example_orders_newest', '', "select * from {{ ref('orders') }}", {
    attached_node: one.unique_id,
    description: 'The newest **orders**',
    depends_on: { nodes: [one.unique_id], macros: [] },
    compiled_code: `select * from ${one.relation_name}`,
  });
  const { detailOf, index } = await readBack(shop({}, [one, example]));
  expect(detailOf('orders')?.examples).toEqual([
    {
      title: 'The newest orders',
      sql: 'select * from main.orders',
      test: index.items.findIndex(({ kind }) => kind === 'test'),
    },
  ]);
  expect(detailOf('orders')?.score.find(({ name }) => name === 'Tests')?.because).toBe('it has no test');
});

test('freshness is also what a test of it measured, and promises about time name the test that sees to them', async () => {
  const raw = source('raw', 'orders', {});
  const fresh = {
    ...dataTest('freshness', raw, 'at'),
    test_metadata: { name: 'freshness', namespace: null, kwargs: { warn_after: '1 day' } },
  };
  const punctual = {
    ...dataTest('freshness_sla', raw, 'at'),
    test_metadata: { name: 'freshness_sla', namespace: null, kwargs: { deadline: '06:00', timezone: 'Europe/Berlin' } },
  };
  const results = resultsOf([
    { unique_id: fresh.unique_id, status: 'warn', meta: { dql: { verdict: 'warn', value: 172_800 } } },
  ]);
  const { detailOf, itemOf, index } = await readBack(shop({ results }, [raw, fresh, punctual]));
  expect(itemOf('raw.orders')).toMatchObject({ freshness: 'warn', newest: '2026-11-19T06:00:00.000Z' });
  expect(detailOf('raw.orders')).toMatchObject({
    freshness: { at: '2026-11-19T06:00:00.000Z', expectation: 'warn after 1 day' },
    promises: [
      {
        text: 'data of the day by 06:00 Europe/Berlin',
        test: index.items.findIndex(({ name }) => name === punctual.name),
      },
    ],
  });
});

test('an SLA stands on the page with whether it is met, also one that was written under meta', async () => {
  const now = shop({}).now.toISOString();
  const promised = async (one: object) => (await readBack(shop({}, [orders(one)]))).detailOf('orders')?.promises;
  expect(await promised({ config: { ...orders().config, sla: { by: '00:00' } } })).toEqual([
    { text: 'by 00:00 UTC', test: null, kept: { kept: null, because: 'no run is known' } },
  ]);
  expect(await promised({ meta: { sla: '24 hours' } })).toMatchObject([{ text: '24 hours', kept: { kept: null } }]);
  const run: RunHistoryEntry = {
    id: 'run-1',
    started_at: now,
    seconds: 0,
    status: 'success',
    command: 'build',
    git_sha: null,
    nodes: { [orders().unique_id]: { seconds: 1, rows: 5, status: 'success' } },
    tests: {},
  };
  const site = await readBack(shop({ history: [run] }, [orders({ meta: { sla: '24 hours' } })]));
  expect(site.detailOf('orders')?.promises).toMatchObject([{ kept: { kept: true } }]);
});

test('what was rolled back was not held: the site names the run and how old the rows are that readers see', async () => {
  const node = orders();
  const rolledBack = {
    reason: 'returned to version 1, as of orders@1',
    run_id: 'b2c4d6e8f0',
    at: '2026-11-21T06:00:00Z',
    serving_since: '2026-11-20T06:00:00Z',
  };
  const at = (day: string, status: 'success' | 'rolled back'): RunHistoryEntry => ({
    id: day,
    started_at: `2026-11-${day}T06:00:00Z`,
    seconds: 1,
    status: 'success',
    command: 'build',
    git_sha: null,
    nodes: { [node.unique_id]: { seconds: status === 'success' ? 2 : 0, rows: 1, status } },
    tests: {},
  });
  const history = [at('20', 'success'), at('21', 'rolled back')];
  const { index, itemOf } = await readBack(
    shop({ history, held: {}, rolledBack: { [node.unique_id]: rolledBack } }, [node]),
  );
  expect([itemOf('orders')?.state, itemOf('orders')?.seconds, index.held]).toEqual(['rolled back', 2, []]);
  const { serving_since: since, run_id: run, ...told } = rolledBack;
  expect(index.rolledBack).toEqual([{ item: 0, ...told, run, since }]);
  // Once it was undone the build counts again.
  expect((await readBack(shop({ history, held: {} }, [node]))).itemOf('orders')?.state).toBe('success');
});

test('what is held now is what the ledger says, the guilty are what the run said', async () => {
  const held = {
    reason: 'test `unique_orders_id` failed',
    because: ['test.flights.unique'],
    serving_since: null,
    serving_version: 1,
    age_seconds: 60,
  };
  const guilty = { ...dataTest('unique', orders(), 'id'), unique_id: 'test.flights.unique' };
  const results = resultsOf([{ unique_id: orders().unique_id, status: 'success', meta: { dql: { held } } }]);
  const nodes = [orders(), guilty];
  expect((await readBack(shop({ results }, nodes))).index.held).toMatchObject([{ because: [1] }]);
  expect((await readBack(shop({ results, held: {} }, nodes))).index.held).toEqual([]);
  const ledger = { [orders().unique_id]: { ...held, because: [], serving_since: '2026-11-20T06:00:00Z' } };
  expect((await readBack(shop({ results, held: ledger }, nodes))).index.held).toMatchObject([
    { because: [1], since: '2026-11-20T06:00:00Z' },
  ]);
});

test('time is what building took when it was last built, not when it was reused', async () => {
  const results = resultsOf([
    { unique_id: orders().unique_id, status: 'reused', execution_time: 0, meta: { dql: {} } },
  ]);
  const run = (id: string, seconds: number, status: NodeResult['status']): RunHistoryEntry => ({
    id,
    started_at: `2026-11-2${id}T06:00:00Z`,
    seconds,
    status: 'success',
    command: 'build',
    git_sha: null,
    nodes: { [orders().unique_id]: { seconds, rows: 5, status } },
    tests: {},
  });
  const history = [run('0', 12, 'success'), run('1', 0, 'reused')];
  expect((await readBack(shop({ results, history }))).itemOf('orders')?.seconds).toBe(12);
});

function resultsOf(results: readonly Partial<NodeResult>[]): RunResults {
  const timing = [
    { name: 'execute' as const, started_at: '2026-11-21T06:00:00Z', completed_at: '2026-11-21T06:00:00Z' },
  ];
  const recorded = results.map(({ unique_id = '', status = 'success', meta, ...more }) =>
    nodeResult(unique_id, status, { timing, execution_time: 1, ...more }, meta?.dql),
  );
  return {
    ...runResults(recorded, { published: 1, publish_seconds: 0 }),
    metadata: { invocation_id: 'run-1', generated_at: '2026-11-21T06:00:00Z' },
  };
}

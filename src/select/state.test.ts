import { expect, test } from 'vitest';
import type { GraphNode, MacroNode, Manifest, SourceNode } from '../compile/manifest.ts';
import { column, graphNode, macro, manifestOf, source } from '../testing/manifest-parts.ts';
import { selectableGraph, selectNodes } from './select.ts';
import { request } from './shop.test.fixture.ts';

const model = (name: string, more: Partial<GraphNode> = {}): GraphNode =>
  graphNode('model', name, '', 'select 1 as id', {
    unique_id: `model.shop.${name}`,
    fqn: ['shop', name],
    unrendered_config: { materialized: 'table' },
    depends_on: { nodes: [], macros: ['macro.shop.cents'] },
    ...more,
  });

const rawOrders = (more: Partial<SourceNode> = {}): SourceNode =>
  source('raw', 'orders', { unique_id: 'source.shop.raw.orders', ...more });

const shopMacro = (name: string, sql: string, calls: readonly string[] = []): MacroNode => ({
  ...macro(name, sql, ''),
  unique_id: `macro.shop.${name}`,
  depends_on: { macros: calls.map((call) => `macro.shop.${call}`) },
});

const MACROS = [
  shopMacro('cents', '{{ rounded(x) }}', ['rounded']),
  shopMacro('rounded', 'round(x, 2)'),
  shopMacro('unused', '1'),
];

const manifest = (more: {
  readonly nodes?: readonly GraphNode[];
  readonly sources?: readonly SourceNode[];
  readonly macros?: readonly MacroNode[];
  readonly disabled?: readonly GraphNode[];
}): Manifest => ({
  ...manifestOf({ nodes: [...(more.nodes ?? []), ...(more.sources ?? [])], macros: more.macros ?? MACROS }),
  disabled: Object.fromEntries((more.disabled ?? []).map((node) => [node.unique_id, [node]])),
});

const ASPECTS = ['body', 'configs', 'persisted_descriptions', 'relation', 'macros', 'contract'];

/** `modified` and the aspects that pick a node after a change, `old` or `new`. */
function verdict(before: Manifest, now: Manifest, id: string): string {
  const graph = selectableGraph(now);
  return ['new', 'old', 'unmodified', 'modified', ...ASPECTS.map((aspect) => `modified.${aspect}`)]
    .filter((value) => {
      const { value: selection, diagnostics } = selectNodes(graph, request({ select: [`state:${value}`] }), {
        previous: before,
      });
      expect(diagnostics.filter(({ code }) => code !== 'select/contract-broken')).toEqual([]);
      return selection.ids.has(id);
    })
    .join(' ');
}

const PERSISTED = {
  enabled: true,
  materialized: 'table',
  tags: [],
  meta: {},
  persist_docs: { relation: true, columns: true },
};

test.each<[string, Partial<GraphNode>, Partial<GraphNode>, string]>([
  ['nothing', {}, {}, 'old unmodified'],
  ['its SQL', {}, { raw_code: 'select 2 as id' }, 'old modified modified.body'],
  ['a config', {}, { unrendered_config: { materialized: 'view' } }, 'old modified modified.configs'],
  [
    'a config that was added',
    {},
    { unrendered_config: { materialized: 'table', meta: {} } },
    'old modified modified.configs',
  ],
  [
    'only what a config renders to',
    {},
    { config: { enabled: true, materialized: 'view', tags: [], meta: {} } },
    'old unmodified',
  ],
  ['tags and group', {}, { unrendered_config: { materialized: 'table', tags: ['a'], group: 'b' } }, 'old unmodified'],
  [
    'its schema',
    {},
    { unrendered_config: { materialized: 'table', schema: 'marts' } },
    'old modified modified.relation',
  ],
  ['only what its schema renders to', {}, { schema: 'dev_ada', database: 'dev', relation_name: 'x' }, 'old unmodified'],
  ['its place', {}, { fqn: ['shop', 'marts', 'orders'] }, 'old modified'],
  ['a description that nobody stores', {}, { description: 'Orders' }, 'old unmodified'],
  [
    'a description that is stored',
    { config: PERSISTED },
    { config: PERSISTED, description: 'Orders' },
    'old modified modified.persisted_descriptions',
  ],
  [
    "a column's description that is stored",
    { config: PERSISTED, columns: { id: column('id int') } },
    { config: PERSISTED, columns: { id: column('id int the key') } },
    'old modified modified.persisted_descriptions',
  ],
  ['its access', {}, { access: 'public' }, 'old modified'],
  ['its latest version', {}, { latest_version: 2 }, 'old modified'],
  ['its deprecation date', {}, { deprecation_date: '2027-01-01' }, 'old modified'],
  [
    'a macro it calls',
    {},
    { depends_on: { nodes: [], macros: ['macro.shop.changed'] } },
    'old modified modified.macros',
  ],
  [
    'a macro that a macro calls',
    {},
    { depends_on: { nodes: [], macros: ['macro.shop.caller'] } },
    'old modified modified.macros',
  ],
  [
    'a contract that is enforced now',
    {},
    { contract: { enforced: true, alias_types: true, checksum: 'b' } },
    'old modified modified.contract',
  ],
])('state: when %s changed', (_, before, after, expected) => {
  const macros = [...MACROS, shopMacro('caller', 'x', ['ring']), shopMacro('ring', 'y', ['caller', 'changed'])];
  const old = manifest({ nodes: [model('orders', before)], macros: [...macros, shopMacro('changed', 'old')] });
  const now = manifest({ nodes: [model('orders', after)], macros: [...macros, shopMacro('changed', 'new')] });
  expect(verdict(old, now, 'model.shop.orders')).toBe(expected);
});

const asTest = (more: Partial<GraphNode>): Partial<GraphNode> => ({
  resource_type: 'test',
  depends_on: { nodes: [], macros: [] },
  test_metadata: { name: 'unique', namespace: null, kwargs: {} },
  ...more,
});

test.each<[string, Partial<GraphNode>, Partial<GraphNode>, string]>([
  ["a generic test's SQL", asTest({}), asTest({ raw_code: 'x' }), 'old unmodified modified.body'],
  [
    "a test's severity",
    asTest({ unrendered_config: { severity: 'error' } }),
    asTest({ unrendered_config: { severity: 'warn' } }),
    'old modified modified.configs',
  ],
  ["a test's meta", asTest({}), asTest({ unrendered_config: { meta: { a: 1 } } }), 'old unmodified'],
  [
    "a seed's data",
    { resource_type: 'seed' },
    { resource_type: 'seed', checksum: { name: 'sha256', checksum: 'b' } },
    'old modified modified.body',
  ],
  [
    "a snapshot's SQL",
    { resource_type: 'snapshot' },
    { resource_type: 'snapshot', raw_code: 'select 2' },
    'old modified modified.body',
  ],
])('state: when %s changed', (_, before, after, expected) => {
  expect(
    verdict(manifest({ nodes: [model('it', before)] }), manifest({ nodes: [model('it', after)] }), 'model.shop.it'),
  ).toBe(expected);
});

test.each<[string, Partial<SourceNode>, string]>([
  ['nothing', {}, 'old unmodified'],
  ['its schema', { schema: 'landing' }, 'old modified modified.relation'],
  ['its freshness', { loaded_at_field: 'loaded_at' }, 'old modified'],
  ['its file', { external: { location: 'orders.parquet' } }, 'old modified'],
  ['its config', { unrendered_config: { enabled: true } }, 'old modified modified.configs'],
  ['its description', { description: 'raw' }, 'old unmodified'],
])('state: when of a source %s changed', (_, after, expected) => {
  const id = 'source.shop.raw.orders';
  expect(verdict(manifest({ sources: [rawOrders()] }), manifest({ sources: [rawOrders(after)] }), id)).toBe(expected);
});

test('a new model is new and modified in every aspect it has; a new source is new only', () => {
  const now = manifest({ nodes: [model('orders')], sources: [rawOrders()] });
  expect(verdict(manifest({}), now, 'model.shop.orders')).toBe(
    'new modified modified.body modified.configs modified.persisted_descriptions modified.relation modified.contract',
  );
  expect(verdict(manifest({}), now, 'source.shop.raw.orders')).toBe(
    'new unmodified modified.configs modified.relation',
  );
});

test('operators reach out from what changed', () => {
  const orders = model('orders');
  const revenue = model('revenue', { depends_on: { nodes: [orders.unique_id], macros: [] } });
  const now: Manifest = {
    ...manifest({ nodes: [{ ...orders, raw_code: 'select 2' }, revenue] }),
    child_map: { [orders.unique_id]: [revenue.unique_id] },
    parent_map: { [revenue.unique_id]: [orders.unique_id] },
  };
  const { value } = selectNodes(selectableGraph(now), request({ select: ['state:modified+'] }), {
    previous: manifest({ nodes: [orders, revenue] }),
  });
  expect([...value.ids]).toEqual(['model.shop.orders', 'model.shop.revenue']);
});

const contracted = (more: Partial<GraphNode> = {}): GraphNode =>
  model('orders', {
    contract: { enforced: true, alias_types: true, checksum: 'a' },
    columns: { id: column('id integer'), price: column('price decimal(10,2)') },
    constraints: [
      {
        type: 'primary_key',
        name: null,
        expression: null,
        columns: ['id'],
        to: null,
        to_columns: [],
        warn_unenforced: true,
        warn_unsupported: true,
      },
    ],
    ...more,
  });
const changed = { enforced: true, alias_types: true, checksum: 'b' };

/** What is said of a contract between two manifests, and whether it stops the selection. */
const contractNews = (before: GraphNode, after: Manifest, now?: Date): readonly string[] =>
  selectNodes(selectableGraph(after), request({ select: ['state:modified'] }), {
    previous: manifest({ nodes: [before] }),
    ...(now === undefined ? {} : { now }),
  }).diagnostics.map(({ severity, message, notes }) => [`${severity}: ${message}`, ...(notes ?? [])].join('; '));

test('a contract that changes without breaking a reader is not worth a word', () => {
  const wider = { id: column('id INTEGER'), price: column('price decimal(18,2)'), tax: column('tax double') };
  expect(contractNews(contracted(), manifest({ nodes: [contracted({ contract: changed, columns: wider })] }))).toEqual(
    [],
  );
});

test('a contract that breaks its readers is a warning, for a versioned model an error', () => {
  const broken = {
    contract: changed,
    columns: { id: column('id varchar') },
    constraints: [],
    config: { enabled: true, materialized: 'view', tags: [], meta: {} },
  };
  expect(contractNews(contracted(), manifest({ nodes: [contracted(broken)] }))).toMatchInlineSnapshot(`
    [
      "warning: the contract of \`orders\` changed in a way that breaks its readers; the column \`id\` was integer, now it is varchar; the column \`price\` was removed; the constraint \`primary_key\` was removed; it was materialized as table, which keeps its constraints, now as view",
    ]
  `);
  expect(
    contractNews(contracted({ version: 1 }), manifest({ nodes: [contracted({ ...broken, version: 1 })] })),
  ).toMatchObject([/^error: /].map((pattern) => expect.stringMatching(pattern)));
  expect(
    contractNews(contracted(), manifest({ nodes: [contracted({ contract: { ...changed, enforced: false } })] })),
  ).toMatchInlineSnapshot(`
    [
      "warning: the contract of \`orders\` changed in a way that breaks its readers; its contract is no longer enforced",
    ]
  `);
});

test('a contracted model that is gone is said, unless its deprecation date has passed', () => {
  expect(contractNews(contracted(), manifest({}))).toMatchInlineSnapshot(`
    [
      "warning: \`orders\` had an enforced contract and was deleted or renamed",
    ]
  `);
  expect(contractNews(contracted(), manifest({ disabled: [contracted()] }))).toMatchInlineSnapshot(`
    [
      "warning: \`orders\` had an enforced contract and was switched off",
    ]
  `);
  const deprecated = contracted({ deprecation_date: '2026-01-01' });
  expect(contractNews(deprecated, manifest({}), new Date('2026-06-01'))).toEqual([]);
  expect(contractNews(deprecated, manifest({}), new Date('2025-06-01'))).toHaveLength(1);
});

test('a word that state does not know is an error', () => {
  const { diagnostics } = selectNodes(selectableGraph(manifest({})), request({ select: ['state:modified.bodies'] }), {
    previous: manifest({}),
  });
  expect(diagnostics).toMatchObject([{ code: 'select/unknown-value', hint: 'did you mean `modified.body`?' }]);
});

test('a graph made from a manifest has its semantic layer, its edges, and nothing that is switched off', () => {
  const orders = model('orders');
  const made = selectableGraph({
    ...manifest({ nodes: [orders], disabled: [model('old_orders')] }),
    metrics: {
      'metric.shop.turnover': {
        name: 'turnover',
        resource_type: 'metric',
        package_name: 'shop',
        fqn: ['shop', 'turnover'],
        tags: ['kpi'],
      },
    },
    child_map: { [orders.unique_id]: ['metric.shop.turnover', 'test.shop.gone'], 'test.shop.gone': [] },
    parent_map: { 'metric.shop.turnover': [orders.unique_id] },
  });
  expect([...made.nodes.keys()]).toEqual(['model.shop.orders', 'metric.shop.turnover']);
  expect(made.children.get(orders.unique_id)).toEqual(['metric.shop.turnover']);
  const picked = selectNodes(made, request({ select: ['+metric:turnover', 'tag:kpi'] }), {});
  expect([...picked.value.ids]).toEqual(['model.shop.orders', 'metric.shop.turnover']);
  expect(selectNodes(made, request({ select: ['old_orders'] }), {}).diagnostics[0]?.hint).toContain('disabled');
});

test('a manifest of an older dbt, without the families that came later, can be compared with', () => {
  const {
    unit_tests: _units,
    functions: _functions,
    saved_queries: _queries,
    ...older
  } = manifest({ nodes: [model('orders')] });
  // What --state reads is JSON that says it is a manifest.
  const previous: Manifest = JSON.parse(JSON.stringify(older));
  expect(verdict(previous, manifest({ nodes: [model('orders')] }), 'model.shop.orders')).toBe('old unmodified');
});

import { expect, test } from 'vitest';
import type { Constraint, ExposureNode, GraphNode } from '../compile/manifest.ts';
import { exposure, graphNode } from '../testing/manifest-parts.ts';
import { coverage } from './coverage.ts';

const node = (unique_id: string, more: Partial<GraphNode> = {}): GraphNode =>
  graphNode('model', unique_id.split('.').at(2) ?? '', '', '', { unique_id, ...more });
const testOn = (model: string, name: string, namespace: string | null = null, meta = {}): GraphNode =>
  node(`test.shop.${name}_${model}`, {
    resource_type: 'test',
    test_metadata: { name, namespace, kwargs: {} },
    attached_node: model,
    config: { enabled: true, materialized: 'test', tags: [], meta },
  });
const weeklySales = (...models: readonly string[]): ExposureNode =>
  exposure('weekly_sales', models, {
    unique_id: 'exposure.shop.weekly_sales',
    owner: { name: 'Sales team', email: 'sales@example.org' },
  });
const byId = <T extends { readonly unique_id: string }>(...nodes: readonly T[]) =>
  Object.fromEntries(nodes.map((one) => [one.unique_id, one]));

test('only models in exposures count, and each kind of test they lack is named', () => {
  const [orders, staging] = ['model.shop.orders', 'model.shop.stg_orders'];
  const found = coverage({
    nodes: byId(
      node(orders),
      node(staging),
      testOn(orders, 'unique'),
      testOn(orders, 'not_null'),
      testOn(orders, 'recency', 'dbt_utils'),
      testOn(orders, 'tidy', null, { kind: 'volume' }),
      testOn(orders, 'house_rule'),
      testOn(staging, 'row_count'),
    ),
    exposures: byId(weeklySales(orders)),
  });
  expect(found).toMatchObject({
    exposed: 'by exposures',
    percent: 66.7,
    models: [
      {
        unique_id: orders,
        untested: ['schema', 'range'],
        owner: 'Sales team',
        exposures: ['exposure.shop.weekly_sales'],
      },
    ],
  });
  expect(found.models[0]?.tested.freshness).toEqual(['test.shop.recency_model.shop.orders']);
});

test('an enforced contract tests the schema, and its constraints what they say', () => {
  const constraint = (type: Constraint['type']): Constraint => ({
    type,
    name: null,
    expression: null,
    columns: [],
    to: null,
    to_columns: [],
    warn_unenforced: true,
    warn_unsupported: true,
  });
  const orders = node('model.shop.orders', {
    contract: { enforced: true, alias_types: true, checksum: null },
    constraints: [constraint('primary_key'), constraint('check')],
  });
  expect(coverage({ nodes: byId(orders), exposures: {} }).models[0]?.untested).toEqual(['freshness', 'volume']);
});

test('without exposures, the models at the ends count, and the least tested comes first', () => {
  const [staging, orders, customers] = [
    node('model.shop.stg'),
    node('model.shop.orders', {
      depends_on: { nodes: ['model.shop.stg'], macros: [] },
    }),
    node('model.shop.customers'),
  ];
  const found = coverage({
    nodes: byId(staging, orders, customers, testOn('model.shop.customers', 'unique')),
    exposures: {},
  });
  expect(found.models.map(({ name, percent }) => [name, percent])).toEqual([
    ['orders', 0],
    ['customers', 16.7],
  ]);
});

test('a project without models is covered', () => {
  expect(coverage({ nodes: {}, exposures: {} }).percent).toBe(100);
});

test('freshness is not asked of a model without a time', () => {
  const manifest = {
    nodes: { [ORDERS]: node(ORDERS), [ORDERS_TEST]: testOn(ORDERS, 'not_null') },
    exposures: {},
  };
  const [timeless] = coverage(
    manifest,
    () => [],
    () => false,
  ).models;
  expect(timeless).toMatchObject({ inapplicable: ['freshness'], percent: 20 });
  expect(timeless?.untested).not.toContain('freshness');
  const [timely] = coverage(
    manifest,
    () => [],
    () => true,
  ).models;
  expect(timely).toMatchObject({ inapplicable: [], percent: 16.7 });
});

const ORDERS = 'model.shop.orders';
const ORDERS_TEST = 'test.shop.not_null_model.shop.orders';

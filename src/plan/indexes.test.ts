import { expect, test } from 'vitest';
import type { GraphNode } from '../compile/manifest.ts';
import { indexesOf, indexSteps } from './indexes.ts';

const node = (indexes: unknown) =>
  ({ schema: 'main', alias: 'orders', config: { materialized: 'table', indexes } }) as unknown as GraphNode; // only what is read

test('indexes of a version are named after it, so that two versions can stand side by side', () => {
  const orders = node([{ columns: ['id'], unique: true }, { columns: ['shop', 'day'] }]);
  expect(indexSteps(orders, 3, '_dql."main.orders@3"').map((step) => 'sql' in step && step.sql)).toEqual([
    'create unique index "main.orders__dql_3_index_0" on _dql."main.orders@3" ("id")',
    'create index "main.orders__dql_3_index_1" on _dql."main.orders@3" ("shop", "day")',
  ]);
  expect(indexesOf(node(null))).toEqual([]);
});

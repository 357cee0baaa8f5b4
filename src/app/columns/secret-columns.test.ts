import { expect, test } from 'vitest';
import { columns, graphNode, manifestOf } from '../../testing/manifest-parts.ts';
import { secretColumns } from './secret-columns.ts';

const customers = graphNode('model', 'customers', 'marts/', 'select 1', {
  columns: columns(['id integer', 'email varchar The address. #pii']),
});
const plain = graphNode('model', 'plain', 'marts/', 'select 1', { columns: columns(['id integer']) });
const manifest = manifestOf({ nodes: [customers, plain] });

test('lineage is not looked up where nothing around is personal', async () => {
  const secrets = secretColumns(manifest, () => Promise.reject(new Error('asked')));
  expect(await secrets.ofNode(plain.unique_id, ['id'])).toEqual({ columns: [] });
});

test('where lineage cannot be had everything is masked, and it is said why', async () => {
  let asked = 0;
  const secrets = secretColumns(manifest, () => {
    asked++;
    return Promise.reject(new Error('the folder is full\nreally'));
  });
  for (let time = 0; time < 2; time++)
    expect(await secrets.ofNode(customers.unique_id, ['id', 'email'])).toEqual({
      columns: ['id', 'email'],
      because: 'lineage cannot be had: the folder is full',
    });
  expect(asked).toBe(1);
});

test('a node whose columns are known shows those that are not personal', async () => {
  const graph = {
    nodes: [{ id: customers.unique_id, columns: ['id', 'email'], reads: [], limited: false, unresolved: [] }],
    edges: [],
    rows: [],
  };
  const secrets = secretColumns(manifest, async () => ({ graph, idOf: () => undefined }));
  expect(await secrets.ofNode(customers.unique_id, ['id', 'EMAIL', 'shouted'])).toEqual({
    columns: ['EMAIL', 'shouted'],
  });
});

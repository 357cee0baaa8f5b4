import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryConnection } from '../../testing/memory-connection.ts';
import { answerNeed } from './answer-needs.ts';

let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
  await connection.run('create table orders (id integer, amount double)');
  await connection.run('create table gone as select 1 as id');
  await connection.run('create view stale as select id from gone');
  await connection.run('drop table gone');
});
afterAll(() => connection.close());

const columnsOf = (identifier: string) =>
  answerNeed(
    { kind: 'columns', relation: { database: 'memory', schema: 'main', identifier, rendered: `"${identifier}"` } },
    connection,
    { find: () => undefined },
  );

test('what does not exist has no columns, what is there and broken says so', async () => {
  expect(await columnsOf('orders')).toEqual({
    kind: 'columns',
    columns: [
      { name: 'id', type: 'INTEGER' },
      { name: 'amount', type: 'DOUBLE' },
    ],
  });
  expect(await columnsOf('nothing_here')).toEqual({ kind: 'columns', columns: [] });
  expect(await columnsOf('stale')).toMatchObject({ kind: 'failed', message: expect.stringContaining('gone') });
});

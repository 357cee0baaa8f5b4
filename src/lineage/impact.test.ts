import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, test } from 'vitest';
import { columnGraph, downstreamColumns, findColumn, inheritedDescriptions, upstreamColumns } from './column-graph.ts';
import { describeChange, impact, queryState } from './impact.ts';
import { parseTreeSql, readSyntaxTree } from './lineage.ts';
import { analyseModel } from './model-analysis.ts';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
afterAll(() => instance.closeSync());

const SHOP = {
  stg_orders:
    'select id as order_id, customer_id, amount, amount * 2 as gross, status from raw_orders where not deleted',
  customers: 'select id as customer_id, name from raw_customers',
  totals: 'select customer_id, sum(gross) as total, count(*) as n from stg_orders group by customer_id',
  report: 'select c.name, t.total as revenue from customers c join totals t using (customer_id)',
  paid: "select order_id from stg_orders where status = 'paid'",
  wide: 'select * from stg_orders',
};
type Models = Readonly<Record<string, string>>;

const RAW: Readonly<Record<string, readonly string[]>> = {
  raw_orders: ['id', 'customer_id', 'amount', 'status', 'deleted'],
  raw_customers: ['id', 'name'],
};

async function project(models: Models, edited: readonly string[]) {
  const known = new Map(
    Object.entries(RAW).map(([name, columns]) => [name, columns.map((column) => ({ name: column, type: 'INTEGER' }))]),
  );
  const analysed = [];
  for (const [id, sql] of Object.entries(models)) {
    const [row] = (await connection.runAndReadAll(parseTreeSql([sql]))).getRowsJson();
    const tree = readSyntaxTree(String(row?.[0])).value;
    const analysis = analyseModel(tree, { columnsOf: ({ name }) => known.get(name) });
    const { lineage } = analysis;
    known.set(
      id,
      lineage.columns.map(({ name }) => ({ name, type: 'INTEGER' })),
    );
    analysed.push({ id, lineage, full: queryState(analysis, sql), isEdited: edited.includes(id) });
  }
  const leaves = Object.entries(RAW).map(([id, columns]) => ({ id, columns }));
  return { models: analysed, graph: columnGraph(analysed, ({ name }) => name, leaves) };
}

const { models: before, graph } = await project(SHOP, Object.keys(SHOP));
const changed = async (edits: Models) => {
  const after = await project({ ...SHOP, ...edits }, Object.keys(edits));
  return impact({
    before,
    after: after.models,
    graph: after.graph,
    graphBefore: graph,
    exposures: [{ id: 'exposure.shop.dashboard', dependsOn: ['report'], owner: 'Finance' }],
    ownerOf: (id) => (id === 'report' ? 'Finance' : undefined),
  });
};
const brief = (found: Awaited<ReturnType<typeof changed>>) =>
  found.affected.map(
    (node) =>
      `${node.id} ${node.severity} ${node.because.length > 0 ? '*' : node.columns.map((column) => column.column).join(',')}`,
  );

describe('the graph of columns', () => {
  const names = (reached: ReturnType<typeof upstreamColumns>) =>
    reached.map((one) => `${one.depth} ${one.column.id}.${one.column.column} ${one.how}`);

  test('walks up to where a column comes from', () => {
    expect(names(upstreamColumns(graph, { id: 'report', column: 'revenue' }))).toEqual([
      '1 totals.total renamed',
      '2 stg_orders.gross aggregated',
      '3 raw_orders.amount derived',
    ]);
    expect(names(upstreamColumns(graph, { id: 'report', column: 'revenue' }, { depth: 1 }))).toEqual([
      '1 totals.total renamed',
    ]);
  });
  test('walks down to where it goes, with and without filters and joins', () => {
    expect(names(downstreamColumns(graph, { id: 'stg_orders', column: 'status' }))).toEqual(['1 wide.status copied']);
    expect(names(downstreamColumns(graph, { id: 'stg_orders', column: 'status' }, { indirect: true }))).toEqual([
      '1 wide.status copied',
      '1 paid.order_id filter',
    ]);
  });
  test('nodes stand in dependency order', () => {
    const order = graph.nodes.map((node) => node.id);
    for (const node of graph.nodes)
      for (const read of node.reads) expect(order.indexOf(read.id)).toBeLessThan(order.indexOf(node.id));
  });
  test('a wrong column gets a suggestion', () => {
    expect(findColumn(graph, 'report', 'REVENUE')).toEqual({ id: 'report', column: 'revenue' });
    expect(findColumn(graph, 'report', 'revnue')).toMatchObject({
      code: 'lineage/unknown-column',
      hint: 'did you mean `revenue`?',
    });
  });
  test('descriptions are inherited along copies only', () => {
    const written: Record<string, string> = {
      'raw_orders.id': 'The order.',
      'raw_orders.amount': 'In francs.',
      'stg_orders.gross': 'Twice.',
      'raw_customers.name': ' ',
    };
    const found = inheritedDescriptions(graph, ({ id, column }) => written[`${id}.${column}`]);
    expect(
      found.map((one) => `${one.column.id}.${one.column.column} ← ${one.from.id}.${one.from.column}`).sort(),
    ).toEqual([
      'paid.order_id ← raw_orders.id',
      'stg_orders.amount ← raw_orders.amount',
      'stg_orders.order_id ← raw_orders.id',
      'wide.amount ← raw_orders.amount',
      'wide.gross ← stg_orders.gross',
      'wide.order_id ← raw_orders.id',
    ]);
  });
});

describe('impact', () => {
  test('reformatting reaches nobody', async () => {
    const found = await changed({
      stg_orders:
        'SELECT id AS order_id, customer_id, amount, (amount * 2) AS gross, status\nFROM raw_orders -- all\nWHERE NOT deleted',
    });
    expect(found).toMatchObject({ severity: 'none', changes: [], affected: [], exposures: [], owners: [] });
  });
  test('an edited column reaches the columns made of it', async () => {
    const found = await changed({ stg_orders: SHOP.stg_orders.replace('* 2', '* 3') });
    expect(found.severity).toBe('partial');
    expect(found.changes).toEqual([
      {
        id: 'stg_orders',
        kind: 'changed',
        severity: 'partial',
        added: [],
        removed: [],
        renamed: [],
        changed: ['gross'],
        rows: [],
        order: [],
        incrementalOnly: false,
        unknown: false,
      },
    ]);
    expect(brief(found).sort()).toEqual(['report partial revenue', 'totals partial total', 'wide partial gross']);
    expect(found.exposures.map((one) => one.id)).toEqual(['exposure.shop.dashboard']);
    expect(found.owners).toEqual([{ owner: 'Finance', ids: ['report', 'exposure.shop.dashboard'] }]);
  });
  test('a column used in a filter reaches all columns', async () => {
    const found = await changed({ stg_orders: SHOP.stg_orders.replace(', status', ', upper(status) as status') });
    expect(brief(found).sort()).toEqual(['paid breaking *', 'wide partial status']);
  });
  test('a filter reaches everything downstream', async () => {
    const found = await changed({ stg_orders: SHOP.stg_orders.replace('not deleted', 'deleted is null') });
    expect(found.changes[0]).toMatchObject({ severity: 'breaking', rows: ['filters'] });
    expect(brief(found).sort()).toEqual([
      'paid breaking *',
      'report breaking *',
      'totals breaking *',
      'wide breaking *',
    ]);
  });
  test('a removed column breaks those who read it, and only those', async () => {
    const found = await changed({ stg_orders: SHOP.stg_orders.replace(', status', '') });
    expect(found.changes.map((change) => `${change.id} ${change.severity} ${change.removed}`)).toEqual([
      'stg_orders breaking status',
    ]);
    expect(found.affected.map((node) => [node.id, node.because])).toEqual([
      ['paid', ['it reads stg_orders.status, which was removed']],
      ['wide', ['its column status is gone with what it takes by *']],
    ]);
  });
  test('a renamed column is told by its new name', async () => {
    const found = await changed({ stg_orders: SHOP.stg_orders.replace(', status', ', status as state') });
    expect(found.changes.map(describeChange)).toEqual(['renamed: status → state']);
    expect(found.severity).toBe('breaking');
    expect(found.affected.map((node) => [node.id, node.because])).toEqual([
      ['paid', ['it reads stg_orders.status, which is called state now']],
      ['wide', ['its column status is gone with what it takes by *']],
    ]);
  });
  test('a new column changes nothing that was there', async () => {
    const found = await changed({ stg_orders: SHOP.stg_orders.replace(', status', ', status, 1 as version') });
    expect(found.changes.map((change) => `${change.id} ${change.severity} +${change.added}`)).toEqual([
      'stg_orders none +version',
    ]);
    expect(found).toMatchObject({ severity: 'none', affected: [] });
  });
  test('another order of columns is told and reaches nobody who names them', async () => {
    const found = await changed({
      stg_orders:
        'select customer_id, id as order_id, amount, amount * 2 as gross, status from raw_orders where not deleted',
    });
    expect(found.changes.map(describeChange)).toEqual(['only the order of its columns']);
    expect(found).toMatchObject({ severity: 'none', affected: [] });
  });
  test('another order of rows is nothing, unless a limit cuts them off', async () => {
    const sorted = await changed({ report: `${SHOP.report} order by revenue` });
    expect(sorted.changes.map((change) => [change.severity, describeChange(change)])).toEqual([
      ['none', 'only the order of its rows'],
    ]);
    const cut = await changed({ report: `${SHOP.report} order by revenue limit 10` });
    expect(cut.changes.map((change) => [change.severity, describeChange(change)])).toEqual([
      ['breaking', 'other rows, by its order or limit'],
    ]);
  });
  test('a model that only counts rows is reached by a filter', async () => {
    const counted = { ...SHOP, counted: 'select count(*) as n from stg_orders' };
    const [was, is] = [
      await project(counted, []),
      await project({ ...counted, stg_orders: SHOP.stg_orders.replace('not deleted', 'amount > 0') }, ['stg_orders']),
    ];
    const found = impact({ before: was.models, after: is.models, graph: is.graph, graphBefore: was.graph });
    expect(brief(found)).toContain('counted breaking *');
  });
});

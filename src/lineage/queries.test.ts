import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  analyseQuery,
  type Catalog,
  type IndirectUse,
  parseTreeSql,
  type QueryLineage,
  readSyntaxTree,
  relationKey,
} from './lineage.ts';
import { type LineageCase, QUERIES, TABLES } from './queries.ts';

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
afterAll(() => instance.closeSync());

const rowsOf = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
  (await connection.runAndReadAll(sql)).getRowsJson();

for (const [table, { columns, rows }] of Object.entries(TABLES))
  await connection.run(`create table ${table} (${columns}); insert into ${table} values ${rows.join(', ')}`);
await connection.run('create macro discounted(price, percent) as price - price * percent / 100');
await connection.run(
  'create macro shop_orders(least) as table select id, amount as n from orders where amount >= least',
);

const schemas = new Map<string, readonly { readonly name: string; readonly type: string }[]>();
for (const table of [...Object.keys(TABLES)])
  schemas.set(
    table,
    (await rowsOf(`describe ${table}`)).map((row) => ({ name: String(row[0]), type: String(row[1]) })),
  );
const catalog: Catalog = { columnsOf: ({ name }) => schemas.get(name.toLowerCase()) };

const trees = await rowsOf(parseTreeSql(QUERIES.map((query) => query.sql)));
const lineages: readonly QueryLineage[] = QUERIES.map((_, position) => {
  const tree = readSyntaxTree(String(trees[position]?.[0]));
  expect(tree.diagnostics).toEqual([]);
  return analyseQuery(tree.value, catalog);
});

const SIGNS = { copied: '=', renamed: '~', derived: '+', aggregated: '#' } as const;
const indirectText = (use: IndirectUse) => `${use.use}:${relationKey(use.relation)}.${use.column}`;
const sorted = (edges: string) =>
  edges
    .split(/ +/)
    .filter((edge) => edge !== '')
    .map((edge) => edge.toLowerCase())
    .sort()
    .join(' ');

function written(lineage: QueryLineage): { readonly columns: readonly string[]; readonly rows: string } {
  return {
    columns: lineage.columns.map((column) => {
      const sources = column.sources.map(
        (source) => `${SIGNS[source.transformation]}${relationKey(source.relation)}.${source.column}`,
      );
      return `${column.name}: ${sorted([...sources, ...column.indirect.map(indirectText)].join(' '))}`;
    }),
    rows: sorted(lineage.rowset.map(indirectText).join(' ')),
  };
}

const expected = (query: LineageCase) => ({
  columns: query.columns.split(' | ').map((column) => {
    const colon = column.indexOf(':');
    return `${column.slice(0, colon)}: ${sorted(column.slice(colon + 1))}`;
  }),
  rows: sorted(query.rows),
});

describe('edges written by hand', () => {
  test('there are at least 120 queries', () => expect(QUERIES.length).toBeGreaterThanOrEqual(120));
  test.each(QUERIES.map((query, position) => [query.construct, query, position] as const))(
    '%s',
    (_, query, position) => {
      const lineage = lineages[position];
      expect(lineage?.unresolved).toEqual([]);
      expect(lineage && written(lineage)).toEqual(expected(query));
    },
  );
});

test('output names are what DESCRIBE says', async () => {
  for (const [position, query] of QUERIES.entries()) {
    const described = (await rowsOf(`describe ${query.sql}`)).map((row) => row[0]);
    expect(
      lineages[position]?.columns.map((column) => column.name),
      query.sql,
    ).toEqual(described);
  }
});

/** Ways to change a column; each changes other rows or the values' order. */
function changes(table: string, column: string, type: string): readonly string[] {
  const set = (value: string, where = 'true') => `update ${table} set ${column} = ${value} where ${where}`;
  const rotated = `update ${table} set ${column} = moved.value from (select rowid as r, coalesce(lead(${column}) over (order by rowid), first_value(${column}) over (order by rowid)) as value from ${table}) moved where moved.r = ${table}.rowid`;
  const common = [rotated, set('null', 'rowid = 0'), set('null')];
  if (type === 'INTEGER')
    return [
      ...common,
      set(`${column} + 1`),
      set(`${column} * 3 + 100`, 'rowid % 2 = 0'),
      set(`-${column}`),
      set('7'),
      set('1'),
    ];
  if (type === 'VARCHAR')
    return [...common, set(`${column} || '5'`), set("'paid'", 'rowid = 1'), set("'Bern'"), set("'card'")];
  if (type === 'DATE')
    return [...common, set(`${column} + 1`), set(`${column} + 40`, 'rowid % 2 = 0'), set("date '2024-01-04'")];
  if (type === 'INTEGER[]')
    return [...common, set(`list_append(${column}, 4)`), set(`list_transform(${column}, lambda x: x + 10)`)];
  if (type.startsWith('STRUCT')) return [...common, set(`{'city': ${column}.city || '!', 'zip': ${column}.zip + 1}`)];
  if (type.startsWith('MAP')) return [...common.slice(0, 1), set(`map {'a': 9, 'b': 2}`, 'rowid = 0')];
  throw new Error(`no way to change a ${type}`);
}

describe('what really changes', () => {
  interface Answer {
    readonly rows: string;
    readonly columns: readonly string[];
  }
  const answer = async (sql: string): Promise<Answer | 'fails'> => {
    try {
      const rows = await rowsOf(sql);
      const width = rows[0]?.length ?? 0;
      const texts = rows.map((row) => JSON.stringify(row)).sort();
      return {
        rows: texts.join('\n'),
        columns: Array.from({ length: width }, (_, at) =>
          rows
            .map((row) => JSON.stringify(row[at]))
            .sort()
            .join('\n'),
        ),
      };
    } catch {
      // A changed column may break a cast or make a scalar subquery give two rows; that shows nothing about edges.
      return 'fails';
    }
  };

  /** construct → `column<-table.column` that were seen to change. */
  const seen = new Map<LineageCase, Set<string>>();
  const uncovered: string[] = [];
  let observations = 0;

  beforeAll(async () => {
    const before = new Map<LineageCase, Answer | 'fails'>();
    for (const query of QUERIES) {
      seen.set(query, new Set());
      const unchanged = await answer(query.sql);
      expect(unchanged, query.sql).not.toBe('fails');
      before.set(query, unchanged);
    }
    for (const [table, columns] of schemas)
      for (const { name, type } of columns)
        for (const change of changes(table, name, type)) await compare(before, table, name, change);
  }, 120_000);

  async function compare(
    before: Map<LineageCase, Answer | 'fails'>,
    table: string,
    column: string,
    change: string,
  ): Promise<void> {
    await connection.run('begin transaction');
    await connection.run(change);
    for (const [position, query] of QUERIES.entries()) {
      const lineage = lineages[position];
      const old = before.get(query);
      // A query that never names the table cannot change; the others are all run.
      if (lineage === undefined || old === undefined || old === 'fails' || !query.sql.toLowerCase().includes(table))
        continue;
      let now = await answer(query.sql);
      if (now === 'fails') {
        await connection.run('rollback');
        await connection.run('begin transaction');
        await connection.run(change);
        continue;
      }
      if (now.rows === old.rows) continue;
      observations++;
      const decidesRows = lineage.rowset.some((use) => isColumn(use, table, column));
      const width = lineage.columns.length;
      now = { ...now, columns: now.columns.length === 0 ? Array.from({ length: width }, () => '') : now.columns };
      for (const [at, output] of lineage.columns.entries()) {
        if (now.columns[at] === old.columns[at]) continue;
        seen.get(query)?.add(`${output.name}<-${table}.${column}`);
        const covered =
          decidesRows ||
          output.sources.some((source) => isColumn(source, table, column)) ||
          output.indirect.some((use) => isColumn(use, table, column));
        if (!covered) uncovered.push(`${query.construct}: ${output.name} changed with ${table}.${column} (${change})`);
      }
      // Values that only changed places among rows are an edge of some column, too.
      const anywhere =
        decidesRows ||
        lineage.columns.some((output) =>
          [...output.sources, ...output.indirect].some((use) => isColumn(use, table, column)),
        );
      if (!anywhere) uncovered.push(`${query.construct}: rows changed with ${table}.${column} (${change})`);
    }
    await connection.run('rollback');
  }

  const isColumn = (
    use: { readonly relation: { readonly name: string }; readonly column: string },
    table: string,
    column: string,
  ) =>
    // What a table macro reads is behind it.
    use.relation.name.startsWith('shop_orders(') ||
    (use.relation.name.toLowerCase() === table && use.column.toLowerCase() === column);

  test('every observed change is covered by an edge', () => {
    expect(observations).toBeGreaterThan(1000);
    expect(uncovered).toEqual([]);
  });

  test('every value edge is seen to change its column, or says why not', () => {
    const silent = QUERIES.flatMap((query, position) =>
      (lineages[position]?.columns ?? []).flatMap((output) =>
        output.sources
          .filter((source) => !source.relation.name.startsWith('shop_orders('))
          .map((source) => `${output.name}<-${source.relation.name.toLowerCase()}.${source.column}`)
          .filter((edge) => !seen.get(query)?.has(edge) && query.quiet?.[edge] === undefined)
          .map((edge) => `${query.construct}: ${edge}`),
      ),
    );
    expect(silent).toEqual([]);
  });

  test('no reason is given for an edge that does show', () => {
    const idle = QUERIES.flatMap((query) =>
      Object.keys(query.quiet ?? {})
        .filter((edge) => seen.get(query)?.has(edge))
        .map((edge) => `${query.construct}: ${edge}`),
    );
    expect(idle).toEqual([]);
  });
});

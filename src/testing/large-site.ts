/** A made-up project of any size, with SQL, columns, statistics, tests and a past: what the docs site is measured with. */
import type { GraphNode, SourceNode } from '../compile/manifest.ts';
import type { Catalog, CatalogNode } from '../docs/catalog.ts';
import type { ColumnEdge } from '../docs/column-edge.ts';
import type { RunHistoryEntry } from '../docs/history.ts';
import type { SiteInput } from '../docs/site-input.ts';
import { columns, dataTest, graphNode, manifestOf, source } from './manifest-parts.ts';

const THINGS = [
  'orders',
  'customers',
  'payments',
  'shipments',
  'returns',
  'invoices',
  'sessions',
  'campaigns',
  'products',
  'stores',
  'suppliers',
  'tickets',
];
const WORDS = [
  'gross',
  'net',
  'daily',
  'weekly',
  'first',
  'last',
  'late',
  'open',
  'closed',
  'refunded',
  'regional',
  'online',
  'weighted',
  'rolling',
];
const FIELDS = [
  'amount',
  'status',
  'created_at',
  'updated_at',
  'country',
  'currency',
  'quantity',
  'discount',
  'channel',
  'is_active',
  'score',
  'segment',
];

/** Numbers that look random and are the same every time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `models` models in ten layers, one source for every ten of them, two tests each, twelve columns each, twenty past runs. */
export function largeSite(models: number, brought: Pick<SiteInput, 'assets' | 'gzip' | 'singleFile'>): SiteInput {
  const random = numbers(models);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const sources = Array.from({ length: Math.max(1, Math.floor(models / 10)) }, (_, at) =>
    source('raw', `${pick(THINGS)}_${at}`, {
      description: `Raw ${pick(WORDS)} ${pick(THINGS)}.`,
      columns: columns(FIELDS.map((field) => `${field} varchar`)),
    }),
  );
  const layers: (GraphNode | SourceNode)[][] = [sources];
  const nodes: (GraphNode | SourceNode)[] = [...sources];
  const tests: GraphNode[] = [];
  const edges: ColumnEdge[] = [];
  for (let at = 0; at < models; at++) {
    const depth = 1 + Math.floor((at / models) * 9);
    const before = layers[depth - 1] ?? sources;
    const name = `${depth === 1 ? 'stg' : depth < 6 ? 'int' : 'fct'}_${pick(WORDS)}_${pick(THINGS)}_${at}`;
    const parents = [
      ...new Set([pick(before), ...(random() < 0.45 ? [pick(before)] : []), ...(random() < 0.12 ? [pick(nodes)] : [])]),
    ];
    const own = FIELDS.map((field) => `${field}${random() < 0.3 ? `_${pick(WORDS)}` : ''}`);
    const folder = `${depth === 1 ? 'staging' : depth < 6 ? 'intermediate' : 'marts'}/${pick(THINGS)}/`;
    const node = graphNode('model', name, folder, sqlOf(parents, own, random), {
      description: `The ${pick(WORDS)} ${pick(THINGS)} of every ${pick(THINGS)}, one row each. Used for ${pick(WORDS)} ${pick(WORDS)} reports; ask before you change what \`${pick(own)}\` means.`,
      tags: random() < 0.2 ? [pick(WORDS)] : [],
      columns: columns(
        own.map((field) => `${field} varchar The ${pick(WORDS)} ${field.replaceAll('_', ' ')} of the ${pick(THINGS)}.`),
      ),
      depends_on: { nodes: parents.map((parent) => parent.unique_id), macros: [] },
    });
    const [first] = parents;
    const theirs = Object.keys(first?.columns ?? {});
    own.forEach((field, index) => {
      const from = theirs[index];
      if (first && from !== undefined)
        edges.push({
          from: { node: first.unique_id, column: from },
          to: { node: node.unique_id, column: field },
          kind: random() < 0.6 ? 'copy' : 'expression',
        });
    });
    layers[depth] = [...(layers[depth] ?? []), node];
    nodes.push(node);
    tests.push(dataTest('not_null', node, own[0] ?? null), dataTest('unique', node, own[1] ?? null));
  }
  return {
    projectTitle: `A project of ${models} models`,
    manifest: manifestOf({ nodes: [...nodes, ...tests] }),
    catalog: catalogOf(nodes, random),
    history: Array.from(
      { length: 20 },
      (_, day): RunHistoryEntry => ({
        id: `run-${day}`,
        started_at: new Date(Date.UTC(2026, 10, 1 + day, 5)).toISOString(),
        seconds: 600 + random() * 100,
        status: 'success',
        command: 'build',
        git_sha: null,
        nodes: Object.fromEntries(
          nodes.map((node) => [
            node.unique_id,
            { seconds: Math.round(random() * 4000) / 1000, rows: Math.floor(random() * 1e6), status: 'success' },
          ]),
        ),
        tests: Object.fromEntries(tests.map((test) => [test.unique_id, { verdict: 'pass', failures: 0 }])),
      }),
    ),
    columnLineage: edges,
    now: new Date('2026-11-21T06:30:00Z'),
    ...brought,
  };
}

function sqlOf(parents: readonly (GraphNode | SourceNode)[], own: readonly string[], random: () => number): string {
  const from = parents.map((parent) =>
    parent.resource_type === 'source'
      ? `{{ source('${parent.source_name}', '${parent.name}') }}`
      : `{{ ref('${parent.name}') }}`,
  );
  const ctes = from.map(
    (one, at) =>
      `input_${at} as (\n    select *\n    from ${one}\n    where created_at >= date '2020-${String(1 + Math.floor(random() * 12)).padStart(2, '0')}-01'\n)`,
  );
  const joins = from.slice(1).map((_, at) => `left join input_${at + 1} using (status)`);
  const fields = own.map(
    (field) => `    coalesce(input_0.${field}, ${Math.floor(random() * 1000)})::varchar as ${field}`,
  );
  return `with ${ctes.join(', ')}\n\nselect\n${fields.join(',\n')}\nfrom input_0\n${joins.join('\n')}\nqualify row_number() over (partition by ${own[0]} order by updated_at desc) = 1`;
}

function catalogOf(nodes: readonly (GraphNode | SourceNode)[], random: () => number): Catalog {
  const entry = (node: GraphNode | SourceNode): CatalogNode => ({
    unique_id: node.unique_id,
    metadata: {
      type: 'BASE TABLE',
      schema: node.schema,
      name: node.name,
      database: node.database,
      comment: null,
      owner: null,
    },
    columns: Object.fromEntries(
      Object.keys(node.columns).map((name, at) => [
        name,
        {
          type: 'VARCHAR',
          name,
          index: at + 1,
          comment: null,
          meta: {
            dql: {
              null_share: Math.round(random() * 100) / 1000,
              distinct: Math.floor(random() * 9000),
              min: String(Math.floor(random() * 100)),
              max: String(Math.floor(random() * 1e6)),
              histogram: Array.from({ length: 12 }, () => Math.floor(random() * 900)),
              frequent: null,
            },
          },
        },
      ]),
    ),
    stats: {},
    meta: { dql: { rows: Math.floor(random() * 1e6), bytes: Math.floor(random() * 1e8), sampled: 100_000 } },
  });
  const byId = (type: 'source' | 'model') =>
    Object.fromEntries(
      nodes.filter((node) => node.resource_type === type).map((node) => [node.unique_id, entry(node)]),
    );
  return { metadata: {}, nodes: byId('model'), sources: byId('source'), errors: null };
}

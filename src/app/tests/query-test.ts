/** Plans a data test that is a query: a file in `tests/`, a generic test of the project's own, a usage example. */
import type { CheckSql } from '../../checks/check.ts';
import { type Input, planExample, planSingular } from '../../checks/query-tests.ts';
import { type CompileOutcome, withCtes } from '../../compile/compile.ts';
import { type GraphNode, isExample, type Manifest, nodeOf } from '../../compile/manifest.ts';
import { isTested } from '../../compile/tested-node.ts';
import type { Checked } from '../../core/diagnostic.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Span } from '../../core/source.ts';

/** What each relation that the query reads is in its FROM. */
export type Reads = ReadonlyMap<NodeId, string>;

export interface QueryToPlan {
  readonly node: GraphNode;
  readonly sql: string;
  readonly reads: Reads;
  readonly manifest: Manifest;
  readonly span: Span;
  /** Tests of one relation are planned together. */
  readonly relation?: string | undefined;
}

export function planQuery({ node, sql, reads, manifest, span, relation }: QueryToPlan): Checked<CheckSql | undefined> {
  const options = givenOptions(node.config);
  if (isExample(node)) return planExample(sql, options, { id: node.unique_id, span });
  return planSingular(sql, options, {
    id: node.unique_id,
    name: node.test_metadata?.name ?? 'singular',
    column: node.column_name ?? null,
    span,
    relation,
    inputs: inputsOf(node, reads, manifest),
  });
}

/** The relations that a test's query reads, as it was compiled. */
export function readsOf(
  node: GraphNode,
  { ctes }: Pick<Extract<CompileOutcome, { kind: 'compiled' }>, 'ctes'>,
  renderedOf: (id: NodeId) => string | undefined,
): Reads {
  return new Map(
    node.depends_on.nodes.flatMap((id): readonly (readonly [NodeId, string])[] => {
      const cte = ctes.find((each) => each.id === id);
      const rendered = cte ? `(\n${withCtes(`select * from ${cte.name}`, ctes)}\n)` : renderedOf(id);
      return rendered === undefined ? [] : [[id, rendered]];
    }),
  );
}

function inputsOf(node: GraphNode, reads: Reads, manifest: Manifest): readonly Input[] {
  return [...reads].flatMap(([id, from]) => {
    const read = nodeOf(manifest, id);
    const called = calledOf(manifest, id);
    if (read === undefined || called === undefined) return [];
    const isView = read.resource_type === 'model' && read.config['materialized'] === 'view';
    return [
      {
        name: 'source_name' in read ? `${read.source_name}.${read.name}` : read.name,
        // Rows of a view are not known from metadata: it is enough to find one.
        // So that a `where` may say `orders.id`.
        from: `${isView && !from.startsWith('(') ? `(select * from ${from})` : from} as ${quotedIdentifier(called)}`,
        isTested: isTested(node, read),
      },
    ];
  });
}

/** What SQL calls a node's relation: `orders` in `orders.id`. */
export function calledOf(manifest: Manifest, id: NodeId): string | undefined {
  return manifest.sources[id]?.identifier ?? manifest.nodes[id]?.alias;
}

/** dbt fills every test's config with its defaults; a default is not something the user asked a check to honour. */
export const givenOptions = (config: GraphNode['config']): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(config).filter(
      ([key, value]) =>
        value !== null &&
        !(['warn_if', 'error_if'].includes(key) && value === '!= 0') &&
        !(key === 'fail_calc' && value === 'count(*)'),
    ),
  );

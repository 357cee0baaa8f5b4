/** Everything the syntax tells about a model, in one value that can be kept: made once for each text and schema. */
import { z } from 'zod';
import type { Column } from '../engine/engine.ts';
import { deterministic } from './determinism.ts';
import {
  analyseAll,
  type Catalog,
  canonicalSql,
  type LineageOptions,
  literalTables,
  type RelationName,
} from './lineage.ts';
import { digest } from './meaning.ts';
import type { SyntaxTree } from './syntax-tree.ts';

/** Raise this when the analysis learns something, so that kept values of an older one are not read. */
const VERSION = 1;

const relation = z.object({ database: z.string().optional(), schema: z.string().optional(), name: z.string() });
const kind = z.enum(['filter', 'join', 'group', 'order', 'window', 'distinct']);
const use = z.object({ relation, column: z.string(), use: kind });
const source = z.object({
  relation,
  column: z.string(),
  use: z.literal('value'),
  transformation: z.enum(['copied', 'renamed', 'derived', 'aggregated']),
});
const unresolved = z.object({ reason: z.string(), at: z.number().optional() });
const parts = z.object({
  tables: z.string(),
  joins: z.string(),
  filters: z.string(),
  grouping: z.string(),
  order: z.string(),
});
const wobble = z.object({
  kind: z.enum(['random', 'clock', 'session', 'sequence', 'sample', 'file', 'catalog', 'order', 'unknown']),
  certainty: z.enum(['surely', 'maybe']),
  because: z.string(),
  at: z.number().optional(),
});
const analysis = z.object({
  version: z.literal(VERSION),
  canonicalSql: z.string(),
  tables: z.array(relation.extend({ offset: z.number().optional() })),
  determinism: z.object({
    deterministic: z.boolean(),
    because: z.string().optional(),
    maybe: z.string().optional(),
    wobbles: z.array(wobble),
  }),
  lineage: z.object({
    columns: z.array(z.object({ name: z.string(), sources: z.array(source), indirect: z.array(use) })),
    rowset: z.array(use),
    reads: z.array(z.object({ relation, columns: z.array(z.string()), star: z.boolean() })),
    unresolved: z.array(unresolved),
  }),
  fingerprints: z.object({
    columns: z.array(z.object({ name: z.string(), fingerprint: z.string() })),
    rowset: z.string(),
    parts,
    complete: z.boolean(),
  }),
});

/** Plain JSON. */
export type ModelAnalysis = Readonly<z.infer<typeof analysis>>;

export function analyseModel(tree: SyntaxTree, catalog: Catalog, options: LineageOptions = {}): ModelAnalysis {
  const { lineage, fingerprints } = analyseAll(tree, catalog, options);
  return serialise({
    canonicalSql: canonicalSql(tree),
    tables: literalTables(tree),
    determinism: deterministic(tree),
    lineage,
    fingerprints,
  });
}

/** JSON has no readonly arrays and no undefined; a copy has neither and can be changed by nobody else. */
const serialise = (value: object): ModelAnalysis =>
  analysis.parse(JSON.parse(JSON.stringify({ version: VERSION, ...value })));

/** A kept analysis, or undefined when the text is of another version or damaged: then analyse again. */
export function readAnalysis(text: string): ModelAnalysis | undefined {
  try {
    const read = analysis.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The key to keep an analysis under: it holds as long as the SQL and the columns of what it reads are the same. */
export function analysisKey(
  sql: string,
  inputs: readonly { readonly relation: RelationName; readonly columns: readonly Column[] | undefined }[],
): string {
  const schemas = inputs.map(({ relation: { database, schema, name }, columns }) => [
    database,
    schema,
    name,
    columns?.map((column) => [column.name, column.type]),
  ]);
  return digest(JSON.stringify([VERSION, sql, schemas]));
}

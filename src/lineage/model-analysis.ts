/** What the syntax tells about a model, and what of it is kept: made once for each text and schema. */
import type { Column } from '../engine/engine.ts';
import { canonicalSql } from './canonical-sql.ts';
import { type Determinism, deterministic } from './determinism.ts';
import {
  analyseAll,
  type Catalog,
  type ColumnFingerprints,
  type LineageOptions,
  type QueryLineage,
  type RelationName,
} from './lineage.ts';
import { digest } from './meaning.ts';
import type { SyntaxTree } from './syntax-tree.ts';

/** Raise this when the analysis learns something, so that kept values of an older one are not read. */
const VERSION = 3;

/** What a model means, to be told apart from what it meant. */
export interface ModelAnalysis {
  /** Hash of `canonicalSql`; empty when DuckDB gives no tree, then hash the SQL itself. */
  readonly canonical: string;
  readonly determinism: Determinism;
  readonly lineage: QueryLineage;
  readonly fingerprints: ColumnFingerprints;
}

/** What is kept of a relation, as plain JSON: its columns, and of one with SQL its lineage. */
export interface KeptModel {
  readonly columns: readonly Column[];
  readonly lineage?: QueryLineage;
}

export function analyseModel(tree: SyntaxTree, catalog: Catalog, options: LineageOptions = {}): ModelAnalysis {
  const { lineage, fingerprints } = analyseAll(tree, catalog, options);
  return {
    canonical: tree.statements.length === 0 ? '' : digest(canonicalSql(tree)),
    determinism: deterministic(tree),
    lineage,
    fingerprints,
  };
}

/** Text to keep analyses in. Version and checksum stand before the JSON, so that reading need not check every field. */
export function writeKept(analyses: Readonly<Record<string, KeptModel>>): string {
  const body = JSON.stringify(analyses);
  return `${VERSION} ${digest(body)} ${body}`;
}

/** What `writeKept` wrote, or undefined when it is of another version or damaged: then analyse again. */
export function readKept(text: string): Readonly<Record<string, KeptModel>> | undefined {
  const body = text.slice(text.indexOf('{'));
  if (text !== `${VERSION} ${digest(body)} ${body}`) return undefined;
  // The checksum says that this version of `writeKept` wrote every byte of it.
  return JSON.parse(body) as Readonly<Record<string, KeptModel>>;
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

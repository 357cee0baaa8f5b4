/** Tables that SQL names and the project knows nothing of: nobody is told when their rows change. */
import type { NodeRelation } from '../../compile/compile.ts';
import { type Manifest, nodeOf } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { unquotedIdentifier } from '../../core/quote.ts';
import { LEDGER_SCHEMA } from '../../ledger/names.ts';
import { literalTables, type RelationName, type SyntaxTree } from '../../lineage/lineage.ts';
import { inputsOf } from '../../plan/plan-run.ts';

/** Without their places. */
export const tablesOf = (trees: readonly SyntaxTree[]): readonly RelationName[] =>
  trees.flatMap(literalTables).map(({ offset, ...name }): RelationName => name);

/** The relations that a node's SQL may name: its own and those of what it depends on, as they print. */
export function declaredTables(
  manifest: Manifest,
  id: NodeId,
  relationOf: (id: NodeId) => NodeRelation | undefined,
): readonly RelationName[] {
  return [id, ...inputsOf(manifest, id)].flatMap((each): readonly RelationName[] => {
    const node = nodeOf(manifest, each);
    const relation = relationOf(each);
    if (!node || !('schema' in node) || !relation) return [];
    const { database, schema, identifier } = relation;
    return [{ database, schema, name: identifier }, ...printedTables(relation.rendered)];
  });
}

/** Why a query may answer differently though none of its inputs changed. */
export function undeclaredTable(
  tables: readonly RelationName[],
  declared: readonly RelationName[],
): string | undefined {
  const found = tables.find((table) => !isOurs(table) && !declared.some((each) => isNamed(each, table)));
  if (found === undefined) return undefined;
  const name = [found.database, found.schema, found.name].filter((part) => part !== undefined).join('.');
  return `it reads ${name}, which is neither a source nor a ref() of it`;
}

/** Versions, in SQL that was rendered over them. */
const isOurs = ({ schema }: RelationName): boolean => schema === LEDGER_SCHEMA;

/** True when a table goes by this name as far as it was written out. */
const isNamed = (table: RelationName, written: RelationName): boolean =>
  (['database', 'schema', 'name'] as const).every(
    (part) => written[part] === undefined || written[part].toLowerCase() === table[part]?.toLowerCase(),
  );

const PART = '"(?:[^"]|"")*"';
const QUALIFIED = new RegExp(`(${PART})\\.(${PART})\\.(${PART})`, 'g');

/** A version, another environment's relation, those that a sample is chosen by. */
const printedTables = (rendered: string): readonly RelationName[] =>
  [...rendered.matchAll(QUALIFIED)].map(([, database = '', schema = '', name = '']) => ({
    database: unquotedIdentifier(database),
    schema: unquotedIdentifier(schema),
    name: unquotedIdentifier(name),
  }));

/** What a model's SQL proves about the rows it was built to, where nothing but that SQL can have made them. */
import type { Proof } from '../../checks/check-plan.ts';
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { Connection } from '../../engine/engine.ts';
import { literalTables, provenBy, relationKey } from '../../lineage/lineage.ts';
import { parsed } from '../opening/parsed-sql.ts';
import { isBuiltAsWritten } from './inherited-proofs.ts';

/** Words without which a query proves nothing worth reading it for. */
const PROMISING = /\b(group\s+by|distinct|union|row_number|coalesce|count|case|where|select\s+')/i;

/**
 * @param sql the model's query, as it was executed but for the names of relations
 * @param columnsOf the columns of another node as this run reads it; undefined: not known
 * @param hasOwnFunctions whether functions of the user's own may hide the engine's
 */
export async function sqlProofs(
  node: GraphNode,
  sql: string,
  manifest: Manifest,
  connection: Connection,
  columnsOf: (id: string) => Promise<readonly string[] | undefined>,
  hasOwnFunctions: () => Promise<boolean>,
): Promise<readonly Proof[]> {
  if (!isBuiltAsWritten(node) || node.config['sql_header'] || !PROMISING.test(sql)) return [];
  const [tree] = await parsed([sql], connection);
  if (!tree || tree.statements.length === 0) return [];
  const columns = new Map<string, readonly string[]>();
  if (sql.includes('*')) {
    const nodes = new Map(
      [...node.depends_on.nodes].flatMap((id) => {
        const parent = manifest.nodes[id];
        return parent
          ? [[relationKey({ database: parent.database, schema: parent.schema, name: parent.alias }), id]]
          : [];
      }),
    );
    for (const table of literalTables(tree)) {
      const id = nodes.get(relationKey(table));
      const known = id === undefined ? undefined : await columnsOf(id);
      if (known) columns.set(relationKey(table), known);
    }
  }
  const proofs = provenBy(tree, (table) => columns.get(relationKey(table)));
  return proofs.length > 0 && !(await hasOwnFunctions()) ? proofs : [];
}

/** True where the warehouse has functions or macros that are not the engine's, or a hook may make one. */
export async function ownFunctions(manifest: Manifest, connection: Connection): Promise<boolean> {
  const making = /\bcreate\b[^;]*\b(macro|function)\b/i;
  const texts = Object.values(manifest.nodes).map((node) =>
    node.resource_type === 'operation' || !isBuiltAsWritten(node)
      ? `${node.raw_code} ${JSON.stringify(node.config)}`
      : '',
  );
  if (texts.some((text) => making.test(text))) return true;
  const { rows } = await connection.query('select 1\nfrom duckdb_functions()\nwhere not internal\nlimit 1');
  return rows.length > 0;
}

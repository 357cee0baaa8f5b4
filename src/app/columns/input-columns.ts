/** The columns of a node's relation, whether it was built or not: unit tests type their rows by them. */
import { join } from 'node:path';
import type { CompileOutcome, NodeRelation } from '../../compile/compile.ts';
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import { EngineError } from '../../core/engine-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Column, Connection } from '../../engine/engine.ts';
import { seedOptions } from '../../plan/materializations.ts';
import type { ObjectOf } from '../../run/context.ts';
import { seedColumns } from '../../run/load-seed.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { Relations } from '../warehouse/relations.ts';
import { answering } from '../warehouse/warehouse-compiler.ts';

export interface ColumnSources {
  readonly opened: OpenedProject;
  readonly relations: Relations;
  readonly objectOf: ObjectOf;
  readonly connection: Connection;
}

/**
 * Of what stands there; else what the YAML says of every column; else what the node's SQL would give over its parents' columns, so that
 * no parent needs to be built. undefined when nobody can tell.
 */
export async function inputColumns(sources: ColumnSources, id: NodeId): Promise<readonly Column[] | undefined> {
  const { opened, relations, objectOf, connection } = sources;
  const node = opened.manifest.nodes[id];
  const ephemeral = node?.config.materialized === 'ephemeral';
  const rendered = ephemeral ? undefined : (objectOf(id) ?? relations.relation(id, objectOf)?.rendered);
  const standing = rendered === undefined ? undefined : await described(connection, `from ${rendered}`);
  if (standing || !node) return standing;
  const declared = declaredColumns(node);
  if (declared) return declared;
  if (node.resource_type === 'seed')
    return orUnknown(
      seedColumns(
        connection,
        join(node.root_path ?? opened.project.folder, node.original_file_path),
        seedOptions(node),
      ),
    );
  return ofItsSql(sources, node);
}

function declaredColumns(node: GraphNode): readonly Column[] | undefined {
  const columns = Object.values(node.columns);
  const typed = columns.flatMap(({ name, data_type }) => (data_type === null ? [] : [{ name, type: data_type }]));
  // Without a contract the list may be a part of the columns only.
  return node.contract.enforced && typed.length === columns.length && typed.length > 0 ? typed : undefined;
}

async function ofItsSql(sources: ColumnSources, node: GraphNode): Promise<readonly Column[] | undefined> {
  const { opened, relations, objectOf, connection } = sources;
  const parents = new Map<NodeId, string>();
  for (const parent of new Set(allInputs(opened.manifest, node.unique_id))) {
    const columns = await inputColumns(sources, parent);
    if (columns) parents.set(parent, emptyRelation(columns));
  }
  const relationOf = (id: NodeId): NodeRelation | undefined => {
    const relation = relations.relation(id, objectOf);
    const empty = parents.get(id);
    return relation && empty !== undefined ? { ...relation, rendered: empty } : relation;
  };
  const outcome = await answering<CompileOutcome>(
    (answers) => opened.compiler.compileNode(node.unique_id, { relationOf, answers }),
    connection,
    relations.known(objectOf),
  );
  return outcome.kind === 'compiled' ? described(connection, outcome.sql) : undefined;
}

/** The parents of a node, and of the ephemeral models whose SQL it takes in. */
function allInputs(manifest: Manifest, id: NodeId): readonly NodeId[] {
  return (manifest.parent_map[id] ?? []).flatMap((parent) =>
    manifest.nodes[parent]?.config.materialized === 'ephemeral' ? allInputs(manifest, parent) : [parent],
  );
}

/** A relation of no rows with these columns, as it can stand after FROM. */
export const emptyRelation = (columns: readonly Column[]): string =>
  `(select ${columns.map(({ name, type }) => `null::${type} as ${quotedIdentifier(name)}`).join(', ')} where false)`;

const described = (connection: Connection, sql: string): Promise<readonly Column[] | undefined> =>
  orUnknown(connection.describe(sql));

/** What is not there, or does not bind, has no columns anybody knows; whoever reads it says why. */
async function orUnknown(columns: Promise<readonly Column[]>): Promise<readonly Column[] | undefined> {
  try {
    return await columns;
  } catch (error) {
    if (error instanceof EngineError && error.kind !== 'interrupted') return undefined;
    throw error;
  }
}

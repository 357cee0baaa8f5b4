/**
 * Columns of models that stand as their code would build them now. The warehouse knows them, so DuckDB need not be asked to bind SQL that it
 * has bound already: of a project that was just built, none.
 */
import type { NodeId } from '../../core/node-id.ts';
import type { Column } from '../../engine/engine.ts';
import { type LedgerState, publishedVersion } from '../../ledger/records.ts';
import { codeFingerprint } from '../../plan/fingerprint.ts';
import { relationOf } from '../../plan/plan-run.ts';
import { type Inventory, inventoried } from '../artifacts/catalog.ts';
import { besideSql } from '../opening/hook-texts.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { hashOf, readFactsCache } from '../opening/parsed-sql.ts';
import { sessionFacts } from '../opening/session-facts.ts';
import { publicRelations } from '../warehouse/relations.ts';
import type { CompiledModel } from './compiled-models.ts';
import { declaredTables, undeclaredTable } from './undeclared-tables.ts';

/** Columns of the model's published version, if its code, and the columns of all it reads, are what they were when it was built. */
export type BuiltColumns = (id: NodeId, known: ReadonlyMap<NodeId, readonly Column[]>) => readonly Column[] | undefined;

export function builtColumns(
  opened: OpenedProject,
  compiled: ReadonlyMap<NodeId, CompiledModel>,
  { state, inventory }: { readonly state: LedgerState; readonly inventory: Inventory },
): BuiltColumns {
  const { nodes, sources } = opened.manifest;
  const cache = readFactsCache(opened.targetFolder);
  const { relationOf: publicName } = publicRelations(opened);
  const session = sessionFacts(opened);
  const found = new Map<NodeId, readonly Column[] | undefined>();
  const standing = (id: NodeId): readonly Column[] | undefined => {
    const node = nodes[id] ?? sources[id];
    if (node && !found.has(id))
      found.set(
        id,
        inventoried(inventory, node)?.columns.map(({ name, type }) => ({ name, type })),
      );
    return found.get(id);
  };
  const isCurrent = (id: NodeId): boolean => {
    const node = nodes[id];
    // What an incremental model's table has, and what a file keeps of types, is not what the SQL says.
    if (node?.resource_type !== 'model' || !['table', 'view'].includes(node.config.materialized)) return false;
    const version = publishedVersion(state, relationOf(node));
    const facts = cache.get(hashOf(compiled.get(id)?.fullSql ?? ''));
    // SQL that reads what nobody watches may have other columns today.
    if (!version || !facts || facts.nondeterministic !== null) return false;
    if (undeclaredTable(facts.tables ?? [], declaredTables(opened.manifest, id, publicName))) return false;
    return (
      version.code_fingerprint ===
      codeFingerprint(node, { canonicalSql: facts.canonical, extra: besideSql(node, opened, publicName, session) })
    );
  };
  return (id, known) => {
    const asItStood = (parent: NodeId): boolean => {
      const node = nodes[parent];
      if (node?.config.materialized === 'ephemeral') return node.depends_on.nodes.every(asItStood);
      return sameColumns(known.get(parent), standing(parent));
    };
    return isCurrent(id) && (nodes[id]?.depends_on.nodes ?? []).every(asItStood) ? standing(id) : undefined;
  };
}

const sameColumns = (left: readonly Column[] | undefined, right: readonly Column[] | undefined): boolean =>
  left !== undefined &&
  (left === right ||
    (left.length === right?.length &&
      left.every(({ name, type }, at) => name === right[at]?.name && type === right[at]?.type)));

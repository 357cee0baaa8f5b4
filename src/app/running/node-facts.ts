/** What is known of a node's code before anything is planned: its SQL in one spelling, what it varies by, which columns it uses. */
import type { CompileOutcome } from '../../compile/compile.ts';
import type { Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Column, Connection, Warehouse } from '../../engine/engine.ts';
import { type LedgerState, publishedVersion } from '../../ledger/records.ts';
import { namedTables } from '../../lineage/named-tables.ts';
import { knownCode, type NodeFacts } from '../../plan/fingerprint.ts';
import { inputsOf, relationOf } from '../../plan/plan-run.ts';
import type { ObjectOf } from '../../run/context.ts';
import { samplingOf } from '../columns/sampling.ts';
import { columnsUsed, sqlFacts, type UsedColumns } from '../columns/sql-facts.ts';
import { declaredTables, undeclaredTable } from '../columns/undeclared-tables.ts';
import type { CommonOptions } from '../contract.ts';
import { besideSql, hooksWriting, variesByHooks } from '../opening/hook-texts.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { FactsCache } from '../opening/parsed-sql.ts';
import { sampleWindow } from '../opening/sample-window.ts';
import { sessionFacts } from '../opening/session-facts.ts';
import { openWarehouseOf } from '../warehouse/live-warehouse.ts';
import { type Relations, relationsOf } from '../warehouse/relations.ts';
import { sourceName } from '../warehouse/source-names.ts';
import { externalRelation } from '../warehouse/source-relations.ts';
import { refusedLogs } from './tell-logs.ts';

/** What facts are asked with. */
export interface Asking {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly connection: Connection;
  readonly cache: FactsCache;
}

export const READS_TIME = 'its template reads the time of the run';

/** What identifies the code of nodes, where nothing is planned; undefined where it is known only when parents are built. */
export async function codesOf(
  request: Asking & {
    readonly warehouse: Warehouse;
    readonly ids: readonly NodeId[];
    readonly state: LedgerState;
    /** What their templates print for nodes that are read in another environment. */
    readonly deferred?: ReadonlyMap<NodeId, string>;
  },
): Promise<ReadonlyMap<NodeId, string | undefined>> {
  const { opened, options, ids, state } = request;
  const { manifest, project } = opened;
  const relations = relationsOf({
    manifest,
    folder: project.folder,
    state,
    empty: options.empty,
    sample: sampleWindow(options),
    sampling: await samplingOf(opened, options, openWarehouseOf(request.warehouse)),
    deferred: request.deferred ?? new Map(),
  });
  const facts = await factsOfNodes(request, ids, relations, state);
  return new Map(
    ids.flatMap((id) => {
      const node = manifest.nodes[id];
      return node ? [[id, knownCode(node, facts.get(id))] as const] : [];
    }),
  );
}

/** Renders every node with public names, which is what its fingerprint and `target/compiled` are made of. */
export async function factsOfNodes(
  request: Asking,
  ids: readonly NodeId[],
  relations: Relations,
  state: LedgerState,
): Promise<ReadonlyMap<NodeId, NodeFacts>> {
  const { opened, options, connection, cache } = request;
  const { manifest } = opened;
  const usedColumns = columnsUsedBy(request, state);
  const publicName: ObjectOf = (each) =>
    (each in manifest.sources ? undefined : manifest.nodes[each]?.relation_name) ?? undefined;
  const namesIn = (id: NodeId) => (each: NodeId) =>
    each === id ? relations.relation(each, publicName) : relations.input(each, publicName);
  const session = sessionFacts(opened);
  const rendered = ids.map((id) => {
    const node = manifest.nodes[id];
    const compile = (isIncremental: boolean): CompileOutcome =>
      opened.compiler.compileNode(id, { relationOf: namesIn(id), isIncremental });
    const first = compile(false);
    const other = node?.config.materialized === 'incremental' ? compile(true) : undefined;
    return { id, node, first, other };
  });
  const known = rendered.flatMap(({ id, first, other }) =>
    [first, other].flatMap((outcome) =>
      outcome?.kind === 'compiled' ? [withSourceNames(outcome.sql, id, opened)] : [],
    ),
  );
  const learnt = new Map((await sqlFacts(known, cache, connection)).map((each, index) => [known[index] ?? '', each]));
  return new Map(
    rendered.map(({ id, node, first, other: otherOutcome }): readonly [NodeId, NodeFacts] => {
      const sqlOf = (outcome: CompileOutcome | undefined) =>
        outcome?.kind === 'compiled' ? withSourceNames(outcome.sql, id, opened) : undefined;
      const [sql, otherSql] = [sqlOf(first), sqlOf(otherOutcome)];
      // A warning of its template that is to be an error is found by building it, as if it were new.
      const refused = [first, otherOutcome].some(
        (each) => each?.kind === 'compiled' && refusedLogs(each.logs, options).length > 0,
      );
      const complete = !refused && sql !== undefined && (otherOutcome === undefined || otherSql !== undefined);
      const own = sql === undefined ? undefined : learnt.get(sql);
      const other = otherSql === undefined ? undefined : learnt.get(otherSql);
      const readsTime = first.kind === 'compiled' && first.readsTime ? READS_TIME : undefined;
      const beside = node ? besideSql(node, opened, namesIn(id), session) : [];
      const tables = [
        ...[own, other].flatMap((facts) => facts?.tables ?? []),
        ...(node ? hooksWriting(node, beside) : []).flatMap(namedTables),
      ];
      return [
        id,
        {
          publicSql: first.kind === 'compiled' ? first.sql : undefined,
          canonicalSql: complete && node?.resource_type !== 'seed' ? own?.canonical : undefined,
          canonicalOther: other?.canonical,
          nondeterministic:
            readsTime ??
            own?.nondeterministic ??
            other?.nondeterministic ??
            undeclaredTable(tables, declaredTables(manifest, id, namesIn(id))) ??
            (node ? variesByHooks(node, beside) : undefined),
          usedColumns: async (parents) => (sql === undefined ? undefined : usedColumns(sql, parents)),
          isOrdered: node?.resource_type === 'seed' || own?.isOrdered === true,
          extra: node ? beside : null,
        },
      ];
    }),
  );
}

/**
 * Files of sources are inputs of their own, so in a fingerprint a source goes by its name wherever its files are; which of its rows are
 * read stays. Files that a node names itself are no input of it, also where some source is the same files.
 */
function withSourceNames(sql: string, id: NodeId, { manifest, project }: OpenedProject): string {
  if (!/\bread_\w+\(/.test(sql)) return sql;
  let text = sql;
  for (const input of inputsOf(manifest, id)) {
    const source = manifest.sources[input];
    const files = source && externalRelation(source, project.folder);
    if (source && files !== undefined) text = text.replaceAll(files, () => sourceName(source));
  }
  return text;
}

/** Answers which columns of its parents SQL uses; undefined where nobody can tell. */
function columnsUsedBy({ opened: { manifest }, connection }: Asking, state: LedgerState) {
  let known: ReadonlyMap<string, readonly Column[]> | undefined;
  return async (sql: string, parents: ReadonlyMap<NodeId, readonly Column[]>) => {
    known ??= publishedColumns(manifest, state);
    const columns = new Map([...known, ...namedColumns(manifest, parents)]);
    const used = await columnsUsed(
      sql,
      { columnsOf: ({ schema, name }) => columns.get(`${schema ?? ''}.${name}`.toLowerCase()) },
      connection,
    );
    return used && new Map([...parents.keys()].flatMap((id) => takenOf(used, manifest.nodes[id]?.alias ?? id, id)));
  };
}

/** A hook may read what the SQL does not. */
function takenOf(used: readonly UsedColumns[], alias: string, id: NodeId): readonly (readonly [NodeId, Set<string>])[] {
  const reads = used.filter(({ name }) => name === alias.toLowerCase());
  const columns = reads.flatMap((read) => (read.columns === 'all' ? [] : read.columns));
  return reads.length === 0 || reads.some((read) => read.columns === 'all') ? [] : [[id, new Set(columns)]];
}

const namedColumns = (manifest: Manifest, parents: ReadonlyMap<NodeId, readonly Column[]>) =>
  [...parents].flatMap(([id, columns]) => {
    const node = manifest.nodes[id];
    return node ? [[`${node.schema}.${node.alias}`.toLowerCase(), columns] as const] : [];
  });

/** By schema and name. */
const publishedColumns = (manifest: Manifest, state: LedgerState): ReadonlyMap<string, readonly Column[]> =>
  new Map(
    Object.values(manifest.nodes).flatMap((node) => {
      const version = node.relation_name === null ? undefined : publishedVersion(state, relationOf(node));
      return version?.columns.length ? [[`${node.schema}.${node.alias}`.toLowerCase(), version.columns] as const] : [];
    }),
  );

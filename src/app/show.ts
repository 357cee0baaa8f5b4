/** `dql show`: the first rows of nodes or of any query, over what is published. Builds and changes nothing. */

import type { GraphNode, SourceNode } from '../compile/manifest.ts';
import { cellAsJson } from '../compile/needs.ts';
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { Cell, Connection, QueryResult } from '../engine/engine.ts';
import { type Blamed, engineDiagnostic } from '../run/engine-diagnostic.ts';
import { compiledSql, inlineSql } from './compile.ts';
import type { CommonOptions, Hooks, ShowTable, UseCases } from './contract.ts';
import { chooseNodes, withoutTheirTests } from './opening/choose-nodes.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { type Looking, whileLooking } from './running/looking.ts';

export const show: UseCases['show'] = async (options, hooks) => {
  const opened = await openProject(options, 'show', hooks);
  const { inline, limit } = options;
  if (inline !== undefined) {
    const table = await whileLooking(opened, options, hooks, { ids: new Set() }, async (looking) => {
      const sql = await inlineSql(inline, opened, options, looking, hooks);
      const { connection } = await looking.look();
      return shown(null, 'inline', await firstRows(sql, limit, connection, inlineNode), limit);
    });
    return { tables: [table], warnings: opened.warnings };
  }
  if (options.select.length === 0 && options.selector === undefined) throw new DqlError([nothingChosen]);
  const chosen = chooseNodes(opened, withoutTheirTests(options), SHOWN);
  const tables = await whileLooking(opened, options, hooks, chosen, async (looking) => {
    const found: ShowTable[] = [];
    for (const id of opened.compiler.graph.topologicalOrder().filter((each) => chosen.ids.has(each))) {
      const node = opened.manifest.nodes[id] ?? opened.manifest.sources[id];
      if (!node || hooks.signal.aborted) continue;
      const sql = await queryOf(node, opened, options, looking, hooks);
      const { connection } = await looking.look();
      const blamed = node.resource_type === 'source' ? { ...inlineNode, ...fileOf(node) } : node;
      const name = node.resource_type === 'source' ? `${node.source_name}.${node.name}` : node.name;
      found.push(shown(id, name, await firstRows(sql, limit, connection, blamed), limit));
    }
    return found;
  });
  return { tables, warnings: [...opened.warnings, ...chosen.warnings] };
};

const SHOWN = ['model', 'seed', 'snapshot', 'source', 'test', 'analysis'];

const nothingChosen: Diagnostic = {
  code: 'show/nothing-chosen',
  severity: 'error',
  message: 'dql show needs to know what to show',
  hint: 'name it: `dql show -s orders`, or write a query: `dql show --inline "select 1"`',
};

/** A model as its SQL answers now; what has no SQL as it stands. */
async function queryOf(
  node: GraphNode | SourceNode,
  opened: OpenedProject,
  options: CommonOptions,
  looking: Looking,
  hooks: Hooks,
): Promise<string> {
  if (node.resource_type === 'source' || node.resource_type === 'seed' || node.resource_type === 'snapshot')
    return `select *\nfrom ${looking.publicName(node.unique_id)?.rendered ?? node.relation_name}`;
  const sql = await compiledSql(opened, options, looking, node, hooks);
  if (typeof sql !== 'string') throw new DqlError(sql, 1);
  return sql;
}

/** One row more than asked for tells whether there are more. */
async function firstRows(sql: string, limit: number, connection: Connection, blamed: Blamed): Promise<QueryResult> {
  const bare = sql.trim().replace(/;\s*$/, '');
  if (limit < 0) return answer(bare, connection, blamed);
  try {
    return await connection.query(`select *\nfrom (\n${bare}\n) as shown\nlimit ${limit + 1}`);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // DESCRIBE, SHOW and the like cannot stand in a subquery; of text that is no SQL this gives the error at its own place.
    if (error.kind === 'parser') return answer(bare, connection, blamed);
    throw refused(error, bare, blamed);
  }
}

async function answer(sql: string, connection: Connection, blamed: Blamed): Promise<QueryResult> {
  try {
    return await connection.query(sql);
  } catch (error) {
    throw error instanceof EngineError ? refused(error, sql, blamed) : error;
  }
}

function refused(error: EngineError, sql: string, blamed: Blamed): Error {
  if (error.kind === 'interrupted') return error;
  const diagnostic = engineDiagnostic(error, blamed, sql);
  return new DqlError([{ ...withPlace(diagnostic, blamed), hint: hintFor(error) ?? diagnostic.hint }], 1);
}

const withPlace = ({ at, ...rest }: Diagnostic, { original_file_path }: Blamed): Diagnostic =>
  at === undefined || original_file_path === inlineNode.original_file_path ? rest : { ...rest, at };

/** A relation that is not there is most often one that was not built yet. */
const hintFor = (error: EngineError): string | undefined =>
  error.kind === 'catalog' && /^(Catalog Error: )?Table\b/.test(error.message)
    ? 'show reads what is published: `dql build` it first'
    : undefined;

const inlineNode: Blamed = { resource_type: 'operation', name: 'inline', original_file_path: '<inline>', raw_code: '' };

const fileOf = ({ original_file_path, name }: SourceNode) => ({ original_file_path, name });

function shown(node: NodeId | null, name: string, { columns, rows }: QueryResult, limit: number): ShowTable {
  const truncated = limit >= 0 && rows.length > limit;
  return {
    node,
    name,
    columns,
    rows: (truncated ? rows.slice(0, limit) : rows).map((row) => row.map(asJson)),
    truncated,
  };
}

/** JSON has no NaN and no infinities. */
const asJson = (cell: Cell): Json =>
  typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : cellAsJson(cell);

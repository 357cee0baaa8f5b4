/** Compiles nodes and hooks over a run's objects. */
import type { Failed, NodeRelation, Rendered } from '../../compile/compile.ts';
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import { printedNames } from '../../compile/printed-names.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import type { Compiled, Compiler, ObjectOf, PostHook } from '../../run/context.ts';
import { sqlFacts } from '../columns/sql-facts.ts';
import { declaredTables, undeclaredTable } from '../columns/undeclared-tables.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { hookTexts } from '../opening/hook-texts.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { FactsCache } from '../opening/parsed-sql.ts';
import { answering } from '../warehouse/warehouse-compiler.ts';
import { batchValue } from './batch-value.ts';
import { READS_TIME } from './node-facts.ts';
import type { PreparedRun } from './prepare-run.ts';
import { refusedLogs, tellLogs } from './tell-logs.ts';

export interface RunCompilerParts {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly hooks: Hooks;
  readonly prepared: PreparedRun;
  readonly cache: FactsCache;
}

type HookRequest = Parameters<OpenedProject['compiler']['renderHook']>[2] & object;
type KnownRelations = Parameters<typeof answering>[2];

export function runCompiler({ opened, options, prepared, hooks, cache }: RunCompilerParts): Compiler {
  const { compiler, manifest } = opened;
  // SQL that is known only now names versions of this run: nobody needs its facts again.
  const learnt: FactsCache = new Map(cache);
  const { relations } = prepared;
  /** What a hook or an operation renders to, its logs told; diagnostics when it cannot, or may not. */
  const told = (id: NodeId, outcome: Rendered | Failed): string | Failed => {
    if (outcome.kind === 'failed') return outcome;
    const refused = refusedLogs(outcome.logs, options);
    if (refused.length > 0) return { kind: 'failed', diagnostics: refused };
    tellLogs(outcome.logs, id, hooks, options);
    return outcome.text;
  };
  const rendered = async (
    id: NodeId,
    text: string,
    request: HookRequest,
    connection: Connection,
    known: KnownRelations,
  ): Promise<string | Failed> =>
    told(id, await answering((answers) => compiler.renderHook(id, text, { ...request, answers }), connection, known));
  /** A post-hook that asks the warehouse must find its node built, so it is rendered then. */
  const hooksOf = async (
    node: GraphNode,
    key: 'pre' | 'post',
    request: HookRequest,
    connection: Connection,
    known: KnownRelations,
  ): Promise<readonly PostHook[] | Failed> => {
    const { unique_id: id } = node;
    const hooks: PostHook[] = [];
    for (const written of hookTexts(node, key)) {
      const anew = () => rendered(id, written, request, connection, known);
      const first = compiler.renderHook(id, written, request);
      if (first.kind === 'needs' && key === 'post') {
        hooks.push(anew);
        continue;
      }
      const text = first.kind === 'needs' ? await anew() : told(id, first);
      if (typeof text !== 'string') return text;
      if (text.trim() !== '') hooks.push(text);
    }
    return hooks;
  };
  return {
    async compile(id, request): Promise<Compiled> {
      const { objectOf, connection } = request;
      const varies = async (sql: string, readsTime: boolean): Promise<string | undefined> => {
        if (prepared.facts.get(id)?.canonicalSql !== undefined) return undefined;
        if (readsTime) return READS_TIME;
        const [facts] = await sqlFacts([sql], learnt, connection);
        return (
          facts?.nondeterministic ?? undeclaredTable(facts?.tables ?? [], declaredTables(manifest, id, relationOf))
        );
      };
      const names = printedNames((each) =>
        each === id ? relations.relation(each, objectOf) : relations.input(each, objectOf, request.batch?.window),
      );
      const { relationOf } = names;
      const known = relations.known(objectOf);
      const node = manifest.nodes[id];
      if (!node) throw new Error(`${id} is not in the manifest`);
      const batch = request.batch ? { batch: batchValue(request.batch) } : {};
      const outcome = await answering(
        (answers) => compiler.compileNode(id, { relationOf, isIncremental: request.isIncremental, answers, ...batch }),
        connection,
        known,
      );
      if (outcome.kind === 'failed') return outcome;
      const stopped = refusedLogs(outcome.logs, options);
      if (stopped.length > 0) return { kind: 'failed', diagnostics: stopped };
      tellLogs(outcome.logs, id, hooks, options);
      const own = relations.relation(id, objectOf);
      const thisRelation: NodeRelation | undefined = own && { ...own, rendered: request.thisInHooks };
      const asked = { relationOf, ...(thisRelation ? { thisRelation } : {}), isIncremental: request.isIncremental };
      const pre = await hooksOf(node, 'pre', asked, connection, known);
      if ('kind' in pre) return pre;
      const post = await hooksOf(node, 'post', asked, connection, known);
      if ('kind' in post) return post;
      const header = node.config['sql_header'];
      return {
        kind: 'sql',
        sql: outcome.kind === 'compiled' ? names.named(outcome.sql) : '',
        answers: JSON.parse(JSON.stringify(outcome.asked, bigintsAsText)) as Json,
        preHooks: pre.filter((hook) => typeof hook === 'string'),
        postHooks: post,
        header: typeof header === 'string' ? header : '',
        varies: outcome.kind === 'compiled' ? await varies(outcome.sql, outcome.readsTime) : undefined,
      };
    },
    async renderOperation(id, results, connection): Promise<Compiled> {
      const node = manifest.nodes[id];
      const objectOf: ObjectOf = () => undefined;
      const extra = {
        results: results as unknown as Json,
        schemas: schemasOf(manifest),
        database_schemas: databaseSchemasOf(manifest),
      }; // results are JSON
      const sql = await rendered(
        id,
        node?.raw_code ?? '',
        { relationOf: (each) => relations.relation(each, objectOf), extra },
        connection,
        relations.known(objectOf),
      );
      if (typeof sql !== 'string') return sql;
      return { kind: 'sql', sql, answers: null, preHooks: [], postHooks: [], header: '' };
    },
  };
}

const bigintsAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

const schemasOf = (manifest: Manifest): readonly string[] => [
  ...new Set(Object.values(manifest.nodes).flatMap((node) => (node.relation_name === null ? [] : [node.schema]))),
];

const databaseSchemasOf = (manifest: Manifest): readonly Json[] =>
  [
    ...new Set(
      Object.values(manifest.nodes).flatMap((node) =>
        node.relation_name === null ? [] : [JSON.stringify([node.database, node.schema])],
      ),
    ),
  ].map((pair) => JSON.parse(pair) as Json);

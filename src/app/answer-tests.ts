/** Runs data tests for a run: compiled by `compile`, planned and judged by `checks`, answered by the warehouse. */

import { type CheckSql, planCheck, planExample, planSingular } from '../checks/check.ts';
import type { CheckOutcome } from '../checks/execute-checks.ts';
import { executeChecks } from '../checks/execute-checks.ts';
import type { CheckHistory } from '../checks/history.ts';
import { type CheckPlan, planChecks } from '../checks/plan-checks.ts';
import { type GraphNode, isExample, type Manifest } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { type LedgerState, publishedVersion } from '../ledger/records.ts';
import { testFingerprint } from '../plan/fingerprint.ts';
import { inputsOf, relationOf } from '../plan/plan-run.ts';
import type { ObjectOf, Tester, TestOutcome } from '../run/context.ts';
import { engineDiagnostic } from '../run/engine-diagnostic.ts';
import { messageOf, nodeResult } from '../run/node-result.ts';
import { objectName } from '../run/progress.ts';
import type { RowSample } from '../run/results.ts';
import { relationFacts } from './test-relations.ts';

/** A test as the compiler leaves it: SQL of its own, or a check of the catalogue to be planned. */
export type CompiledTest =
  | { readonly kind: 'sql'; readonly sql: string }
  | {
      readonly kind: 'check';
      readonly name: string;
      readonly namespace: string | null;
      readonly kwargs: Readonly<Record<string, Json>>;
      readonly relation: string;
      readonly column: string | null;
    }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] };

export interface TestsRequest {
  readonly manifest: Manifest;
  readonly state: LedgerState;
  readonly compile: (id: NodeId, objectOf: ObjectOf, connection: Connection) => Promise<CompiledTest>;
  /** SQL of a node, for telling costly views from cheap ones. */
  readonly sqlOf: (id: NodeId) => string | undefined;
  /** Names of columns whose values are never shown. */
  readonly secretColumns: (id: NodeId) => readonly string[];
  readonly storeFailures: boolean | undefined;
  readonly warnError: boolean;
  /** What a unit test comes to besides the content it reads; undefined: never reuse its verdict. */
  readonly unitTestIdentity: (id: NodeId) => { readonly text: Json; readonly reads: readonly NodeId[] } | undefined;
  readonly runUnitTest: (id: NodeId, objectOf: ObjectOf, connection: Connection) => Promise<TestOutcome>;
  readonly now: Date;
}

interface Planned {
  readonly node: GraphNode;
  readonly check: CheckSql | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly subject: NodeId | undefined;
}

/** Plans of tests without running them, for `dql test --explain` and the tester itself. */
export async function planTests(
  request: TestsRequest,
  ids: readonly NodeId[],
  objectOf: ObjectOf,
  connection: Connection,
): Promise<{ readonly planned: readonly Planned[]; readonly plan: CheckPlan }> {
  const planned: Planned[] = [];
  // Tests of one relation ask for its columns once.
  const described = new Map<string, Promise<readonly Column[] | undefined>>();
  const columnsOf = (relation: string) => {
    const known = described.get(relation) ?? columnsIn(connection, relation);
    described.set(relation, known);
    return known;
  };
  for (const id of ids) {
    const node = request.manifest.nodes[id];
    if (node) planned.push(await planTest(request, node, objectOf, connection, columnsOf));
  }
  const checks = planned.flatMap(({ check }) => check ?? []);
  const facts = new Map(
    planned.flatMap(({ check, subject }) => {
      if (!check || subject === undefined) return [];
      const rows = publishedRows(request, subject);
      return [
        [
          check.relation,
          relationFacts(
            request.manifest,
            subject,
            check.relation,
            request.sqlOf(subject),
            rows,
            isNew(request, subject, check.relation),
          ),
        ] as const,
      ];
    }),
  );
  return { planned, plan: planChecks([...facts.values()], checks) };
}

/** True for what this run made: an older version may have been made before its contract was written. */
function isNew({ manifest, state }: TestsRequest, id: NodeId, relation: string): boolean {
  const node = manifest.nodes[id];
  if (!node || node.relation_name === null || relation === node.relation_name) return false;
  const published = publishedVersion(state, relationOf(node));
  return published === undefined || objectName(published, true) !== relation;
}

export function warehouseTester(request: TestsRequest): Tester {
  return {
    async run(ids, objectOf, contentOf, connection) {
      const units = ids.filter((id) => id in request.manifest.unit_tests);
      const outcomes: TestOutcome[] = [];
      for (const id of units)
        outcomes.push({
          ...(await request.runUnitTest(id, objectOf, connection)),
          fingerprint: fingerprintOf(request, id, contentOf) ?? '',
        });
      const { planned, plan } = await planTests(
        request,
        ids.filter((id) => !units.includes(id)),
        objectOf,
        connection,
      );
      for (const { node, check, diagnostics } of planned) if (!check) outcomes.push(unplannable(node, diagnostics));
      const byId = new Map(planned.map((each) => [each.node.unique_id, each]));
      const answered = await executeChecks(connection, plan, {
        now: request.now.toISOString(),
        warnError: request.warnError,
        secretColumns: (check) => request.secretColumns(byId.get(check.id)?.subject ?? ''),
      });
      for (const outcome of answered) {
        const test = byId.get(outcome.id);
        if (!test?.check) continue;
        await storeFailures(request, test.node, test.check, connection);
        outcomes.push(testOutcome(test, outcome, fingerprintOf(request, outcome.id, contentOf) ?? ''));
      }
      return outcomes;
    },
    fingerprint: (id, contentOf) => fingerprintOf(request, id, contentOf),
  };
}

/**
 * The test's own definition and what it reads. Definitions are compared as written (name, arguments, configuration, text), not as SQL
 * over version names, which change with every build. Tests that look at the clock or at history are never kept.
 */
function fingerprintOf(
  { manifest, unitTestIdentity }: TestsRequest,
  id: NodeId,
  contentOf: ObjectOf,
): string | undefined {
  const unit = id in manifest.unit_tests ? unitTestIdentity(id) : undefined;
  const node = manifest.nodes[id];
  const definition: Json | undefined = unit
    ? unit.text
    : node
      ? ([node.raw_code, (node.test_metadata ?? null) as Json, node.config as Json, node.column_name ?? null] as Json)
      : undefined;
  if (definition === undefined || (node && dependsOnTime(node))) return undefined;
  const reads = unit ? unit.reads : inputsOf(manifest, id);
  const contents: Record<NodeId, string> = {};
  for (const input of reads) {
    const content = contentOf(input);
    if (content === undefined) return undefined;
    contents[input] = content;
  }
  return testFingerprint('', definition, contents);
}

const TIMELY = new Set([
  'freshness',
  'freshness_sla',
  'execution_sla',
  'duration_sla',
  'volume_change',
  'volume_anomaly',
  'freshness_anomaly',
  'event_freshness_anomaly',
  'column_anomaly',
  'schema_unchanged',
  'not_in_future',
  'recency',
  'data_for_every_period',
]);

const dependsOnTime = (node: GraphNode): boolean =>
  TIMELY.has(node.test_metadata?.name ?? '') ||
  /\b(now|current_timestamp|current_date|today|random)\b/i.test(
    `${node.raw_code} ${JSON.stringify(node.test_metadata?.kwargs ?? {})}`,
  );

async function planTest(
  request: TestsRequest,
  node: GraphNode,
  objectOf: ObjectOf,
  connection: Connection,
  columnsOf: (relation: string) => Promise<readonly Column[] | undefined>,
): Promise<Planned> {
  const subject =
    node.attached_node ??
    (request.manifest.parent_map[node.unique_id]?.length === 1
      ? request.manifest.parent_map[node.unique_id]?.[0]
      : undefined);
  const span = { file: node.original_file_path, start: 0, end: 0 };
  const compiled = await request.compile(node.unique_id, objectOf, connection);
  if (compiled.kind === 'failed') return { node, check: undefined, diagnostics: compiled.diagnostics, subject };
  if (compiled.kind === 'sql') {
    const relation = subject === undefined ? undefined : objectOf(subject);
    const options = givenOptions(node.config);
    if (isExample(node)) {
      const example = planExample(compiled.sql, options, { id: node.unique_id, span });
      return { node, check: example.value, diagnostics: example.diagnostics, subject };
    }
    const checked = planSingular(compiled.sql, options, {
      id: node.unique_id,
      name: node.test_metadata?.name ?? 'singular',
      column: node.column_name ?? null,
      span,
      ...(relation && node.test_metadata ? { relation } : {}),
    });
    return { node, check: checked.value, diagnostics: checked.diagnostics, subject };
  }
  const columns = await columnsOf(compiled.relation);
  const checked = planCheck({
    id: node.unique_id,
    name: compiled.name,
    namespace: compiled.namespace,
    kwargs: compiled.kwargs,
    column: compiled.column,
    relation: compiled.relation,
    config: givenOptions(node.config),
    columns,
    now: request.now.toISOString(),
    history: subject === undefined ? undefined : historyOf(request, subject, node.unique_id),
    span,
  });
  return { node, check: checked.value, diagnostics: checked.diagnostics, subject };
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

/** undefined when the relation cannot be read: the test itself will say why. */
async function columnsIn(connection: Connection, relation: string): Promise<readonly Column[] | undefined> {
  try {
    return await connection.describe(`from ${relation}`);
  } catch (error) {
    if (error instanceof EngineError && error.kind !== 'interrupted') return undefined;
    throw error;
  }
}

function publishedRows({ manifest, state }: TestsRequest, id: NodeId): number | undefined {
  const node = manifest.nodes[id];
  return (node && publishedVersion(state, relationOf(node))?.rows) ?? undefined;
}

function historyOf({ manifest, state }: TestsRequest, id: NodeId, test: NodeId): CheckHistory {
  const node = manifest.nodes[id];
  if (!node) return {};
  const versions = [...(state.versions.get(relationOf(node)) ?? [])]
    .filter((version) => version.state === 'kept')
    .reverse();
  const last = state.tests.get(test);
  return {
    rowCounts: versions.flatMap((version) =>
      version.rows === null ? [] : [{ at: version.built_at, rows: version.rows }],
    ),
    ...(versions.at(-1)?.columns.length ? { previousColumns: versions.at(-1)?.columns ?? [] } : {}),
    values: typeof last?.value === 'number' ? [{ at: last.executed_at, value: last.value }] : [],
  };
}

function unplannable(node: GraphNode, diagnostics: readonly Diagnostic[]): TestOutcome {
  const facts = { verdict: 'error', diagnostics } as const;
  const result = nodeResult({
    id: node.unique_id,
    node,
    status: 'error',
    startedAt: 0,
    endedAt: 0,
    worker: 0,
    message: messageOf(diagnostics),
    facts,
  });
  return { id: node.unique_id, result, blocks: true, fingerprint: '', seconds: 0 };
}

function testOutcome({ node, check }: Planned, judged: CheckOutcome, fingerprint: string): TestOutcome {
  // All that an example can do wrong is not to run, so that is what its severity is about.
  const warns = isExample(node) && judged.status === 'error' && /^warn$/i.test(String(node.config['severity']));
  const outcome: CheckOutcome = warns ? { ...judged, verdict: 'warn', status: 'warn' } : judged;
  const diagnostics = outcome.error ? [engineDiagnostic(outcome.error, node, check?.failing ?? '')] : undefined;
  const sample = outcome.sample as RowSample | undefined; // the room's own sample has the same shape
  const hint = node.config['hint'] ?? node.meta['hint'];
  const result = nodeResult({
    id: node.unique_id,
    node,
    status: outcome.status,
    startedAt: 0,
    endedAt: 0,
    worker: 0,
    message: outcome.message,
    failures: outcome.failures,
    compiledCode: check?.failing,
    facts: {
      verdict: outcome.verdict,
      ...(outcome.considered === null ? {} : { considered: outcome.considered }),
      ...(outcome.value === null ? {} : { value: outcome.value }),
      ...(sample ? { sample } : {}),
      ...(typeof hint === 'string' ? { hint } : {}),
      ...(diagnostics ? { diagnostics } : {}),
    },
  });
  return {
    id: node.unique_id,
    result,
    blocks: outcome.status === 'fail' || outcome.status === 'error',
    fingerprint,
    seconds: outcome.milliseconds / 1000,
  };
}

/**
 * `store_failures`: the failing rows as a table in dbt's audit schema, also when the tested node is held. It never blocks: what cannot
 * be stored could not be read either, and the test has said so.
 */
async function storeFailures(
  request: TestsRequest,
  node: GraphNode,
  check: CheckSql,
  connection: Connection,
): Promise<void> {
  const stores = request.storeFailures ?? node.config['store_failures'] === true;
  const as = node.config['store_failures_as'];
  if (!(stores || as === 'table' || as === 'view') || (as === 'ephemeral' && !stores)) return;
  const schema = `${quotedIdentifier(node.database)}.${quotedIdentifier(node.schema)}`;
  // dbt keeps this one column; ours shows people more.
  const rows = check.name === 'relationships' ? `select from_field\nfrom (\n${check.failing}\n)` : check.failing;
  try {
    await connection.run(`create schema if not exists ${schema}`);
    await connection.run(
      `create or replace ${as === 'view' ? 'view' : 'table'} ${schema}.${quotedIdentifier(node.alias)} as\n${rows}`,
      check.usesNow ? [request.now.toISOString()] : [],
    );
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
  }
}

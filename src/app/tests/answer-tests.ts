/** Runs data tests for a run: compiled by `compile`, planned and judged by `checks`, answered by the warehouse. */

import { type CheckSql, planCheck } from '../../checks/check.ts';
import type { CheckPlan, Proof, RelationFacts } from '../../checks/check-plan.ts';
import type { CheckOutcome } from '../../checks/execute-checks.ts';
import { executeChecks } from '../../checks/execute-checks.ts';
import { planChecks } from '../../checks/plan-checks.ts';
import { NOTHING_HIDDEN } from '../../checks/sample.ts';
import type { Compiler } from '../../compile/compile.ts';
import { type GraphNode, isExample } from '../../compile/manifest.ts';
import { testedNode } from '../../compile/tested-node.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { EngineError, PASSING } from '../../core/engine-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Column, Connection } from '../../engine/engine.ts';
import { publishedVersion } from '../../ledger/records.ts';
import { relationOf } from '../../plan/plan-run.ts';
import type { ObjectOf, Tested, Tester, TestOutcome } from '../../run/context.ts';
import { engineDiagnostic } from '../../run/engine-diagnostic.ts';
import { messageOf, nodeResult } from '../../run/node-result.ts';
import { objectName } from '../../run/progress.ts';
import type { RowSample } from '../../run/results.ts';
import { toldError, toldMessage } from '../../run/told-error.ts';
import { InheritedProofs } from '../columns/inherited-proofs.ts';
import type { SecretColumns, ShownTest } from '../columns/secret-columns.ts';
import { ownFunctions, sqlProofs } from '../columns/sql-proofs.ts';
import { relationFacts, type SqlOf } from '../warehouse/test-relations.ts';
import type { CompiledTest } from './compile-test.ts';
import { calledOf, givenOptions, planQuery } from './query-test.ts';
import { storeFailures } from './store-failures.ts';
import { pastOf, type Remembered, testHistory } from './test-history.ts';
import { fingerprintOf, type IdentityOf } from './test-identity.ts';

export interface TestsRequest extends Remembered {
  readonly compile: (id: NodeId, objectOf: ObjectOf, connection: Connection) => Promise<CompiledTest>;
  /** SQL of a node, for telling costly views from cheap ones. */
  readonly sqlOf: SqlOf;
  /** What is masked in failing rows; undefined where none are shown. */
  readonly secretColumns?: SecretColumns;
  readonly storeFailures: boolean | undefined;
  /** The run in the ledger. */
  readonly runId: string;
  readonly warnError: boolean;
  readonly placeOf: Compiler['placeOf'];
  /** Hears of what went wrong beside the tests. */
  readonly warn: (warning: Diagnostic) => void;
  readonly identityOf: IdentityOf;
  readonly runUnitTest: (id: NodeId, objectOf: ObjectOf, connection: Connection) => Promise<TestOutcome>;
  readonly now: Date;
}

interface Planned {
  readonly node: GraphNode;
  readonly check: CheckSql | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly subject: NodeId | undefined;
  /** SQL of its own, not a check of the catalogue. */
  readonly isQuery?: boolean;
}

/** Plans of tests without running them, for `dql test --explain` and the tester itself. */
export async function planTests(
  request: TestsRequest,
  ids: readonly NodeId[],
  tested: Pick<Tested, 'objectOf'> & Partial<Tested>,
  connection: Connection,
  proofsOf: ProofsOf = async () => new Map(),
): Promise<{ readonly planned: readonly Planned[]; readonly plan: CheckPlan }> {
  const planned: Planned[] = [];
  // Tests of one relation ask for its columns once.
  const described = new Map<string, Promise<readonly Column[] | undefined>>();
  const columnsOf = (relation: string) => {
    const known = described.get(relation) ?? columnsIn(connection, relation, tested.columns);
    described.set(relation, known);
    return known;
  };
  for (const id of ids) {
    const node = request.manifest.nodes[id];
    if (node) planned.push(await planTest(request, node, tested.objectOf, connection, columnsOf));
  }
  const checks = planned.flatMap(({ check }) => check ?? []);
  const provenBySql = async (subject: NodeId, relation: string): Promise<readonly Proof[]> => {
    const node = request.manifest.nodes[subject];
    const sql = request.sqlOf(subject);
    const claims = checks.some(
      (check) => check.relation === relation && 'claim' in check.question && check.question.claim,
    );
    if (!node || sql === undefined || !claims) return [];
    const names = async (id: NodeId) => {
      const object = tested.objectOf(id);
      return object === undefined ? undefined : (await columnsOf(object))?.map(({ name }) => name);
    };
    return sqlProofs(node, sql, request.manifest, connection, names, () => ownFunctionsOnce(request, connection));
  };
  const proved = await proofsOf(planned, columnsOf);
  const facts = new Map<string, RelationFacts>();
  // A query in `tests/` names its relations itself.
  for (const { check, subject } of planned)
    if (check && check.relation !== '' && subject !== undefined && !facts.has(check.relation)) {
      const object = tested.objectOf(subject) ?? check.relation;
      facts.set(check.relation, {
        ...relationFacts(
          request.manifest,
          subject,
          check.relation,
          request.sqlOf,
          tested.rowsOf?.(subject) ?? publishedRows(request, subject),
          isNew(request, subject, object) ? await provenBySql(subject, check.relation) : undefined,
        ),
        columns: (await columnsOf(check.relation))?.map(({ name }) => name),
        slice: sliceOf(request, tested, subject, checks),
        proved,
      });
    }
  return { planned, plan: planChecks([...facts.values()], checks) };
}

/** Asked once a run: listing the functions takes longer than most tests. */
const OWN_FUNCTIONS = new WeakMap<TestsRequest, Promise<boolean>>();
function ownFunctionsOnce(request: TestsRequest, connection: Connection): Promise<boolean> {
  const known = OWN_FUNCTIONS.get(request) ?? ownFunctions(request.manifest, connection);
  OWN_FUNCTIONS.set(request, known);
  return known;
}

/** The new rows of an incremental model, and the tests that passed on all its other rows when they were published. */
function sliceOf(
  request: TestsRequest,
  { changeOf, contentOf = () => undefined }: Partial<Tested>,
  subject: NodeId,
  checks: readonly CheckSql[],
): RelationFacts['slice'] {
  const change = changeOf?.(subject);
  if (!change) return undefined;
  const before: ObjectOf = (id) => (id === subject ? change.before : contentOf(id));
  const passed = checks.filter(({ id }) => {
    const last = request.state.tests.get(id);
    if (last?.status !== 'pass' || last.failures !== 0 || request.identityOf(id)?.passesUntil) return false;
    return last.fingerprint === fingerprintOf(request, id, before);
  });
  return { relation: change.slice, passedBefore: new Set(passed.map(({ id }) => id)) };
}

type ProofsOf = (
  planned: readonly Planned[],
  columnsOf: (relation: string) => Promise<readonly Column[] | undefined>,
) => Promise<ReadonlyMap<NodeId, string>>;

/** True for what this run made: an older version may have been made before its contract was written. */
function isNew({ manifest, state }: TestsRequest, id: NodeId, relation: string): boolean {
  const node = manifest.nodes[id];
  if (!node || node.relation_name === null || relation === node.relation_name) return false;
  const published = publishedVersion(state, relationOf(node));
  return published === undefined || objectName(published, true) !== relation;
}

export function warehouseTester(request: TestsRequest): Tester {
  const proofs = new InheritedProofs(request.manifest, request.sqlOf);
  /** Fingerprints of tests that found no failure in this run. */
  const passed = new Map<NodeId, string>();
  return {
    async run(ids, tested, connection) {
      const { objectOf, contentOf, rowsOf = () => undefined } = tested;
      const proofsOf: ProofsOf = (planned, columnsOf) =>
        proofs.of(
          planned.flatMap(({ node, check, subject }) =>
            check && subject !== undefined ? [{ node, check, subject }] : [],
          ),
          {
            objectOf,
            rowsOf,
            columnsOf,
            connection,
            isNew: (id) => isNew(request, id, objectOf(id) ?? ''),
            isTrue: (test) => {
              const fingerprint = fingerprintOf(request, test, contentOf);
              if (fingerprint === undefined || fingerprint === '' || request.identityOf(test)?.passesUntil)
                return false;
              const last = request.state.tests.get(test);
              return (
                passed.get(test) === fingerprint ||
                (last?.fingerprint === fingerprint && last.status === 'pass' && last.failures === 0)
              );
            },
          },
        );
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
        tested,
        connection,
        proofsOf,
      );
      for (const { node, check, diagnostics } of planned) if (!check) outcomes.push(unplannable(node, diagnostics));
      const byId = new Map(planned.map((each) => [each.node.unique_id, each]));
      const answered = await executeChecks(connection, plan, {
        now: request.now.toISOString(),
        warnError: request.warnError,
        secretColumns: async (check, columns) =>
          (await request.secretColumns?.ofTest(shownTest(request, byId.get(check.id), check, connection), columns)) ??
          NOTHING_HIDDEN,
      });
      for (const outcome of answered) {
        const test = byId.get(outcome.id);
        if (!test?.check) continue;
        if (!outcome.error) {
          const warning = await storeFailures(
            {
              node: test.node,
              check: test.check,
              asked: request.storeFailures,
              hasFailures: (outcome.violations ?? 0) > 0,
              now: request.now,
              runId: request.runId,
              at: request.placeOf(test.node.unique_id),
              manifest: request.manifest,
            },
            connection,
          );
          if (warning) request.warn(warning);
        }
        const fingerprint = fingerprintOf(request, outcome.id, contentOf) ?? '';
        if (outcome.status === 'pass' && outcome.failures === 0) passed.set(outcome.id, fingerprint);
        outcomes.push(testOutcome(request, test, outcome, fingerprint));
      }
      return outcomes;
    },
    fingerprint: (id, contentOf) => fingerprintOf(request, id, contentOf),
  };
}

/** What tells which of its rows' columns are secret. */
export function shownTest(
  { compile, manifest }: Pick<TestsRequest, 'compile' | 'manifest'>,
  planned: Pick<Planned, 'node' | 'subject' | 'isQuery'> | undefined,
  check: CheckSql,
  connection: Connection,
): ShownTest {
  const publicName: ObjectOf = (id) => manifest.nodes[id]?.relation_name ?? undefined;
  const sql = async () => {
    const compiled = await compile(check.id, publicName, connection);
    const node = manifest.nodes[check.id];
    if (compiled.kind !== 'sql' || node === undefined) return undefined;
    // What an example shows is what its query selects; other tests may count its rows by groups.
    if (isExample(node)) return compiled.sql;
    const span = { file: node.original_file_path, start: 0, end: 0 };
    return planQuery({ ...compiled, node, manifest, span }).value?.failing;
  };
  return { id: check.id, check, subject: planned?.subject, sql: planned?.isQuery ? sql : undefined, connection };
}

async function planTest(
  request: TestsRequest,
  node: GraphNode,
  objectOf: ObjectOf,
  connection: Connection,
  columnsOf: (relation: string) => Promise<readonly Column[] | undefined>,
): Promise<Planned> {
  const subject = testedNode(node, request.manifest);
  const span = request.placeOf(node.unique_id) ?? { file: node.original_file_path, start: 0, end: 0 };
  const compiled = await request.compile(node.unique_id, objectOf, connection);
  if (compiled.kind === 'failed') return { node, check: undefined, diagnostics: compiled.diagnostics, subject };
  if (compiled.kind === 'sql') {
    const relation = subject === undefined ? undefined : objectOf(subject);
    const checked = planQuery({
      ...compiled,
      node,
      manifest: request.manifest,
      span,
      relation: node.test_metadata && relation,
    });
    return { node, check: checked.value, diagnostics: checked.diagnostics, subject, isQuery: true };
  }
  const columns = await columnsOf(compiled.relation);
  const checked = planCheck({
    id: node.unique_id,
    name: compiled.name,
    namespace: compiled.namespace,
    kwargs: compiled.kwargs,
    column: compiled.column,
    relation: compiled.relation,
    called: subject && calledOf(request.manifest, subject),
    config: givenOptions(node.config),
    columns,
    now: request.now.toISOString(),
    history:
      subject === undefined
        ? undefined
        : await testHistory(request, node, subject, isNew(request, subject, compiled.relation), connection),
    span,
  });
  return { node, check: checked.value, diagnostics: checked.diagnostics, subject };
}

/** undefined when the relation cannot be read: the test itself will say why. */
async function columnsIn(
  connection: Connection,
  relation: string,
  known: Tested['columns'],
): Promise<readonly Column[] | undefined> {
  try {
    const columns = known?.get(relation) ?? (await connection.describe(`from ${relation}`));
    known?.set(relation, columns);
    return columns;
  } catch (error) {
    if (error instanceof EngineError && error.kind !== 'interrupted') return undefined;
    throw error;
  }
}

function publishedRows({ manifest, state }: TestsRequest, id: NodeId): number | undefined {
  const node = manifest.nodes[id];
  const version = node && publishedVersion(state, relationOf(node));
  // A delta counts its slice.
  return version === undefined || version.physical.kind === 'delta' ? undefined : (version.rows ?? undefined);
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

/** Of a verdict that the clock or the ledger may change over the same rows. */
function holdsUntil({ identityOf, now }: TestsRequest, { id, verdict, failures, value }: CheckOutcome): string | null {
  const passes = identityOf(id)?.passesUntil;
  if (!passes) return null;
  const until = verdict === 'pass' && failures === 0 ? passes(value, now.getTime()) : now.getTime();
  return until === Number.POSITIVE_INFINITY ? null : new Date(Math.min(until, LATEST_MS)).toISOString();
}

/** 9999-12-31: later years have more digits. */
const LATEST_MS = 253_402_214_400_000;

function testOutcome(
  request: TestsRequest,
  { node, check }: Planned,
  judged: CheckOutcome,
  fingerprint: string,
): TestOutcome {
  // All that an example can do wrong is not to run, so that is what its severity is about.
  const warns = isExample(node) && judged.status === 'error' && /^warn$/i.test(String(node.config['severity']));
  const outcome: CheckOutcome = warns ? { ...judged, verdict: 'warn', status: 'warn' } : judged;
  const { manifest } = request;
  const found =
    outcome.error &&
    engineDiagnostic(toldError(outcome.error, manifest, [node.unique_id]), node, check?.failing ?? '', manifest);
  // A test that YAML asks for is wrong there, not at the first line of the file.
  const diagnostics = found && [found.at?.end ? found : { ...found, at: request.placeOf(node.unique_id) ?? found.at }];
  const sample = outcome.sample as RowSample | undefined; // the room's own sample has the same shape
  const result = nodeResult({
    id: node.unique_id,
    node,
    status: outcome.status,
    startedAt: 0,
    endedAt: 0,
    worker: 0,
    message: outcome.message === null ? null : toldMessage(outcome.message, manifest, [node.unique_id]),
    failures: outcome.failures,
    compiledCode: check?.failing,
    facts: {
      verdict: outcome.verdict,
      ...(outcome.verdict === 'proved' ? { reason: outcome.because } : {}),
      strategy: outcome.strategy,
      because: outcome.because,
      ...(outcome.considered === null ? {} : { considered: outcome.considered }),
      ...(outcome.value === null ? {} : { value: outcome.value }),
      ...(sample ? { sample } : {}),
      ...(diagnostics ? { diagnostics } : {}),
    },
  });
  return {
    id: node.unique_id,
    result,
    blocks: (outcome.status === 'fail' || outcome.status === 'error') && pastOf(node) !== 'runs',
    fingerprint,
    holdsUntil: holdsUntil(request, outcome),
    seconds: outcome.milliseconds / 1000,
    passing: outcome.error && PASSING.has(outcome.error.kind) ? outcome.error.message : undefined,
  };
}

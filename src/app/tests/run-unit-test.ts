/** Runs one unit test: the model's SQL over given rows instead of its parents. Nothing needs to be built. */
import { executeUnitTest, type UnitTestInput, type UnitTestOutcome } from '../../checks/unit-test.ts';
import {
  type CompileOutcome,
  type CompileRequest,
  callInText,
  cteName,
  type NodeRelation,
} from '../../compile/compile.ts';
import type { GraphNode, UnitTestNode } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { EngineError } from '../../core/engine-error.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Span } from '../../core/source.ts';
import type { Connection } from '../../engine/engine.ts';
import { callsVarying } from '../../lineage/determinism.ts';
import { inputsOf as inputsOfNode } from '../../plan/plan-run.ts';
import type { ObjectOf, TestOutcome } from '../../run/context.ts';
import { engineDiagnostic } from '../../run/engine-diagnostic.ts';
import { messageOf, nodeResult } from '../../run/node-result.ts';
import { inputColumns } from '../columns/input-columns.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { Relations } from '../warehouse/relations.ts';
import { answering } from '../warehouse/warehouse-compiler.ts';
import { macroTestIdentity, runMacroTest } from './run-macro-test.ts';
import { overridesOf } from './unit-test-overrides.ts';

export async function runUnitTest(
  opened: OpenedProject,
  relations: Relations,
  id: NodeId,
  objectOf: ObjectOf,
  connection: Connection,
): Promise<TestOutcome> {
  const startedAt = Date.now();
  const answer = await tried(opened, relations, id, objectOf, connection);
  const endedAt = Date.now();
  const failed = 'diagnostics' in answer;
  const status = failed ? 'error' : answer.status;
  const result = nodeResult({
    id,
    node: undefined,
    status,
    startedAt,
    endedAt,
    worker: 0,
    message: failed ? messageOf(answer.diagnostics) : answer.message,
    failures: failed ? null : answer.failures,
    compiledCode: failed ? null : answer.sql,
    facts: failed ? { verdict: 'error', diagnostics: answer.diagnostics } : { verdict: answer.status },
  });
  return { id, result, blocks: status !== 'pass', fingerprint: '', seconds: (endedAt - startedAt) / 1000 };
}

/** The unit test's own text and the model's, and what gives its inputs their types: its verdict holds while these stay. */
export function unitTestIdentity(
  opened: OpenedProject,
  id: NodeId,
): { readonly text: Json; readonly reads: readonly NodeId[] } | undefined {
  const test = opened.manifest.unit_tests[id];
  if (test?.args !== undefined) {
    const text = macroTestIdentity(opened, test);
    return text === undefined ? undefined : { text, reads: [] };
  }
  const model = test && testedModel(opened, test);
  if (!test || !model) return undefined;
  const inputs = inputsOf(opened, test, model);
  const outcome = opened.compiler.compileNode(model.unique_id, requestFor(opened, test, model, inputs));
  if (outcome.kind !== 'compiled' || outcome.readsTime || callsVarying(outcome.code)) return undefined;
  const { nodes } = opened.manifest;
  const read = inputs.map(({ node }) => node).filter((node) => node !== model.unique_id);
  const isEphemeral = (node: NodeId): boolean => nodes[node]?.config.materialized === 'ephemeral';
  return {
    // Given, expected and overridden values come from YAML: they are JSON.
    text: [
      outcome.code,
      test.given as unknown as Json,
      test.expect as unknown as Json,
      test.overrides,
      // An ephemeral model has no content of its own: its columns follow from its SQL and what that reads.
      read.filter(isEphemeral).map((node) => nodes[node]?.raw_code ?? null),
    ],
    reads: read.flatMap((node) => (isEphemeral(node) ? inputsOfNode(opened.manifest, node) : [node])),
  };
}

type Failed = { readonly diagnostics: readonly Diagnostic[] };

async function tried(
  opened: OpenedProject,
  relations: Relations,
  id: NodeId,
  objectOf: ObjectOf,
  connection: Connection,
): Promise<UnitTestOutcome | Failed> {
  const test = opened.manifest.unit_tests[id];
  if (test?.args !== undefined) return runMacroTest(opened, relations, test, objectOf, connection);
  const model = test && testedModel(opened, test);
  if (!test || !model) throw new Error(`${id} is not a unit test of a model`);
  const given = inputsOf(opened, test, model);
  const outcome = await answering<CompileOutcome>(
    (answers) => opened.compiler.compileNode(model.unique_id, { ...requestFor(opened, test, model, given), answers }),
    connection,
    relations.known(objectOf),
  );
  if (outcome.kind === 'failed') return outcome;
  if (outcome.kind !== 'compiled') throw new Error(`${model.unique_id} is not a model`);
  const missing = notGiven(opened, test, model, given, outcome);
  if (missing.length > 0) return { diagnostics: missing };
  const sources = { opened, relations, objectOf, connection };
  const inputs: UnitTestInput[] = [];
  for (const { input, as, node, fixture } of given) {
    const given = await renderedRows(sources, test, fixture);
    if ('diagnostics' in given) return given;
    inputs.push({ input, as, fixture: given, columns: await inputColumns(sources, node) });
  }
  try {
    const { value, diagnostics } = await executeUnitTest(connection, {
      name: test.name,
      model: outcome.code,
      inputs,
      expect: test.expect,
      span: placeOf(opened, test),
    });
    return value ?? { diagnostics };
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    const told = engineDiagnostic(error, model, outcome.code);
    // Where nothing in the model's text is at fault, it is the given rows as likely.
    const at = told.at?.end === 0 ? placeOf(opened, test) : told.at;
    return { diagnostics: [{ ...told, at, notes: [`in unit test \`${test.name}\``] }] };
  }
}

/** Rows that are given as SQL may be a template. */
async function renderedRows(
  { opened, relations, objectOf, connection }: Parameters<typeof inputColumns>[0],
  test: UnitTestNode,
  fixture: UnitTestNode['given'][number],
): Promise<UnitTestNode['given'][number] | Failed> {
  const { format, rows } = fixture;
  if (format !== 'sql' || typeof rows !== 'string' || !/\{[{%#]/.test(rows)) return fixture;
  const outcome = await answering<CompileOutcome>(
    (answers) => opened.compiler.compileInline(rows, { answers, overrides: overridesOf(test) }),
    connection,
    relations.known(objectOf),
  );
  if (outcome.kind === 'failed') return outcome;
  return outcome.kind === 'compiled' ? { ...fixture, rows: outcome.sql } : fixture;
}

const testedModel = ({ manifest }: OpenedProject, test: UnitTestNode): GraphNode | undefined =>
  manifest.nodes[test.depends_on.nodes[0] ?? ''];

const placeOf = ({ compiler }: OpenedProject, test: UnitTestNode): Span =>
  compiler.placeOf(test.unique_id) ?? { file: test.original_file_path, start: 0, end: 0 };

interface GivenInput {
  /** As written: `ref('orders')`. */
  readonly input: string;
  /** The CTE that stands for it. */
  readonly as: string;
  readonly node: NodeId;
  readonly fixture: UnitTestNode['given'][number];
}

function inputsOf(opened: OpenedProject, test: UnitTestNode, model: GraphNode): readonly GivenInput[] {
  const { compiler, manifest } = opened;
  const taken = new Set<string>();
  return test.given.map((fixture) => {
    const call = callInText(fixture.input);
    const node = call?.kind === 'this' ? model.unique_id : call && compiler.resolve(call, test.package_name);
    if (node === undefined) throw new Error(`${test.unique_id} was linked although ${fixture.input} is nothing`);
    const identifier = manifest.nodes[node]?.alias ?? manifest.sources[node]?.identifier ?? fixture.input;
    let as = cteName(identifier);
    // Two sources may have tables of one name. (An ephemeral model's CTE keeps its name: the compiler writes it.)
    for (let twin = 2; taken.has(as); twin++) as = `${cteName(identifier)}_${twin}`;
    taken.add(as);
    return { input: fixture.input, as, node, fixture };
  });
}

/** A model that reads itself (`this`) when nobody gave it rows of itself. */
const OWN = '__dbt__cte__this_is_not_given';

/** The model with its inputs in place of its parents, and what the test overrides. */
function requestFor(
  { manifest }: OpenedProject,
  test: UnitTestNode,
  model: GraphNode,
  given: readonly GivenInput[],
): CompileRequest {
  const byNode = new Map(given.map((input) => [input.node, input.as]));
  const standIn = (id: NodeId, name: string): NodeRelation => {
    const node = manifest.nodes[id] ?? manifest.sources[id];
    const identifier = manifest.nodes[id]?.alias ?? manifest.sources[id]?.identifier ?? id;
    const { database = '', schema = '' } = node ?? {};
    return { database, schema, identifier, rendered: quotedIdentifier(byNode.get(id) ?? name) };
  };
  return {
    relationOf: (id) => standIn(id, id === model.unique_id ? OWN : `${NOT_GIVEN}${id}`),
    thisRelation: standIn(model.unique_id, OWN),
    overrides: overridesOf(test),
  };
}

const NOT_GIVEN = '__dbt__cte__not_given_';

/** Every relation the model reads must be given: a unit test that reads real rows would pass or fail by accident. */
function notGiven(
  opened: OpenedProject,
  test: UnitTestNode,
  model: GraphNode,
  given: readonly GivenInput[],
  outcome: Extract<CompileOutcome, { readonly kind: 'compiled' }>,
): readonly Diagnostic[] {
  const { manifest } = opened;
  const known = new Set(given.map(({ node }) => node));
  const missing = model.depends_on.nodes.filter(
    (id) => !known.has(id) && (outcome.code.includes(`${NOT_GIVEN}${id}`) || outcome.ctes.some((cte) => cte.id === id)),
  );
  const calls = missing.map((id) => {
    const source = manifest.sources[id];
    return source ? `source('${source.source_name}', '${source.name}')` : `ref('${manifest.nodes[id]?.name ?? id}')`;
  });
  if (outcome.code.includes(OWN)) calls.push('this');
  return calls.map((call) => ({
    code: 'compile/input-not-given',
    severity: 'error',
    message: `unit test \`${test.name}\` gives no rows for ${call}, which \`${model.name}\` reads`,
    at: placeOf(opened, test),
    hint: `add \`- input: ${call}\` with \`rows: []\` or rows of your own`,
  }));
}

/** What makes a test's verdict hold: equal identities over equal content come to the same verdict. */
import { passesUntil } from '../../checks/check.ts';
import type { GraphNode } from '../../compile/manifest.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import { callsFiles, callsVarying } from '../../lineage/determinism.ts';
import type { RelationName } from '../../lineage/lineage.ts';
import { namedTables } from '../../lineage/named-tables.ts';
import { testFingerprint } from '../../plan/fingerprint.ts';
import { inputsOf } from '../../plan/plan-run.ts';
import type { ObjectOf } from '../../run/context.ts';
import { macrosCalled } from '../columns/called-macros.ts';
import { declaredTables, undeclaredTable } from '../columns/undeclared-tables.ts';
import { publicCompiler } from '../opening/branches.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { FactsCache } from '../opening/parsed-sql.ts';
import { sessionFacts } from '../opening/session-facts.ts';
import { publicRelations } from '../warehouse/relations.ts';
import { asTest, type CompiledTest } from './compile-test.ts';
import { unitTestIdentity } from './run-unit-test.ts';

/** What a test comes to besides the content it reads. */
export interface TestIdentity {
  readonly text: Json;
  readonly reads: readonly NodeId[];
  /** Of tests that look at the clock or at the ledger, see `CheckDefinition`. */
  readonly passesUntil?: ((figure: Json, now: number) => number) | undefined;
  /** Over the names that readers know; undefined for unit tests. */
  readonly compiled?: CompiledTest;
}

/** Of a test by its id; undefined where a verdict never holds. */
export type IdentityOf = (test: NodeId) => TestIdentity | undefined;

/**
 * Works out each identity once.
 * @param ids the tests of which it will be asked
 */
export async function testIdentities(
  opened: OpenedProject,
  ids: readonly NodeId[],
  { cache, connection }: { readonly cache: FactsCache; readonly connection: Connection },
): Promise<IdentityOf> {
  const { manifest } = opened;
  const compile = publicCompiler(opened);
  const { relationOf } = publicRelations(opened);
  const session = sessionFacts(opened);
  const found = new Map<NodeId, TestIdentity>();
  for (const id of ids) {
    const own =
      id in manifest.unit_tests ? unitTestIdentity(opened, id) : dataTestIdentity(opened, id, compile, relationOf);
    if (own) found.set(id, { ...own, text: [own.text, session] });
  }
  const asked = [...found];
  const called = await macrosCalled(
    asked.map(([, { text }]) => textsIn(text).join('\n')),
    cache,
    connection,
  );
  for (const [index, [id, own]] of asked.entries()) {
    const macros = called[index];
    if (!macros) continue;
    if (macros.nondeterministic !== null || undeclaredTable(macros.tables, declaredTables(manifest, id, relationOf)))
      found.delete(id);
    else found.set(id, { ...own, text: [own.text, macros.texts] });
  }
  return (id) => found.get(id);
}

/** The texts in a value. */
const textsIn = (value: Json): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

/**
 * What the test asks: its SQL as it renders, with the variables and macros it uses, or the check and its arguments. Over public names: those
 * of versions change with every build. Tests whose own SQL looks at the clock, or that ask the warehouse something while they are rendered, have none.
 */
function dataTestIdentity(
  { manifest }: OpenedProject,
  id: NodeId,
  compile: ReturnType<typeof publicCompiler>,
  relationOf: ReturnType<typeof publicRelations>['relationOf'],
): TestIdentity | undefined {
  const node = manifest.nodes[id];
  const outcome = compile(id, false);
  if (!node || outcome.kind === 'needs' || outcome.kind === 'failed') return undefined;
  if (outcome.kind === 'compiled' && outcome.readsTime) return undefined;
  const asked: Json =
    outcome.kind === 'compiled'
      ? outcome.sql
      : [outcome.name, outcome.kwargs, outcome.columnName, outcome.relation, outcome.ctes as unknown as Json]; // names and texts
  const text: Json = [asked, (node.test_metadata ?? null) as Json, node.config as Json, node.column_name ?? null];
  if (mayVary(node, JSON.stringify(asked))) return undefined;
  const tables = outcome.kind === 'compiled' ? namedTables(outcome.sql) : argumentTables(outcome.kwargs, node);
  if (undeclaredTable(tables, declaredTables(manifest, id, relationOf))) return undefined;
  const compiled = asTest(outcome, node, relationOf);
  const timely =
    compiled.kind === 'check' ? passesUntil(compiled.name, compiled.namespace, compiled.kwargs) : undefined;
  return { text, reads: inputsOf(manifest, id), passesUntil: timely, compiled };
}

/** Tables that a check's arguments read, or are. */
const argumentTables = (kwargs: Readonly<Record<string, Json>>, { config }: GraphNode): readonly RelationName[] =>
  [...Object.entries(kwargs), ['where', config['where'] ?? null] as const].flatMap(([name, value]) =>
    textsIn(value).flatMap((text) => [
      ...namedTables(text),
      ...(/^(?:to|.*(?:model|relation|table))$/.test(name) || RELATION.test(text) ? namedTables(`from ${text}`) : []),
    ]),
  );

const RELATION = /^(?:\w+|"(?:[^"]|"")+")(?:\.(?:\w+|"(?:[^"]|"")+")){1,2}$/;

export function fingerprintOf(
  { identityOf }: { readonly identityOf: IdentityOf },
  id: NodeId,
  contentOf: ObjectOf,
): string | undefined {
  const identity = identityOf(id);
  if (identity === undefined) return undefined;
  const contents: Record<NodeId, string> = {};
  for (const input of identity.reads) {
    const content = contentOf(input);
    if (content === undefined) return undefined;
    contents[input] = content;
  }
  return testFingerprint('', identity.text, contents);
}

function mayVary({ test_metadata, raw_code }: GraphNode, asked: string): boolean {
  const written = `${raw_code} ${JSON.stringify(test_metadata?.kwargs ?? {})} ${asked}`;
  return (
    /\b(now|today|random)\b/i.test(written) ||
    callsVarying(written) ||
    // Files of sources are inputs, those that a test names itself are nobody's.
    callsFiles(raw_code)
  );
}

import { type Asked, type CompileOutcome, type Needs, type NodeRelation, withCtes } from '../../compile/compile.ts';
import type { GraphNode } from '../../compile/manifest.ts';
import { printedNames } from '../../compile/printed-names.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import type { ObjectOf } from '../../run/context.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { answerNeed } from '../warehouse/answer-needs.ts';
import type { Relations } from '../warehouse/relations.ts';
import { type Reads, readsOf } from './query-test.ts';

/** A test as the compiler leaves it: SQL of its own, or a check of the catalogue to be planned. */
export type CompiledTest =
  | { readonly kind: 'sql'; readonly sql: string; readonly reads: Reads }
  | {
      readonly kind: 'check';
      readonly name: string;
      readonly namespace: string | null;
      readonly kwargs: Readonly<Record<string, Json>>;
      readonly relation: string;
      readonly column: string | null;
    }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] };

/** A test's SQL over the given objects, or the check it asks for. */
export async function compileTest(
  opened: OpenedProject,
  relations: Relations,
  id: NodeId,
  objectOf: ObjectOf,
  connection: Connection,
): Promise<CompiledTest> {
  const answers: Asked[] = [];
  const known = relations.known(objectOf);
  for (;;) {
    const names = printedNames((each) => relations.relation(each, objectOf));
    const outcome = opened.compiler.compileNode(id, { relationOf: names.relationOf, answers });
    if (outcome.kind !== 'needs') {
      const test = asTest(outcome, opened.manifest.nodes[id], names.relationOf);
      return test.kind === 'sql' ? { ...test, sql: names.named(test.sql) } : test;
    }
    answers.push({ request: outcome.request, answer: await answerNeed(outcome.request, connection, known) });
  }
}

/** What the compiler says of a test's node, for the planner of tests. */
export function asTest(
  outcome: Exclude<CompileOutcome, Needs>,
  node: GraphNode | undefined,
  relationOf: (id: NodeId) => NodeRelation | undefined,
): CompiledTest {
  switch (outcome.kind) {
    case 'failed':
      return outcome;
    case 'compiled':
      return {
        kind: 'sql',
        sql: outcome.sql,
        reads: node ? readsOf(node, outcome, (id) => relationOf(id)?.rendered) : new Map(),
      };
    case 'check': {
      const dot = outcome.name.lastIndexOf('.');
      const ctes = new Set(outcome.ctes.map(({ name }) => name));
      // An ephemeral model, tested or compared with, is its query in place.
      const inPlace = (relation: string): string => `(\n${withCtes(`select * from ${relation}`, outcome.ctes)}\n)`;
      return {
        kind: 'check',
        name: outcome.name.slice(dot + 1),
        namespace: dot < 0 ? null : outcome.name.slice(0, dot),
        kwargs: Object.fromEntries(
          Object.entries(outcome.kwargs).map(([key, value]) => [
            key,
            typeof value === 'string' && ctes.has(value) ? inPlace(value) : value,
          ]),
        ),
        relation: [...ctes].some((name) => outcome.relation.includes(name))
          ? inPlace(outcome.relation)
          : outcome.relation,
        column: outcome.columnName,
      };
    }
    default:
      return outcome satisfies never;
  }
}

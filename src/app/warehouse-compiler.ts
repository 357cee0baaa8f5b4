/** Renders nodes for a run: answers what their templates ask until nothing is left to ask. */

import type { Compiler as ProjectCompiler } from '../compile/compile.ts';
import type { Asked, LogLine, Need } from '../compile/needs.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import type { Compiled, Compiler } from '../run/context.ts';
import { answerNeed, type KnownRelations } from './answer-needs.ts';

/** What a stage of the compiler answers before it is done. */
export type Stage<T> =
  | ({ readonly kind: 'compiled' } & T)
  | { readonly kind: 'needs'; readonly request: Need }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] };

/** Calls a stage again and again with the answers so far; each question is asked once, in order. */
export async function answering<T>(
  stage: (answers: readonly Asked[]) => Stage<T>,
  connection: Connection,
  known: KnownRelations,
): Promise<Exclude<Stage<T>, { kind: 'needs' }>> {
  const answers: Asked[] = [];
  for (;;) {
    const outcome = stage(answers);
    if (outcome.kind !== 'needs') return outcome;
    answers.push({ request: outcome.request, answer: await answerNeed(outcome.request, connection, known) });
  }
}

/** Renders nodes for a run: answers what their templates ask until nothing is left to ask. */
import type { Asked, Need } from '../../compile/needs.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Connection } from '../../engine/engine.ts';
import { answerNeed, type KnownRelations } from './answer-needs.ts';

interface Needs {
  readonly kind: 'needs';
  readonly request: Need;
}

/** Calls a stage of the compiler again and again with the answers so far; each question is asked once, in order. */
export async function answering<Outcome extends { readonly kind: string }>(
  stage: (answers: readonly Asked[]) => Outcome | Needs,
  connection: Connection,
  known: KnownRelations,
): Promise<Exclude<Outcome, Needs>> {
  const answers: Asked[] = [];
  for (;;) {
    const outcome = stage(answers);
    if (outcome.kind !== 'needs') return outcome as Exclude<Outcome, Needs>; // the kind says so
    const { request } = outcome as Needs; // the kind says so
    answers.push({ request, answer: await answerNeed(request, connection, known) });
  }
}

/** Questions of a template that may not be asked (`--no-introspect`). */
export const introspectionRefused = (name: string): Diagnostic => ({
  code: 'compile/introspection',
  severity: 'error',
  message: `\`${name}\` asks the warehouse while it is compiled, and --no-introspect forbids that`,
  hint: 'leave --no-introspect away, or write the query without run_query()',
});

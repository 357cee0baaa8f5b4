import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json } from '../../core/node-id.ts';
import { isUndefined, type Outcome, TemplateError, textOf, toJson, type Value } from '../../jinja/jinja.ts';
import { relationOf, relationSql } from '../context/relation-value.ts';
import type { Rendering } from '../context/rendering.ts';
import type { GraphNode } from '../manifest.ts';
import type { Asked, Need } from '../needs.ts';
import { toldOfBatch } from '../templates/told-of-batch.ts';
import type { NodeSubject } from './node-subject.ts';
import type { CompileRequest, Failed, Needs, RenderFacts } from './outcome.ts';

export type Stopped = Needs | Failed;
export type Step<T> = { readonly kind: 'done'; readonly value: T } | Stopped;

/** One render, from its start until it is done or stops. */
export interface Attempt {
  readonly subject: NodeSubject;
  readonly rendering: Rendering;
  readonly request: CompileRequest;
}

export function factsOf({ rendering, subject }: Attempt): RenderFacts {
  return {
    logs: rendering.logs,
    asked: rendering.asked,
    readsTime: rendering.readsTime,
    varsRead: rendering.varsRead,
    envRead: rendering.envRead,
    macrosUsed: [...rendering.macrosUsed],
    nodesRead: [...subject.nodesRead],
  };
}

export const joined = (one: RenderFacts, other: RenderFacts): RenderFacts => ({
  logs: [...one.logs, ...other.logs],
  asked: [...one.asked, ...other.asked] satisfies readonly Asked[],
  readsTime: one.readsTime || other.readsTime,
  varsRead: { ...one.varsRead, ...other.varsRead },
  envRead: { ...one.envRead, ...other.envRead },
  macrosUsed: [...new Set([...one.macrosUsed, ...other.macrosUsed])],
  nodesRead: [...new Set([...one.nodesRead, ...other.nodesRead])],
});

export function stepOf<T>(outcome: Outcome<T>): Step<T> {
  if (outcome.kind === 'done') return outcome;
  // suspend() is only ever called by Rendering.ask, with a Need.
  return outcome.kind === 'needs'
    ? { kind: 'needs', request: outcome.request as Need }
    : { kind: 'failed', diagnostics: [toldOfBatch(outcome.diagnostic)] };
}

export const failed = (diagnostic: Omit<Diagnostic, 'severity'>): Failed => ({
  kind: 'failed',
  diagnostics: [{ severity: 'error', ...diagnostic }],
});

/** A refusal outside a render, as a diagnostic. */
export function guarded<T>(read: () => T): Step<T> {
  try {
    return { kind: 'done', value: read() };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
    return failed({ code: String(error.code), message: error.message, hint });
  }
}

/** Says which node an error belongs to when its place does not. */
export function blamed(step: Stopped, node: GraphNode | null): Stopped {
  if (step.kind === 'needs' || node === null) return step;
  return {
    kind: 'failed',
    diagnostics: step.diagnostics.map((diagnostic) =>
      diagnostic.at?.file.endsWith(node.original_file_path)
        ? diagnostic
        : {
            ...diagnostic,
            notes: [
              ...(diagnostic.notes ?? []),
              `in ${node.resource_type} \`${node.name}\` (${node.original_file_path})`,
            ],
          },
    ),
  };
}

/** Relations as their SQL, dates and other things that JSON has no word for as their text. Throws for what is undefined. */
export function jsonOf(value: Value): Json {
  if (relationOf(value) !== undefined) return relationSql(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  try {
    return toJson(value);
  } catch (error) {
    if (!(error instanceof TemplateError) || isUndefined(value)) throw error;
    return textOf(value);
  }
}

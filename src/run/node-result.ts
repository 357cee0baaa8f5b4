import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { NodeFacts, NodeResult, NodeStatus } from './results.ts';

export interface ResultParts {
  readonly id: NodeId;
  readonly node: GraphNode | undefined;
  readonly status: NodeStatus;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly worker: number;
  readonly message?: string | null | undefined;
  readonly failures?: number | null | undefined;
  readonly compiledCode?: string | null | undefined;
  readonly rows?: number | null | undefined;
  readonly batchResults?: NodeResult['batch_results'] | undefined;
  readonly facts: NodeFacts;
}

/** One entry of run_results.json, every key present. */
export function nodeResult(parts: ResultParts): NodeResult {
  const { id, node, status, startedAt, endedAt } = parts;
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
  const ran = status !== 'skipped' && status !== 'reused';
  return {
    unique_id: id,
    status,
    timing: ran
      ? [
          { name: 'compile', started_at: iso(startedAt), completed_at: iso(startedAt) },
          { name: 'execute', started_at: iso(startedAt), completed_at: iso(endedAt) },
        ]
      : [],
    thread_id: `Thread-${parts.worker + 1}`,
    execution_time: ran ? (endedAt - startedAt) / 1000 : 0,
    adapter_response:
      status === 'success' || status === 'partial success'
        ? { _message: 'OK', ...(typeof parts.rows === 'number' ? { rows_affected: parts.rows } : {}) }
        : {},
    message: parts.message ?? null,
    failures: parts.failures ?? null,
    compiled: parts.compiledCode !== undefined && parts.compiledCode !== null,
    compiled_code: parts.compiledCode ?? null,
    relation_name: node?.relation_name ?? null,
    batch_results: parts.batchResults ?? null,
    meta: { dql: parts.facts },
  };
}

/** The first line people read of a failure. */
export const messageOf = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics
    .map((diagnostic) => [diagnostic.message, ...(diagnostic.hint ? [`hint: ${diagnostic.hint}`] : [])].join('\n'))
    .join('\n');

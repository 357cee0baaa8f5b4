/** on-run-start and on-run-end: once a run, outside every promise about published data. */

import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import type { RunContext } from './context.ts';
import { INTERRUPTED } from './held.ts';
import { messageOf, nodeResult } from './node-result.ts';
import type { Progress } from './progress.ts';
import { sessionStatements } from './session-statements.ts';
import { toldMessage } from './told-error.ts';
import { writtenViewHint } from './written-view.ts';

/** Runs the hooks one after another; answers false, and stops, at the first that fails. */
export async function runHooks(
  context: RunContext,
  progress: Progress,
  hooks: readonly NodeId[],
  kind: string,
  main: Connection,
  others: readonly Connection[],
): Promise<boolean> {
  for (const id of hooks) {
    if (context.signal.aborted) return false;
    const startedAt = Date.now();
    const node = context.manifest.nodes[id];
    const finish = (status: 'success' | 'error' | 'skipped', message: string, sql: string | null) => {
      const result = nodeResult({
        id,
        node,
        status,
        startedAt,
        endedAt: Date.now(),
        worker: 0,
        message,
        failures: status === 'success' ? 0 : null,
        compiledCode: sql,
        facts: {},
      });
      progress.results.set(id, result);
      context.emit({ type: 'node-finished', result, index: 0, done: progress.done, total: context.plan.tasks.length });
    };
    const planned = context.plan.tasks.flatMap((task) => progress.results.get(task.node) ?? []);
    const compiled = await context.compiler.renderOperation(id, planned, main);
    if (compiled.kind === 'failed') {
      finish('error', messageOf(compiled.diagnostics), null);
      return false;
    }
    try {
      if (compiled.sql.trim() !== '') {
        await main.run(compiled.sql);
        // They are repeated on every connection of the run.
        for (const statement of sessionStatements(compiled.sql)) {
          progress.session.push(statement);
          for (const connection of others) await connection.run(statement);
        }
      }
      finish('success', 'OK', compiled.sql);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.kind === 'interrupted' && context.signal.aborted) {
        finish('skipped', INTERRUPTED, compiled.sql);
        return false;
      }
      const hint = writtenViewHint(error.message);
      const why = `${kind}: ${toldMessage(error.message, context.manifest)}`;
      finish('error', hint === undefined ? why : `${why}\nhint: ${hint}`, compiled.sql);
      return false;
    }
  }
  return true;
}

/** One more connection on which what on-run-start set holds. */
export async function openSession(context: RunContext, progress: Progress): Promise<Connection> {
  const connection = await context.warehouse.connect();
  for (const sql of progress.session) await connection.run(sql);
  return connection;
}

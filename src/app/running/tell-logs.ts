import type { LogLine } from '../../compile/needs.ts';
import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { fateOf, judged } from '../opening/warning-policy.ts';

type Asked = Pick<CommonOptions, 'warnError' | 'warnErrorOptions'>;

/** `exceptions.warn()` as errors, where `--warn-error` wants them to be. */
export const refusedLogs = (logs: readonly LogLine[], asked: Asked): readonly Diagnostic[] =>
  judged(
    logs.flatMap(({ level, message }) =>
      level === 'warn' ? [{ code: 'jinja/warned', severity: 'warning' as const, message }] : [],
    ),
    asked,
  ).filter(({ severity }) => severity === 'error');

/** `log()`, `print()` and warnings of a template, as events. Rejects with DqlError when a warning is to be an error. */
export function tellLogs(logs: readonly LogLine[], node: NodeId | null, hooks: Hooks, asked: Asked): void {
  const refused = refusedLogs(logs, asked);
  if (refused.length > 0) throw new DqlError(refused, 1);
  for (const { level, message } of logs) {
    if (level === 'warn' && fateOf('jinja/warned', asked) === 'silence') continue;
    hooks.onEvent({ type: 'log', level: level === 'debug' || level === 'warn' ? level : 'info', message, node });
  }
}

/** Which run people mean by the first letters of its id, or by a commit. */
import { DqlError } from '../../core/diagnostic.ts';
import { nearestName } from '../../core/nearest.ts';
import type { RunRecord } from '../../ledger/records.ts';

/** The run whose id starts with `text`; DqlError (exit code 2) when none or several do. `runs`: newest first. */
export function findRun(runs: readonly RunRecord[], text: string): RunRecord {
  const wanted = text.toLowerCase();
  const exact = runs.find((run) => run.run_id.toLowerCase() === wanted);
  if (exact) return exact;
  const matching = wanted === '' ? [] : runs.filter((run) => run.run_id.toLowerCase().startsWith(wanted));
  const [only, another] = matching;
  if (only && !another) return only;
  if (only)
    throw new DqlError([
      {
        code: 'history/ambiguous-run',
        severity: 'error',
        message: `${matching.length} runs start with \`${text}\``,
        hint: `type more of one: ${matching
          .slice(0, 4)
          .map((run) => run.run_id)
          .join(', ')}`,
      },
    ]);
  const close = nearestName(
    wanted,
    runs.map((run) => run.run_id.slice(0, wanted.length)),
  );
  throw new DqlError([
    {
      code: 'history/unknown-run',
      severity: 'error',
      message: `this warehouse remembers no run \`${text}\``,
      hint:
        close === undefined
          ? '`dql history` lists the runs'
          : `did you mean \`${close}\`? \`dql history\` lists the runs`,
    },
  ]);
}

/** What run, build, test, seed, snapshot and retry have in common: they find out whether there is anything to do, and do it. */
import type { RunResults } from '../../run/results.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { readFiles } from '../opening/read-files.ts';
import type { CommandShape } from './command-shapes.ts';
import { readLastRun } from './last-run.ts';
import { openAhead } from './open-ahead.ts';
import { isUnchanged, unchangedRun } from './unchanged-run.ts';
import type { ToRun } from './whole-run.ts';

/** @param choose the nodes to run; `--select` and its companions when absent */
export async function runCommand(
  shape: CommandShape,
  options: CommonOptions,
  hooks: Hooks,
  choose?: (opened: OpenedProject) => ToRun,
): Promise<RunResults> {
  const found = choose ? undefined : readLastRun(options);
  const ahead = await openAhead(found?.last.project, false);
  try {
    const files = await readFiles(options);
    if (found && (await isUnchanged(found.last, shape, options, files))) {
      const results = await unchangedRun(shape, options, hooks, files, found);
      if (results) return results;
    }
    const { wholeRun } = await import('./whole-run.ts');
    return await wholeRun(shape, options, hooks, { files, onParsed: ahead.onParsed }, choose);
  } finally {
    await ahead.letGo();
  }
}

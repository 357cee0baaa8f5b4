/** What run, build, test, seed, snapshot and retry have in common: they find out whether there is anything to do, and do it. */
import type { RunResults } from '../run/results.ts';
import type { CommandShape } from './command-shapes.ts';
import type { CommonOptions, Hooks } from './contract.ts';
import { readLastRun } from './last-run.ts';
import type { OpenedProject } from './open-project.ts';
import { beginOpening, type OpenableProject, openable } from './open-target.ts';
import { readFiles } from './read-files.ts';
import { isUnchanged, unchangedRun } from './unchanged-run.ts';
import type { ToRun } from './whole-run.ts';

/** @param choose the nodes to run; `--select` and its companions when absent */
export async function runCommand(
  shape: CommandShape,
  options: CommonOptions,
  hooks: Hooks,
  choose?: (opened: OpenedProject) => ToRun,
): Promise<RunResults> {
  let letGo: (() => Promise<void>) | undefined;
  const begin = async (project: OpenableProject): Promise<void> => {
    letGo = await beginOpening(project);
  };
  try {
    const found = choose ? undefined : readLastRun(options);
    // The engine reads thousands of tables on a thread of its own, while on this one everything else is read.
    if (found) await begin(found.last.project);
    const files = await readFiles(options);
    if (found && (await isUnchanged(found.last, shape, options, files))) {
      const results = await unchangedRun(shape, options, hooks, files, found);
      if (results) return results;
    }
    const { wholeRun } = await import('./whole-run.ts');
    const onParsed = async (project: OpenableProject): Promise<void> => {
      if (found && JSON.stringify(openable(project)) === JSON.stringify(found.last.project)) return;
      await letGo?.();
      await begin(project);
    };
    return await wholeRun(shape, options, hooks, { files, onParsed }, choose);
  } finally {
    await letGo?.();
  }
}

import type { CommonOptions, UseCase } from './contract.ts';
import { readLastRun } from './running/last-run.ts';
import { beginOpening } from './warehouse/open-target.ts';

/**
 * A command that writes to the warehouse: while its modules are loaded and the settings are read, the engine opens the file that the last
 * run had, on a thread of its own. One that only looks must not lock anybody out.
 */
export const openedEarly =
  <Options extends { readonly dryRun: boolean }, Answer>(
    load: () => Promise<UseCase<Options, Answer>>,
  ): UseCase<Options, Answer> =>
  async (options: CommonOptions & Options, hooks) => {
    const found = options.dryRun ? undefined : readLastRun(options);
    const letGo = found && (await beginOpening(found.last.project));
    try {
      return await (await load())(options, hooks);
    } finally {
      await letGo?.();
    }
  };

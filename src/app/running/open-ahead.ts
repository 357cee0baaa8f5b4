/** The target's file, opened before its project is known: the engine reads thousands of tables on a thread of its own meanwhile. */
import { beginOpening, type OpenableProject, openable } from '../warehouse/open-target.ts';

export interface OpenedAhead {
  /** To be told what the project says: mostly what was known already. */
  onParsed(project: OpenableProject): Promise<void>;
  /** When the file is open otherwise, or not needed. */
  letGo(): Promise<void>;
}

/** @param last what the last run opened, where that is known */
export async function openAhead(last: OpenableProject | undefined, readOnly: boolean): Promise<OpenedAhead> {
  let letGo = last && (await beginOpening(last, readOnly));
  return {
    async onParsed(project) {
      if (letGo && JSON.stringify(openable(project)) === JSON.stringify(last)) return;
      await letGo?.();
      letGo = await beginOpening(project, readOnly);
    },
    letGo: async () => letGo?.(),
  };
}

/** `dql clean --orphans`: takes from readers what the project makes no more, as a run that `dql rollback` takes back. */
import { statSync } from 'node:fs';
import { DqlError } from '../../core/diagnostic.ts';
import { publicName } from '../../ledger/names.ts';
import { endedWith } from '../../ledger/write-ledger.ts';
import { planReturn } from '../../run/publish-return.ts';
import type { CleanAnswer, CommonOptions, Hooks } from '../contract.ts';
import { openProject } from '../opening/open-project.ts';
import { nothingBuilt, openToWrite, warehousePath } from '../warehouse/open-target.ts';
import { serveCopy } from '../warehouse/serve-copy.ts';
import { moveReaders } from './move-readers.ts';
import { newRun } from './new-run.ts';
import { openedState } from './opened-state.ts';
import { orphans } from './orphans.ts';
import { ownExports } from './own-exports.ts';

/** What becomes of the node in the ledger: it is held for nothing, as nothing is going to build it. */
const REMOVED = { status: 'removed', reason: 'nothing in the project makes it any more', held_reason: null };

export async function cleanOrphans(options: CommonOptions, hooks: Hooks): Promise<CleanAnswer> {
  const startedAt = performance.now();
  const opened = await openProject(options, 'clean', hooks);
  const { project } = opened;
  if (!statSync(warehousePath(project), { throwIfNoEntry: false })) throw new DqlError([nothingBuilt(project)]);
  const warehouse = await openToWrite(project, options, hooks);
  const connection = await warehouse.connect();
  try {
    const state = await openedState(warehouse, connection, project.target.name);
    const gone = orphans(opened, state);
    if (gone.length === 0) return { removed: [], bytes: 0, run_id: null, unserved: null };
    const run = await newRun({ command: 'clean', args: { orphans: true }, project, warehouse, state, options });
    const { texts } = await planReturn(connection, {
      state,
      returns: [],
      gone,
      settled: new Set(),
      run,
      database: warehouse.database,
      taking: REMOVED,
      to: '',
      untested: () => false,
      nodeOf: (id) => opened.manifest.nodes[id],
      now: () => new Date(options.now.getTime() + (performance.now() - startedAt)),
      dryRun: false,
    });
    await moveReaders(warehouse, connection, texts, { returns: [], gone, run, isOwn: ownExports(opened) });
    const unserved = await serveCopy(project, warehouse, connection);
    if (unserved) await connection.run(endedWith(warehouse.database, run.run_id, 1));
    return {
      removed: gone.map((version) => ({ what: publicName(version), kind: 'relation', bytes: null })),
      bytes: 0,
      run_id: run.run_id,
      unserved: unserved?.message ?? null,
    };
  } finally {
    connection.close();
    await warehouse.close();
  }
}

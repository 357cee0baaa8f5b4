/** A run in which nothing is as much as looked up: everything is as the last one like it left it. It is written down like any other. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileMark } from '../../disk/file-mark.ts';
import { checkWritable, type FileToWrite, writeTarget } from '../../disk/write-target.ts';
import { emptyState, type RunRecord } from '../../ledger/records.ts';
import { writeState } from '../../ledger/states.ts';
import { startRun, writeNodeRuns } from '../../ledger/write-ledger.ts';
import { secretValues } from '../../project/environment.ts';
import type { ProjectFiles } from '../../project/project.ts';
import { nodeRunRecord } from '../../run/node-run-record.ts';
import type { NodeResult, RunFacts, RunResults } from '../../run/results.ts';
import { runResults, runResultsFile } from '../artifacts/run-results.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { gitFacts } from '../opening/git-facts.ts';
import { environmentHash } from '../opening/project-hash.ts';
import { openToWrite } from '../warehouse/open-target.ts';
import { whileSettling } from '../warehouse/while-settling.ts';
import type { CommandShape } from './command-shapes.ts';
import {
  isAsItWas,
  type KeptAnswer,
  keepLastRun,
  type LastRun,
  manifestHead,
  readAnswer,
  runKey,
  warehouseMarks,
} from './last-run.ts';
import { newRun } from './new-run.ts';
import { runArguments } from './run-arguments.ts';

/** Whether the same command over the same files, variables and inputs is called again. */
export async function isUnchanged(
  last: LastRun,
  shape: CommandShape,
  options: CommonOptions,
  files: ProjectFiles,
): Promise<boolean> {
  return (
    options.now.toISOString() < last.until &&
    last.key === runKey(shape, options, files) &&
    last.environment === environmentHash(last.variables, files.environment) &&
    (await isAsItWas(last))
  );
}

/** Undefined, and nothing is written, when the warehouse is not as the last run left it. */
export async function unchangedRun(
  shape: CommandShape,
  options: CommonOptions,
  hooks: Hooks,
  { environment }: ProjectFiles,
  { last, targetFolder }: { readonly last: LastRun; readonly targetFolder: string },
): Promise<RunResults | undefined> {
  const startedAt = performance.now();
  const { project } = last;
  const git = gitFacts(project.folder);
  checkWritable(targetFolder);
  // While the engine opens the file.
  const kept = readAnswer(targetFolder);
  const results = retold(kept.results, options.now);
  const warehouse = await openToWrite(project, options, hooks);
  try {
    // Whoever else wrote to it has let go of it by now.
    if (warehouseMarks(project) !== last.warehouse) return undefined;
    hooks.onProject?.({ describe: (id) => kept.described[id], secrets: secretValues(environment) });
    const state = { ...emptyState, lastSequence: last.sequence };
    const args = runArguments(options);
    const run = await newRun({ command: shape.command, args, project, warehouse, state, options, git });
    const facts: RunFacts = {
      run_id: run.run_id,
      target: run.target,
      exit_code: 0,
      interrupted: false,
      published: 0,
      publish_seconds: null,
      warnings: kept.warnings,
    };
    const connection = await warehouse.connect();
    try {
      await connection.transaction(() => connection.run(ledgerText(warehouse.database, run, results, kept)));
      const invocationId = randomUUID();
      const elapsed = (performance.now() - startedAt) / 1000;
      const answer = runResults({ invocationId, options, run, results, elapsed, facts });
      const manifest = manifestFile(targetFolder, kept, run, invocationId);
      await whileSettling(connection, () => {
        tell(run, results, options.threads ?? project.target.threads, hooks);
        writeTarget(targetFolder, [manifest, runResultsFile(answer)]);
      });
      const path = join(targetFolder, manifest.path);
      keepLastRun(targetFolder, {
        ...last,
        sequence: run.sequence,
        marks: { ...last.marks, [path]: fileMark(path) ?? null },
      });
      hooks.onEvent({ type: 'run-finished', results: answer });
      return answer;
    } finally {
      connection.close();
    }
  } finally {
    await warehouse.close();
  }
}

/** The results at another time. */
function retold(results: readonly NodeResult[], now: Date): readonly NodeResult[] {
  const at = now.toISOString();
  return results.map((result) => ({
    ...result,
    timing: result.timing.map(({ name }) => ({ name, started_at: at, completed_at: at })),
  }));
}

function tell(run: RunRecord, results: readonly NodeResult[], threads: number, { onEvent }: Hooks): void {
  const { run_id, command, target, started_at: at } = run;
  const total = results.length;
  onEvent({ type: 'run-started', run_id, command, target, threads, total, at });
  for (const [position, result] of results.entries()) {
    const index = position + 1;
    onEvent({ type: 'node-started', node: result.unique_id, index, at });
    onEvent({ type: 'node-finished', result, index, done: index, total });
  }
}

/** The run and its nodes, over and done with. Verdicts that are kept are not written down again. */
function ledgerText(database: string, run: RunRecord, results: readonly NodeResult[], kept: KeptAnswer): string {
  const nodes = results.filter(({ unique_id: id }) => id in kept.codeFingerprints);
  return [
    startRun(database, { ...run, ended_at: new Date().toISOString(), exit_code: 0, status: 'success' }),
    writeState(database, { ...run, manifest_id: kept.manifestId }, undefined),
    writeNodeRuns(
      database,
      nodes.map((result) => nodeRunRecord(run, result, kept.codeFingerprints[result.unique_id])),
    ),
  ].join('\n');
}

/** The manifest that lies there, with the head of this command. */
function manifestFile(targetFolder: string, kept: KeptAnswer, run: RunRecord, invocationId: string): FileToWrite {
  const path = 'manifest.json';
  const before = readFileSync(join(targetFolder, path));
  const { metadata, bytes } = kept.manifestHead;
  const head = {
    ...metadata,
    generated_at: run.started_at,
    invocation_id: invocationId,
    invocation_started_at: run.started_at,
    run_started_at: run.started_at,
  };
  return { path, text: Buffer.concat([Buffer.from(manifestHead(head)), before.subarray(bytes)]) };
}

/** A run's record in the ledger, as it stands when the run begins. */
import { randomUUID } from 'node:crypto';
import type { Json } from '../../core/node-id.ts';
import type { Warehouse } from '../../engine/engine.ts';
import type { LedgerState, RunRecord } from '../../ledger/records.ts';
import type { CommonOptions } from '../contract.ts';
import { type GitFacts, gitFacts, userName } from '../opening/git-facts.ts';
import type { OpenableProject } from '../warehouse/open-target.ts';

export interface NewRun {
  readonly command: string;
  /** What it was called with; `which` and `invocation_command` are added. */
  readonly args: Readonly<Record<string, Json>>;
  readonly project: OpenableProject;
  readonly warehouse: Warehouse;
  readonly state: LedgerState;
  readonly options: Pick<CommonOptions, 'now' | 'version' | 'invocationCommand'>;
  /** Default: a new one. */
  readonly runId?: string;
  /** Where the caller asked git already. */
  readonly git?: Promise<GitFacts> | undefined;
}

export async function newRun(request: NewRun): Promise<RunRecord> {
  const { command, args, project, warehouse, state, options, runId = randomUUID() } = request;
  const git = await (request.git ?? gitFacts(project.folder));
  return {
    run_id: runId,
    sequence: state.lastSequence + 1,
    command,
    args: { which: command, invocation_command: options.invocationCommand, ...args },
    target: project.target.name,
    project: project.root.name,
    git_sha: git.sha,
    git_dirty: git.dirty,
    user: userName(),
    dql_version: options.version,
    engine_version: `${warehouse.engine} ${warehouse.version}`,
    started_at: options.now.toISOString(),
    ended_at: null,
    exit_code: null,
    status: 'running',
  };
}

/** What a run answers, and the artifact that is this value. */
import type { FileToWrite } from '../../disk/write-target.ts';
import type { RunRecord } from '../../ledger/records.ts';
import type { NodeResult, RunFacts, RunResults } from '../../run/results.ts';
import type { CommonOptions } from '../contract.ts';
import { runMetadata } from './run-metadata.ts';

export interface RunAnswer {
  readonly invocationId: string;
  readonly options: CommonOptions;
  readonly run: RunRecord;
  readonly results: readonly NodeResult[];
  /** Seconds. */
  readonly elapsed: number;
  readonly facts: RunFacts;
}

export const runResults = ({ invocationId, options, run, results, elapsed, facts }: RunAnswer): RunResults => ({
  metadata: runMetadata({ invocationId }, options, run.started_at),
  results: results.map(inDbtsNumbers),
  elapsed_time: elapsed,
  args: run.args,
  meta: { dql: facts },
});

/** A test that passes has no failures there, although rows were found: their number stays under `meta.dql`. */
const inDbtsNumbers = (result: NodeResult): NodeResult =>
  result.status === 'pass' && result.failures
    ? { ...result, failures: 0, meta: { dql: { ...result.meta.dql, failures: result.failures } } }
    : result;

export const runResultsFile = (results: RunResults): FileToWrite => ({
  path: 'run_results.json',
  text: artifactText(results),
});

/** Artifacts are JSON: bigints of samples and answers become text. Looking at every value for one takes three times as long as writing it. */
function artifactText(results: RunResults): string {
  try {
    return JSON.stringify(results, undefined, 1);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    return JSON.stringify(results, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 1);
  }
}

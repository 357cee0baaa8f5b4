import type { Column } from '../engine/engine.ts';

/** What the ledger remembers of the time before the rows under test, oldest first, the run going on not included. */
export interface CheckHistory {
  /** Numbers of rows: what this test counted when it did not fail, and versions published without it. */
  readonly rowCounts?: readonly {
    readonly at: string;
    readonly rows: number;
  }[];
  /** Columns of the version published before. */
  readonly previousColumns?: readonly Column[];
  /** Runs of the node under test. */
  readonly runs?: readonly NodeRun[];
}

export interface NodeRun {
  readonly startedAt: string;
  /** When the whole run ended, and with it the rows could be seen; null while it has not. */
  readonly completedAt: string | null;
  /** How long the node took; null when it was not built, as when it is reused. */
  readonly seconds: number | null;
  /** `success`: what readers see afterwards is what this run wanted. */
  readonly status: 'success' | 'error' | 'skipped';
}

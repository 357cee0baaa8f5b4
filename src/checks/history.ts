import type { Column } from '../engine/engine.ts';

/** What the ledger remembers about the relation under test, oldest first, the run going on not included. */
export interface CheckHistory {
  /** Rows of the versions published before. */
  readonly rowCounts?: readonly {
    readonly at: string;
    readonly rows: number;
  }[];
  /** Columns of the last published version. */
  readonly previousColumns?: readonly Column[];
  /** Runs of the node under test, for `execution_sla` and `duration_sla`. */
  readonly runs?: readonly {
    readonly startedAt: string;
    readonly completedAt: string | null;
    readonly status: 'success' | 'error' | 'skipped';
  }[];
  /** Figures this same test reported before (`value` of its outcomes), for the anomaly tests. */
  readonly values?: readonly { readonly at: string; readonly value: number }[];
}

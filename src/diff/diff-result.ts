/** What a comparison of two relations says. Left is before, right is after: `added` rows are only on the right. */
import type { SchemaDiff } from './schema.ts';

/** A few rows as people see them: every cell already text, NULL as null. */
export interface DiffSample {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there are more than shown. */
  readonly truncated: boolean;
}

/** A row found on both sides by its key, with what differs. */
export interface ChangedRow {
  /** In the key's order. */
  readonly key: readonly (string | null)[];
  readonly changes: readonly { readonly column: string; readonly left: string | null; readonly right: string | null }[];
}

export interface ColumnChanges {
  readonly name: string;
  /** Rows, found on both sides by their key, in which this column differs. */
  readonly changed: number;
  /** Of all rows that were found on both sides, 0 to 1; 0 when there are none. */
  readonly rate: number;
}

/** Rows that a key cannot tell apart: equal ones on both sides cancel out, what is left over is only on one side. */
export interface Unpairable {
  readonly leftRows: number;
  readonly rightRows: number;
  readonly leftOnly: number;
  readonly rightOnly: number;
}

export interface KeyReport {
  readonly columns: readonly string[];
  /** Rows with a NULL in the key. */
  readonly nulls: Unpairable;
  /** Rows whose key occurs more than once on a side; `keys` counts the keys. */
  readonly duplicates: Unpairable & { readonly keys: number };
  /**
   * Where duplicates were looked for. In large relations only the parts that differ are searched: a key that is repeated alike on both
   * sides elsewhere is then not counted here, and has no effect on the other figures.
   */
  readonly searched: 'all rows' | 'differing rows';
}

export interface RowCounts {
  readonly left: number;
  readonly right: number;
  /** Rows with an equal partner. `left = same + changed + removed + what is left over of unpairable rows`; so for the right. */
  readonly same: number;
  /** Key on both sides, other values. 0 without a key. */
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
}

export interface Diff {
  readonly left: string;
  readonly right: string;
  /** Same columns in the same order with the same types, and the same rows, as often on each side. */
  readonly isEqual: boolean;
  readonly schema: SchemaDiff;
  readonly rows: RowCounts;
  /** Absent when rows were compared as wholes. */
  readonly key?: KeyReport;
  /** The columns that were compared, without the key. Empty without a key: a row that changed is one removed and one added. */
  readonly columns: readonly ColumnChanges[];
  readonly samples: {
    readonly added: DiffSample;
    readonly removed: DiffSample;
    readonly changed: { readonly rows: readonly ChangedRow[]; readonly truncated: boolean };
    /** Repeated keys with how often they occur: the key's columns, `left`, `right`. */
    readonly duplicates: DiffSample;
    /** Left-over rows without a key: all columns, and `side`. */
    readonly nulls: DiffSample;
  };
}

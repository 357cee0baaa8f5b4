/**
 * What a check asks of a relation, before anything is decided about how it is answered. The shapes differ in what the planner may do
 * with them: rows and aggregates can share one scan, frequencies can share one GROUP BY, a query stands alone.
 */

/** A table expression to put after `from`: a quoted relation, or `(select …) dbt_subquery` when a `where` narrows it. */
export type From = string;

/** What the planner can recognise as already known of a relation; when it is, the question has no failure. */
export type Claim =
  | { readonly kind: 'not_null'; readonly column: string }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | {
      readonly kind: 'values';
      readonly column: string;
      readonly values: readonly string[];
    };

/** Judges every row by itself. */
export interface RowQuestion {
  readonly kind: 'rows';
  /** Boolean SQL; a row is a failure when it is TRUE. Must imply `considered`. */
  readonly violation: string;
  /** Boolean SQL: the rows judged at all; null means every row. */
  readonly considered: string | null;
  /** The column shown first among the failing rows, when it is a plain column. */
  readonly column?: string | undefined;
  /** True when the engine can answer from its column statistics: comparisons of a plain column with constants. */
  readonly prunable?: boolean | undefined;
  /** True when it reads nothing of a row but `column`, and calls all rows with the same text in it the same. */
  readonly byValue?: boolean | undefined;
  readonly claim?: Claim | undefined;
}

/** Judges the distinct values of a key by how often they occur. */
export interface FrequencyQuestion {
  readonly kind: 'frequency';
  readonly keys: readonly (NamedExpression & { readonly type?: string | undefined })[];
  readonly considered: string | null;
  /** Boolean SQL over the keys' names and `n_records`; a group is a failure when it is TRUE. */
  readonly bad: string;
  /** True when the only key is a column of whole numbers. */
  readonly wholeNumbers?: boolean | undefined;
  /** Of a column of texts: the only ones that are not bad. */
  readonly listed?: readonly string[] | undefined;
  readonly claim?: Claim | undefined;
}

/** Judges one figure computed over the relation. */
export interface AggregateQuestion {
  readonly kind: 'aggregate';
  /** An aggregate expression. */
  readonly value: string;
  /** What the failing row calls the figure. */
  readonly called: string;
  /** An aggregate expression: how many rows the figure rests on; null when the figure exists even for no rows, like a count. */
  readonly considered: string | null;
  /** A SELECT of the same `value` and `considered`: cheaper where nothing else shares the scan. */
  readonly alone?: ((from: From) => string) | undefined;
  /** A second figure that the first is compared with: an aggregate expression, and what the failing row calls it. */
  readonly against?: NamedExpression | undefined;
  /** Boolean SQL over `value`, and `against` by its name: nothing to complain about. */
  readonly holds: string;
  /** Boolean SQL over `value`: worth a warning only. Its presence means the check itself grades, and warn_if/error_if do not apply. */
  readonly tolerable?: string | undefined;
  /** Not enough history to judge: the figure is only remembered. */
  readonly learning?: string | undefined;
  /** Further figures for the reader: aggregate expressions. */
  readonly beside?: readonly NamedExpression[] | undefined;
}

/** Any query of failing rows. */
export interface QueryQuestion {
  readonly kind: 'query';
  readonly failing: (from: From) => string;
  /** A SELECT of one number: how many things were considered; null when that is not known, so that the test is never vacuous. */
  readonly considered: ((from: From) => string) | null;
  /** A SELECT of `considered` and `passes`, one row: true only when there is no failing row. Far cheaper than looking for one. */
  readonly screen?: ((from: From) => string) | undefined;
  /** Aggregate over the failing rows: rows in violation, when that is not their count. */
  readonly violations?: string | undefined;
  /** True when the query divides by `group_by` itself. */
  readonly grouped?: boolean | undefined;
  /** True when it finds the groups in which less than `mostly` holds, so that any is too many. */
  readonly sharesByGroup?: boolean | undefined;
  /** The table expression that holds nothing when the query had nothing to consider; looked at only when it found no failure. */
  readonly rests?: From | undefined;
  /** A SELECT of one value: the figure to remember. */
  readonly figure?: ((from: From) => string) | undefined;
  /** Aggregate over the failing rows: 0 holds, 1 worth a warning, 2 an error. */
  readonly level?: string | undefined;
}

/** Needs no query: answered from what is known already (the relation's columns, the ledger). */
export interface AnsweredQuestion {
  readonly kind: 'answered';
  /** One row a failure, in `columns`' order. */
  readonly columns: readonly string[];
  readonly findings: readonly (readonly (string | null)[])[];
  readonly considered: number;
  /** Not enough history to judge. */
  readonly learning?: string | undefined;
  readonly level?: 0 | 1 | 2 | undefined;
  readonly value?: number | string | undefined;
}

export type Question = RowQuestion | FrequencyQuestion | AggregateQuestion | QueryQuestion | AnsweredQuestion;

export interface NamedExpression {
  readonly name: string;
  readonly sql: string;
}

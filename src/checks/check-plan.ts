/** What planChecks decides: which statements answer which tests. Plain values; nothing here runs anything. */
import type { CheckSql } from './check.ts';
import type { Claim } from './question.ts';
import type { Measurement } from './verdict.ts';

/** What is known of a relation before its tests are planned. */
export interface RelationFacts {
  /** As in the checks' `relation`. */
  readonly relation: string;
  /** `table` and `parquet` have statistics; `view` is computed when read; `text` (CSV, JSON) is parsed when read. */
  readonly storage: 'table' | 'parquet' | 'view' | 'text';
  /**
   * Of a view: reading it costs more than reading a table. `joins` streams its rows, so that reading it again costs less than keeping a copy;
   * `computes` (it groups, sorts, numbers or parses rows) has fewer or dearer rows, which are kept while they are tested.
   */
  readonly costly?: 'joins' | 'computes' | undefined;
  /** Names of its columns, when known: a copy then holds only those that its tests mention. */
  readonly columns?: readonly string[] | undefined;
  /** Number of rows, estimates included; undefined when unknown. */
  readonly rows?: number | undefined;
  /** True statements about its rows, from its SQL or its constraints. */
  readonly proofs?: readonly Proof[] | undefined;
  /** Tests, by id, that hold for a reason found outside, each with the reason. */
  readonly proved?: ReadonlyMap<string, string> | undefined;
  /**
   * Incremental models: the relation of the rows this run changed, and the ids of the tests that, defined as they are now, found no failure
   * among all the other rows.
   */
  readonly slice?: { readonly relation: string; readonly passedBefore: ReadonlySet<string> } | undefined;
}

/** A claim that holds, and why: "constraint", "group by customer_id". */
export type Proof = Claim & { readonly because: string };

export type Strategy =
  | 'proved'
  | 'metadata'
  | 'statistics'
  | 'alone'
  | 'union'
  | 'one scan'
  | 'one group by'
  | 'one bit a value'
  | 'screened'
  | 'materialised'
  | 'slice';

/** One test within a step, with the SQL to fall back on when the step fails. */
export interface PlannedCheck {
  readonly check: CheckSql;
  readonly strategy: Strategy;
  /** The same test without looking for suspects first, for keys that turn out to repeat. */
  readonly plainly?: CheckSql;
  /** Why this way, for `dql test --explain`. */
  readonly because: string;
  /** Milliseconds on two cores, from measured throughput; for comparing, not for promising. */
  readonly estimate: number;
}

export type CheckStep =
  /** Needs no query. */
  | {
      readonly kind: 'known';
      readonly checks: readonly PlannedCheck[];
      readonly measurements: readonly Measurement[];
    }
  /** One statement whose rows are `test` (index into `checks`) and the measured columns. */
  | {
      readonly kind: 'query';
      readonly checks: readonly PlannedCheck[];
      readonly sql: string;
    }
  /** One statement whose rows are `place` (index into `tallies`) and the counts of that tally's tests as one text. */
  | {
      readonly kind: 'tallies';
      readonly checks: readonly PlannedCheck[];
      readonly tallies: readonly Tally[];
      /** A common table expression that they share. */
      readonly with?: string | undefined;
    }
  /**
   * Row tests of a costly view: those asked that its statistics answer need no reading, the others and `scanned` share one scan. Which they are is known
   * only when the engine has planned the query.
   */
  | {
      readonly kind: 'statistics';
      readonly checks: readonly PlannedCheck[];
      readonly asked: readonly PlannedCheck[];
      /** Those that have to read. */
      readonly scanned: readonly PlannedCheck[];
      readonly facts: RelationFacts;
    }
  /** Uniqueness of a key of whole numbers, by bits where they lie close together; with the key `implied` combinations are unique, too. */
  | {
      readonly kind: 'bits';
      readonly checks: readonly PlannedCheck[];
      readonly key: PlannedCheck;
      readonly implied: readonly PlannedCheck[];
    }
  /**
   * One row, `considered` and `passes`: whether all tests pass, asked in a way that is far cheaper than counting what fails. Unless it says so, `otherwise`
   * answers them.
   */
  | {
      readonly kind: 'screen';
      readonly checks: readonly PlannedCheck[];
      readonly sql: string;
      readonly otherwise: readonly CheckStep[];
    }
  /** Reads the relation once into a temporary table, then takes the inner steps over it. */
  | {
      readonly kind: 'materialise';
      readonly checks: readonly PlannedCheck[];
      /** The query whose rows are kept. */
      readonly source: string;
      readonly temporary: string;
      readonly steps: readonly CheckStep[];
    };

/** Tests answered by one SELECT of one text, as tallies.ts writes it. */
export interface Tally {
  readonly checks: readonly PlannedCheck[];
  readonly sql: string;
}

export interface CheckPlan {
  readonly steps: readonly CheckStep[];
}

/** What the names of temporary copies begin with. */
export const TEMPORARY = 'dql_tested_';

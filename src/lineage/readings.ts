/** What a query's columns and rows are in the relations it reads. */
import type { RelationName } from './literal-tables.ts';

/** Each value of a column is the value of this column in a row of this relation. */
export interface Origin {
  readonly relation: RelationName;
  readonly column: string;
  /** Tells the readings of one relation apart: `orders a join orders b` are two. */
  readonly reading: string;
  /** NULL may stand here where none is there: an outer join, a grouping set. */
  readonly padded: boolean;
}

/** A reading of which each row stands at most once in a result, if `given` is true. */
export interface Singular {
  readonly relation: RelationName;
  readonly reading: string;
  /** Columns that must be unique in their relations, or a join repeats rows. */
  readonly given: readonly UniqueKey[];
}
export interface UniqueKey {
  readonly relation: RelationName;
  readonly columns: readonly string[];
}

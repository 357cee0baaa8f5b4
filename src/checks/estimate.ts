/** What answering a test should cost: milliseconds, from throughput measured on DuckDB 1.5.6 with two cores. For comparing, not for promising. */
import type { CheckSql } from './check.ts';
import type { RelationFacts } from './check-plan.ts';
import type { Question } from './question.ts';

/** Rows up to which a scan for several row tests takes less time than planning each of them. */
export const SMALL = 100_000;

/** Rows from which a test that must read them is worth a statement of its own, so that others need not wait for it. */
export const LARGE = 10_000_000;

/** Of files of columns it is rarely known how many rows they have: they are taken to have many, of anything else few. */
export const supposedRows = ({ rows, storage }: RelationFacts): number =>
  rows ?? (storage === 'parquet' ? LARGE : 10_000);

const PER_MILLION_ROWS = { scan: 5, group: 60, text: 900, view: 20, computed: 400 };
/** Planning and answering a statement that reads next to nothing. */
export const STATEMENT = 0.5;

/** Reading a relation once that is no table. */
export const readingCost = (facts: RelationFacts): number =>
  STATEMENT +
  (supposedRows(facts) / 1e6) *
    PER_MILLION_ROWS[facts.storage === 'text' ? 'text' : facts.costly === 'computes' ? 'computed' : 'view'];

/** Answering one test by a query of its own. */
export function aloneCost(check: CheckSql, facts: RelationFacts | undefined): number {
  if (isFromStatistics(check.question)) return STATEMENT;
  const kind = check.question.kind === 'rows' || check.question.kind === 'aggregate' ? 'scan' : 'group';
  const reading = facts && (facts.storage === 'text' || facts.costly) ? readingCost(facts) : 0;
  return STATEMENT + ((facts ? supposedRows(facts) : 10_000) / 1e6) * PER_MILLION_ROWS[kind] + reading;
}

export const isFromStatistics = (question: Question): boolean =>
  (question.kind === 'rows' && question.prunable === true) ||
  (question.kind === 'aggregate' && question.value === 'count(*)');

/**
 * Uniqueness of keys that are nearly unique: grouping them makes a group for nearly every row, which takes twice as long as sorting a number for each
 * key and looking at neighbours. Only rows whose number occurs twice are suspects, and only those are grouped.
 */
import type { CheckSql } from './check.ts';
import type { PlannedCheck } from './check-plan.ts';
import { isNumber, isTime, select } from './expressions.ts';
import { fromOf } from './measure.ts';
import type { FrequencyQuestion } from './question.ts';

/** How a test of many rows is asked: over its suspects where it can be, and plainly where its keys turn out to repeat. */
export function suspectsFirst(check: CheckSql): Pick<PlannedCheck, 'check' | 'plainly'> {
  const suspects = ofSuspects(check);
  return suspects === check ? { check } : { check: suspects, plainly: check };
}

/**
 * The same test over its suspects; the test itself when it is no such, or of keys that may be equal and have different hashes. Texts are not among those:
 * `group by all` tells them apart by their bytes, whatever their collation.
 */
function ofSuspects(check: CheckSql): CheckSql {
  const { question, relation, config, looking } = check;
  if (question.kind !== 'frequency' || question.bad !== 'n_records > 1' || !question.keys.every(isHashed)) return check;
  const number = numberOf(question);
  const numbers = select(`${number} as number`, fromOf(relation, config.where), question.considered);
  const neighbours = `select number, lag(number) over (order by number) as before from (${numbers})`;
  const twice = `${number} in (select number from (${neighbours}) where number = before)`;
  const suspects = `(${select('*', relation, twice)}) as suspects`;
  // Whether there was any row to consider is not asked of the suspects.
  return { ...check.over(suspects), looking };
}

/** So many rows are looked at to tell whether keys are nearly unique: a thousandth of the work. */
const LOOKED_AT = 100_000;

/** Of keys that repeat nearly every row is a suspect, and grouping all at once is the faster way: few groups are made. */
export const mostlyDiffer = (keys: bigint, distinct: bigint): boolean => distinct * 10n >= keys * 9n;

/** One row: keys among the first rows, and how many of them differ. Undefined for what is not asked by suspects. */
export function firstKeys({ plainly }: PlannedCheck): string | undefined {
  if (plainly?.question.kind !== 'frequency') return undefined;
  const { question, relation, config } = plainly;
  const first = select(`${numberOf(question)} as number`, fromOf(relation, config.where), question.considered);
  return select('count(number), count(distinct number)', `(\n${first}\nlimit ${LOOKED_AT}) as first_keys`);
}

type Key = FrequencyQuestion['keys'][number];

const isText = ({ type }: Key): boolean => type === 'VARCHAR';
const isHashed = (key: Key): boolean =>
  isText(key) ||
  (key.type !== undefined && (isNumber(key.type) || isTime(key.type) || /^(BOOLEAN|UUID)$/.test(key.type)));

/** A key that is a number or a time is its own, unless it may be NULL, which equals nothing. */
function numberOf({ keys, considered }: FrequencyQuestion): string {
  const [only, other] = keys;
  return only && !other && !isText(only) && considered !== null
    ? only.sql
    : `hash(${keys.map(({ sql }) => sql).join(', ')})`;
}

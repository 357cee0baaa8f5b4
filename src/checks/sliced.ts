/** Testing only what an incremental run changed, where that says as much as testing everything. */
import type { CheckSql } from './check.ts';
import type { RelationFacts } from './check-plan.ts';
import { needsShare } from './measure.ts';

/**
 * The test over the changed rows, or undefined when it must see all. A row test needs the changed rows only, a test of values the values in them, and
 * uniqueness all rows that share a key with them. Not so: shares of all rows, figures over all rows, and conditions whose answer for an old row
 * may have changed since (they read the clock or another relation).
 */
export function sliced(check: CheckSql, facts: RelationFacts | undefined): CheckSql | undefined {
  const { question, config, usesNow, id, relation } = check;
  if (!facts?.slice?.passedBefore.has(id) || config.scope === 'all' || needsShare(config) || usesNow) return undefined;
  if (question.kind === 'rows')
    return mayChange(question.violation, config.where) ? undefined : over(check, facts.slice.relation);
  if (question.kind !== 'frequency' || mayChange(question.bad, config.where)) return undefined;
  if (!question.bad.includes('n_records')) return over(check, facts.slice.relation);
  // `in` does not find NULL keys, so every key must be one that the test considers only when it is there.
  const keys = question.keys.map(({ sql }) => sql);
  const allPresent =
    keys.every((key) => question.considered?.includes(`${key} is not null`)) && !question.considered?.includes(' or ');
  if (!allPresent || keys.some((key) => mayChange(key, undefined))) return undefined;
  const key = keys.length === 1 ? keys[0] : `(${keys.join(', ')})`;
  return over(
    check,
    `(select * from ${relation} where ${key} in (select ${key} from ${facts.slice.relation})) as tested`,
  );
}

const over = (check: CheckSql, relation: string): CheckSql => ({
  ...check.over(relation),
  slice: true,
});

const VOLATILE = /\b(select|now|current_\w+|get_current_\w+|today|random|uuid|nextval|transaction_timestamp)\b/i;
const mayChange = (condition: string, where: string | undefined): boolean =>
  VOLATILE.test(condition) || (where !== undefined && VOLATILE.test(where));

/** Testing only what an incremental run changed, where that says as much as testing everything. */
import type { CheckSql } from './check.ts';
import type { RelationFacts } from './check-plan.ts';
import { needsShare } from './measure.ts';

/** Why the test must see all rows, in words; undefined where the changed ones say as much, once it passed on the others. */
export function whyAllRows({ question, config, usesNow }: CheckSql): string | undefined {
  if (config.scope === 'all') return '`scope: all`';
  if (needsShare(config)) return 'it is about a share of all rows';
  if (usesNow) return 'it reads the clock, which moves on for old rows, too';
  const elsewhere = 'it reads the clock or another relation, so its answer for an old row may have changed';
  if (question.kind === 'rows') return mayChange(question.violation, config.where) ? elsewhere : undefined;
  if (question.kind !== 'frequency') return 'it is a figure of all rows';
  if (mayChange(question.bad, config.where)) return elsewhere;
  if (!question.bad.includes('n_records')) return undefined;
  // `in` does not find NULL keys, so every key must be one that the test considers only when it is there.
  const keys = question.keys.map(({ sql }) => sql);
  const allPresent =
    keys.every((key) => question.considered?.includes(`${key} is not null`)) && !question.considered?.includes(' or ');
  if (!allPresent) return 'it counts rows without a key';
  return keys.some((key) => mayChange(key, undefined)) ? elsewhere : undefined;
}

/**
 * The test over the changed rows, or undefined when it must see all. A row test needs the changed rows only, a test of values the values in
 * them, and uniqueness all rows that share a key with them.
 */
export function sliced(check: CheckSql, facts: RelationFacts | undefined): CheckSql | undefined {
  const { question, id, relation } = check;
  if (!facts?.slice?.passedBefore.has(id) || whyAllRows(check) !== undefined) return undefined;
  if (question.kind !== 'frequency' || !question.bad.includes('n_records')) return over(check, facts.slice.relation);
  const keys = question.keys.map(({ sql }) => sql);
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

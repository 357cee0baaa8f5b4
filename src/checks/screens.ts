/**
 * What is far cheaper to ask while tests pass than to count what fails: it is asked first on tables that are worth it. Only an answer that is exact
 * counts; after any other the tests are answered as if nobody had asked.
 */
import type { CheckSql } from './check.ts';
import type { CheckStep, PlannedCheck, RelationFacts } from './check-plan.ts';
import { aloneCost, SMALL } from './estimate.ts';
import { fromOf, needsShare } from './measure.ts';
import { countsRows, isCountable, judgesValues, needsNumbersOnly, screenTexts } from './tallies.ts';

/** Where texts are no dictionary every row is compared with each of the list: from so many on counting them is cheaper. */
const MOST_LISTED = 32;

/** Of files it is rarely known how many rows they have; one of columns is taken to have many. */
export const isLarge = ({ slice }: CheckSql, { storage = 'view', rows }: Partial<RelationFacts> = {}): boolean =>
  storage !== 'view' && (rows === undefined ? storage === 'parquet' : rows > SMALL) && !slice;

/**
 * One question for tests of the values of one column of texts, when one of them lists the texts there may be; or the question that a single test brings.
 * @param otherwise what answers them when some do not pass
 */
export function screenOf(
  together: readonly CheckSql[],
  facts: RelationFacts | undefined,
  otherwise: () => readonly CheckStep[],
): CheckStep | undefined {
  const [first] = together;
  if (!first || !isLarge(first, facts) || !together.every(needsNumbersOnly)) return undefined;
  const { question, relation, config } = first;
  const from = fromOf(relation, config.where);
  const screened = (sql: string, because: string): CheckStep => ({
    kind: 'screen',
    sql,
    otherwise: otherwise(),
    checks: together.map((check) => ({
      check,
      strategy: 'screened',
      because,
      estimate: aloneCost(check, facts) / 3 / together.length,
    })),
  });
  if (question.kind === 'query')
    return question.screen && screened(question.screen(from), 'counts the rows that are right, which is cheaper');
  const texts = together.map(listedTexts).find((found) => found !== undefined);
  const judging = together.filter(isCountable).filter((check) => countsRows(check) || judgesValues(check));
  if (texts === undefined || texts.length > MOST_LISTED || judging.length < together.length) return undefined;
  return screened(screenTexts(judging, texts, from), `judged by the ${texts.length} texts that there may be`);
}

const listedTexts = ({ question }: CheckSql): readonly string[] | undefined =>
  question.kind === 'frequency' && question.keys.length === 1 ? question.listed : undefined;

/** Keys of large tables, each with the combinations that are unique if the key is. */
export function bitSteps(
  checks: readonly CheckSql[],
  factsOf: ReadonlyMap<string, RelationFacts>,
): readonly CheckStep[] {
  const taken = new Set<string>();
  const frequent = checks.filter(
    (check) => isCountable(check) && isLarge(check, factsOf.get(check.relation)) && !needsShare(check.config),
  );
  return frequent.flatMap((check): readonly CheckStep[] => {
    const { question } = check;
    if (question.kind !== 'frequency' || !question.wholeNumbers || taken.has(check.id)) return [];
    taken.add(check.id);
    const implied = frequent.filter((other) => !taken.has(other.id) && isImplied(other, check));
    for (const { id } of implied) taken.add(id);
    const plannedOf = (each: CheckSql, because: string): PlannedCheck => ({
      check: each,
      strategy: 'one bit a value',
      because,
      estimate: aloneCost(each, factsOf.get(each.relation)) / 8,
    });
    const key = plannedOf(check, 'whole numbers, counted by a bit for each where they lie close together');
    const others = implied.map((each) => plannedOf(each, `unique if ${check.column ?? 'its key'} is`));
    return [{ kind: 'bits', checks: [key, ...others], key, implied: others }];
  });
}

/** Of the same rows, and unique when the key of `by` is: that column is among its own. */
function isImplied({ question, relation, config }: CheckSql, by: CheckSql): boolean {
  return (
    question.kind === 'frequency' &&
    question.claim?.kind === 'unique' &&
    relation === by.relation &&
    config.where === by.config.where &&
    question.claim.columns.some((column) => column.toLowerCase() === by.column?.toLowerCase())
  );
}

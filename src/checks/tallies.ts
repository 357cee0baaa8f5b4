/**
 * Counting in few words. Most tests ask for two or three numbers; as one text a relation, many of them are answered by a statement that takes
 * the engine a fraction of the time to plan that one row a test would.
 */
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { CheckSql } from './check.ts';
import { called, select } from './expressions.ts';
import { failingSql, fromOf, indent, needsShare } from './measure.ts';
import type { FrequencyQuestion, From, RowQuestion } from './question.ts';
import type { Measurement } from './verdict.ts';

/** A question whose answer is numbers only. */
export type Countable = CheckSql & { readonly question: RowQuestion | FrequencyQuestion };

/** Not so: figures, queries of their own, a `fail_calc`, and thresholds that only the warehouse can judge. */
export const isCountable = (check: CheckSql): check is Countable =>
  (check.question.kind === 'rows' || check.question.kind === 'frequency') && needsNumbersOnly(check);

/** Whether the counts of a test are all that its verdict needs of the warehouse. */
export const needsNumbersOnly = ({ config }: CheckSql): boolean =>
  config.failCalc === undefined && config.warnIf.kind !== 'sql' && config.errorIf.kind !== 'sql';

export type CountableRows = Countable & { readonly question: RowQuestion };
export const countsRows = (check: CheckSql): check is CountableRows =>
  isCountable(check) && check.question.kind === 'rows';

/** A test of values that are expected to be few, so that judging them is cheaper than judging rows. */
export const judgesValues = ({ question }: Countable): boolean =>
  question.kind === 'frequency' && !question.bad.includes('n_records');

/** Three numbers of a test: failures, rows in violation, and rows considered. */
interface Counts {
  readonly violating: string;
  readonly violations: string;
  /** null: left to be looked for. */
  readonly considered: string | null;
}

/** A SELECT of one text, the numbers of each test after those of the one before. */
const tally = (counts: readonly Counts[], from: From, condition: string | null = null): string =>
  select(
    `concat_ws(' ', ${counts
      .flatMap(({ violating, violations, considered }) => [violating, violations, considered ?? `'${UNKNOWN}'`])
      .join(', ')}) as counts`,
    from,
    condition,
  );

const UNKNOWN = '-';

/**
 * One test by itself: reads only what it must to count the failures.
 * @param isSmall reading all rows costs less than asking afterwards whether any was considered
 */
export function tallyAlone({ question, relation, config }: Countable, isSmall = false): string {
  const from = fromOf(relation, config.where);
  if (needsShare(config) || isSmall)
    return question.kind === 'rows' ? scanned([question], from) : tally([ofGroups(question)], grouped(question, from));
  if (question.kind === 'rows')
    return tally([{ violating: 'count(*)', violations: 'count(*)', considered: null }], from, question.violation);
  return tally(
    [{ violating: 'count(*)', violations: 'coalesce(sum(n_records), 0)', considered: null }],
    `(\n${indent(failingSql(question, from))}\n) as failing`,
  );
}

/** Row tests of one table expression in one scan of it; what was considered comes with it. */
export const tallyScan = (checks: readonly CountableRows[], from: From): string =>
  scanned(
    checks.map(({ question }) => question),
    from,
  );

function scanned(questions: readonly RowQuestion[], from: From): string {
  const satisfying = (condition: string | null) =>
    condition === null ? 'count(*)' : `count(*) filter (where ${condition})`;
  return tally(
    questions.map(({ violation, considered }) => ({
      violating: satisfying(violation),
      violations: satisfying(violation),
      considered: satisfying(considered),
    })),
    from,
  );
}

/**
 * Tests of the values of one key: the values are counted once. Row tests that read nothing but the key judge a value in place of each row with it.
 * The first must be of values; all have its key and consider the same rows.
 */
export function tallyValues(checks: readonly Countable[], from: From): string {
  const named = [...namesOf(checks).values()].map(({ sql, name }) => called(sql, name)).join(', ');
  const groups = `${select(`${named}, count(*) as n_records`, from, valuesIn(checks).considered)}\ngroup by all`;
  return tally(countsOfValues(checks), `(\n${indent(groups)}\n) as frequencies`);
}

/**
 * Tests of the values of several columns in one pass: each group has the tests of one column, as `tallyValues` takes them. Answers a common table
 * expression and a SELECT for each group.
 */
export function tallyGroupingSets(
  groups: readonly (readonly Countable[])[],
  from: From,
): { readonly with: string; readonly sql: readonly string[] } {
  const keyOf = (checks: readonly Countable[]): string => valuesIn(checks).keys[0]?.sql ?? '';
  // Two groups of one column differ in the rows they consider.
  const keys = [...new Set(groups.map(keyOf))];
  const selected = keys.map((key, index) => `${key} as k${index + 1}`).join(', ');
  const sets = keys.map((key) => `(${key})`).join(', ');
  return {
    with: `frequencies as materialized (\n${indent(`select ${selected}, grouping(${keys.join(', ')}) as kept, count(*) as n_records\nfrom ${from}\ngroup by grouping sets (${sets})`)}\n)`,
    sql: groups.map((checks) => {
      const place = keys.indexOf(keyOf(checks));
      // Of the bits of grouping() the one of a grouped key is 0, and the first key has the highest.
      const kept = 2 ** keys.length - 1 - 2 ** (keys.length - 1 - place);
      const named = [...namesOf(checks).values()].map(({ name }) => `k${place + 1} as ${name}`).join(', ');
      const ofKey = select(`${named}, n_records`, 'frequencies', `kept = ${kept}`);
      return tally(countsOfValues(checks), `(\n${indent(ofKey)}\n) as frequencies`, valuesIn(checks).considered);
    }),
  };
}

/** One row, `passes`: whether tests of the values of one key find nothing bad among these texts. */
export function judgingTexts(checks: readonly Countable[], texts: readonly string[]): string {
  const key = valuesIn(checks).keys[0]?.sql ?? '';
  const listed = [...namesOf(checks).values()].map(({ name }) => called(key, name)).join(', ');
  const bad = countsOfValues(checks).map(({ violating }) => violating);
  return select(
    `greatest(${bad.join(', ')}) = 0 as passes`,
    `(select ${listed}, 1 as n_records from (select unnest(${textList(texts)}) as ${key}))`,
  );
}

/**
 * One row, `considered` and `passes`: whether every row that these tests consider has one of the texts, and none of them minds any of those. Where texts
 * are stored as a dictionary the engine looks up each word of it once and no row's.
 */
export function screenTexts(checks: readonly Countable[], texts: readonly string[], from: From): string {
  const { keys, considered } = valuesIn(checks);
  const key = keys[0]?.sql ?? '';
  const found = `count(${considered === null ? '*' : key}) as considered, count(list_position(${textList(texts)}, ${key})) as listed`;
  return select(
    'considered, considered = listed and passes as passes',
    `(\n${indent(select(found, from))}\n) as found, (\n${indent(judgingTexts(checks, texts))}\n) as judged`,
  );
}

const textList = (texts: readonly string[]): string => `[${texts.map(quotedString).join(', ')}]`;

function valuesIn(checks: readonly Countable[]): FrequencyQuestion {
  const found = checks.find(({ question }) => question.kind === 'frequency')?.question;
  if (found?.kind !== 'frequency') throw new Error('no test of values among those that count values');
  return found;
}

/** The key under each name that a test calls it by: tests of values have names of their own, row tests say the column's. */
function namesOf(checks: readonly Countable[]): ReadonlyMap<string, { readonly sql: string; readonly name: string }> {
  const names = new Map<string, { readonly sql: string; readonly name: string }>();
  for (const { question } of checks)
    if (question.kind === 'frequency')
      for (const { name, sql } of question.keys) names.set(name, { sql, name: quotedIdentifier(name) });
    else if (question.column !== undefined) names.set(question.column, { sql: question.column, name: question.column });
  return names;
}

const countsOfValues = (checks: readonly Countable[]): readonly Counts[] =>
  checks.map(({ question }) =>
    question.kind === 'frequency'
      ? ofGroups(question)
      : {
          violating: recordsOf(question.violation),
          violations: recordsOf(question.violation),
          considered: recordsOf(question.considered),
        },
  );

const grouped = ({ keys, considered }: FrequencyQuestion, from: From): From => {
  const named = keys.map(({ name, sql }) => called(sql, quotedIdentifier(name)));
  return `(\n${indent(`${select(`${named.join(', ')}, count(*) as n_records`, from, considered)}\ngroup by all`)}\n) as frequencies`;
};

const ofGroups = ({ bad }: FrequencyQuestion): Counts => ({
  violating: `count(*) filter (where ${bad})`,
  violations: recordsOf(bad),
  considered: recordsOf(null),
});

const recordsOf = (condition: string | null): string =>
  `coalesce(sum(n_records)${condition === null ? '' : ` filter (where ${condition})`}, 0)`;

/** What a tally's text says of its tests, in their order. */
export function readTally(text: string, checks: readonly CheckSql[]): readonly Measurement[] {
  const numbers = text.split(' ').map((word) => (word === UNKNOWN ? null : Number(word)));
  return checks.map(({ config: { limit } }, index) => {
    const [violating = 0, violations = 0, considered = null] = numbers.slice(index * 3, index * 3 + 3);
    return {
      failures: limit === undefined ? violating : Math.min(violating ?? 0, limit),
      violations: violations ?? 0,
      considered,
      nothing: considered === null ? null : considered === 0,
      value: null,
      level: null,
      shouldWarn: null,
      shouldError: null,
    };
  });
}

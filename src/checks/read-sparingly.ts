/** Tests of a relation that is expensive to read: text that is parsed, views that are computed. */
import type { CheckSql } from './check.ts';
import type { CheckStep, PlannedCheck, RelationFacts } from './check-plan.ts';
import { TEMPORARY } from './check-plan.ts';
import { directSteps, groupBy, planned, stepsOf, valuesKey } from './direct-steps.ts';
import { aloneCost, readingCost, STATEMENT } from './estimate.ts';
import { countsIn, fromOf, indent, measured, needsShare } from './measure.ts';
import type { From } from './question.ts';
import { type Countable, countsRows, isCountable, judgesValues, tallyGroupingSets } from './tallies.ts';

/** Undefined where reading it for each test is no worse. */
export function readSparingly(
  facts: RelationFacts | undefined,
  checks: readonly CheckSql[],
  index: number,
): readonly CheckStep[] | undefined {
  if (!facts || checks.length < 2) return undefined;
  if (facts.storage === 'view' && facts.costly === 'joins') return inFewPasses(facts, checks, index);
  if (facts.storage !== 'text' && facts.costly === undefined) return undefined;
  return [scannedTogether(facts, checks) ?? copied(facts, checks, index)];
}

/** Whether a question can be counted beside others in the same scan. */
const fitsOneScan = ({ question, config }: CheckSql): boolean =>
  config.failCalc === undefined && (question.kind === 'rows' || question.kind === 'aggregate');

function scannedTogether(facts: RelationFacts, checks: readonly CheckSql[]): CheckStep | undefined {
  const passes = new Set(checks.map(({ relation, config }) => fromOf(relation, config.where)));
  return passes.size === 1 && checks.every(fitsOneScan) ? oneScan(checks, facts) : undefined;
}

/** Row tests and figures over the same rows, by one scan of them. */
export function oneScan(checks: readonly CheckSql[], facts: RelationFacts): CheckStep {
  const [first] = checks;
  const from: From = fromOf(facts.relation, first?.config.where);
  const { scan, counts } = countsIn(checks.map(({ question }) => question));
  const because = facts.storage === 'text' ? 'the file is parsed once' : 'the view is read once for its row tests';
  const rows = checks.map(
    (check, index) =>
      `select ${index} as test, * from (\n${indent(measured(counts[index] ?? '', check.question, from, check.config))}\n) as measured`,
  );
  return {
    kind: 'query',
    sql: `with scan as materialized (\n${indent(`select ${scan.join(',\n  ')}\nfrom ${from}`)}\n)\n${rows.join('\nunion all\n')}`,
    checks: checks.map((check) => ({
      check,
      strategy: 'one scan',
      because,
      estimate: readingCost(facts) / checks.length,
    })),
  };
}

function copied(facts: RelationFacts, checks: readonly CheckSql[], index: number): CheckStep {
  const temporary = `temp."${TEMPORARY}${index}"`;
  const because =
    facts.storage === 'text'
      ? 'the file is parsed once for all its tests'
      : 'the view is computed once for all its tests';
  const share = readingCost(facts) / checks.length;
  return {
    kind: 'materialise',
    source: `select ${mentioned(checks, facts.columns)}\nfrom ${facts.relation}`,
    temporary,
    checks: checks.map((check) => ({
      check,
      strategy: 'materialised',
      because,
      estimate: share + aloneCost(check, { ...facts, storage: 'table', costly: undefined }),
    })),
    steps: directSteps(
      checks.map((check) => check.over(temporary)),
      new Map([[temporary, { relation: temporary, storage: 'table', rows: facts.rows }]]),
    ),
  };
}

/** The columns whose names occur in the tests' SQL; `*` where their names are not known or a test takes whole rows. */
function mentioned(checks: readonly CheckSql[], columns: readonly string[] | undefined): string {
  if (columns === undefined || !checks.every(isCountable)) return '*';
  const text = checks
    .map(({ question, config }) =>
      [
        config.where,
        question.considered,
        ...(question.kind === 'rows' ? [question.violation] : question.keys.map(({ sql }) => sql)),
      ].join(' '),
    )
    .join(' ')
    .toLowerCase();
  const needed = columns
    .map((name) => name.replaceAll('"', '""'))
    .filter((name) => text.includes(name.toLowerCase()))
    .map((name) => `"${name}"`);
  return needed.length === 0 || /columns\s*\(|\*/.test(text) ? '*' : needed.join(', ');
}

/** A copy of what must be grouped pays from so many groupings on. */
const WORTH_A_COPY = 3;

/**
 * A view that joins streams its rows: one scan for the row tests and figures that its statistics do not answer, one pass for the values of all its
 * columns, and for each other test a pass of its own, or a copy of the columns they need.
 */
function inFewPasses(facts: RelationFacts, checks: readonly CheckSql[], index: number): readonly CheckStep[] {
  const steps: CheckStep[] = [];
  const values = new Map([...groupBy(checks.filter(isCountable), groupedTogether)].filter(([key]) => key !== ''));
  const groups = [...values.values()].filter((group) => group.some(judgesValues));
  const inGroups = new Set(groups.flat().map(({ id }) => id));
  const rest = checks.filter(({ id }) => !inGroups.has(id));
  const inScan = rest.filter((check) => fitsOneScan(check) && check.config.where === undefined && !check.slice);
  const byStatistics = inScan.filter(
    (check) => countsRows(check) && check.question.prunable && !needsShare(check.config),
  );
  const scanned = inScan.filter((check) => !byStatistics.includes(check));
  if (byStatistics.length > 0) steps.push(statisticsFirst(byStatistics, scanned, facts));
  else if (scanned.length > 1) steps.push(oneScan(scanned, facts));
  if (groups.length > 0) steps.push(groupingSets(groups, facts));
  const others = rest.filter((check) => !inScan.includes(check));
  if (scanned.length === 1 && byStatistics.length === 0) others.push(...scanned);
  if (others.length >= WORTH_A_COPY && others.every(isCountable)) steps.push(copied(facts, others, index));
  else for (const check of others) steps.push(...stepsOf([planned(check, facts)]));
  return steps;
}

function statisticsFirst(
  byStatistics: readonly CheckSql[],
  read: readonly CheckSql[],
  facts: RelationFacts,
): CheckStep {
  const asked = byStatistics.map(
    (check): PlannedCheck => ({
      check,
      strategy: 'statistics',
      because: 'answered from the column statistics of what the view reads, else by the scan of its row tests',
      estimate: STATEMENT,
    }),
  );
  const scanned = read.length === 0 ? [] : oneScan(read, facts).checks;
  return { kind: 'statistics', checks: [...asked, ...scanned], asked, scanned, facts };
}

const PLAIN = /^"(?:[^"]|"")+"$/;

/** The same for tests of the values of one plain column that may share a pass with other columns; empty for all others. */
function groupedTogether(check: Countable): string {
  const { question, config } = check;
  if (config.where !== undefined || check.slice) return '';
  const keys = question.kind === 'rows' ? [question.column ?? ''] : question.keys.map(({ sql }) => sql);
  const [key = ''] = keys;
  const considersKey = question.considered === null || question.considered === `${key} is not null`;
  const isOfValues = question.kind === 'rows' || judgesValues(check);
  return keys.length === 1 && PLAIN.test(key) && considersKey && isOfValues ? (valuesKey(check) ?? '') : '';
}

function groupingSets(groups: readonly (readonly Countable[])[], facts: RelationFacts): CheckStep {
  const { with: shared, sql } = tallyGroupingSets(groups, facts.relation);
  const count = groups.flat().length;
  const plannedOf = (check: Countable): PlannedCheck => ({
    check,
    strategy: 'one group by',
    because: 'the values of all its columns are counted in one pass',
    estimate: (readingCost(facts) + aloneCost(check, { ...facts, costly: undefined })) / count,
  });
  const tallies = groups.map((checks, at) => ({ sql: sql[at] ?? '', checks: checks.map(plannedOf) }));
  return { kind: 'tallies', with: shared, tallies, checks: tallies.flatMap(({ checks }) => checks) };
}

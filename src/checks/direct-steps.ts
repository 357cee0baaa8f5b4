/** Tests of relations that are cheap to read again. */
import type { CheckSql } from './check.ts';
import type { CheckStep, PlannedCheck, RelationFacts, Tally } from './check-plan.ts';
import { aloneCost, isFromStatistics, LARGE, SMALL, STATEMENT, supposedRows } from './estimate.ts';
import { fromOf, needsShare } from './measure.ts';
import { bitSteps, isLarge, screenOf } from './screens.ts';
import { suspectsFirst } from './suspects.ts';
import {
  type Countable,
  countsRows,
  isCountable,
  judgesValues,
  tallyAlone,
  tallyScan,
  tallyValues,
} from './tallies.ts';

/** So many tests at most in one statement: planning time grows with its length, and a fault is looked for by halving. */
const BATCH = 32;

export function directSteps(
  checks: readonly CheckSql[],
  factsOf: ReadonlyMap<string, RelationFacts>,
): readonly CheckStep[] {
  const steps: CheckStep[] = [...bitSteps(checks, factsOf)];
  const byBits = new Set(steps.flatMap((step) => step.checks.map(({ check }) => check.id)));
  const scans: Tally[] = [];
  const apart: PlannedCheck[] = [];
  const others = checks.filter(({ id }) => !byBits.has(id));
  for (const [key, together] of groupBy(others, (check) => shareOf(check, factsOf.get(check.relation)))) {
    const facts = factsOf.get(together[0]?.relation ?? '');
    const counted = together.filter(isCountable);
    if (key.startsWith('scan ') && together.length > 1) scans.push(smallScan(counted, facts));
    else {
      const sharing = key.startsWith('values ') ? sharingValues(counted) : [];
      const shared = sharing.length === 0 ? [] : [talliesOf([valuesTally(sharing, facts)])];
      const alone = together.filter((check) => !sharing.some(({ id }) => id === check.id));
      const screen = screenOf(together, facts, () => [
        ...shared,
        ...stepsOf(alone.map((check) => planned(check, facts))),
      ]);
      if (screen) steps.push(screen);
      else {
        steps.push(...shared);
        apart.push(...alone.map((check) => planned(check, facts)));
      }
    }
  }
  for (const tallies of batches(scans)) steps.push(talliesOf(tallies));
  for (const each of apart) if (each.strategy === 'alone') steps.push(...stepsOf([each]));
  const isSmall = ({ relation, slice }: CheckSql) => isSmallTable(factsOf.get(relation)) && !slice;
  steps.push(
    ...stepsOf(
      apart.filter(({ strategy }) => strategy !== 'alone'),
      isSmall,
    ),
  );
  return steps;
}

const isSmallTable = (facts: RelationFacts | undefined): boolean =>
  facts?.storage === 'table' && facts.rows !== undefined && facts.rows <= SMALL;

/** One statement for up to `BATCH` tests, each counted by itself; those that have a figure in statements of their own. */
export function stepsOf(
  checks: readonly PlannedCheck[],
  isSmall: (check: CheckSql) => boolean = () => false,
): readonly CheckStep[] {
  const tallies = checks.flatMap((each): readonly Tally[] =>
    isCountable(each.check) ? [{ checks: [each], sql: tallyAlone(each.check, isSmall(each.check)) }] : [],
  );
  const measured = checks.filter(({ check }) => !isCountable(check));
  return [
    ...batches(tallies).map(talliesOf),
    ...batches(measured.map((each) => ({ checks: [each] }))).map((batch): CheckStep => {
      const together = batch.flatMap(({ checks: each }) => each);
      return { kind: 'query', checks: together, sql: unionSql(together.map(({ check }) => check)) };
    }),
  ];
}

export const unionSql = (checks: readonly CheckSql[]): string =>
  checks.map(({ count }, index) => `select ${index} as test, * from (\n${count}\n) as measured`).join('\nunion all\n');

export const talliesOf = (tallies: readonly Tally[]): CheckStep => ({
  kind: 'tallies',
  checks: tallies.flatMap(({ checks }) => checks),
  tallies,
});

function batches<T extends { readonly checks: readonly PlannedCheck[] }>(items: readonly T[]): readonly T[][] {
  const made: T[][] = [];
  let size = BATCH;
  for (const item of items) {
    if (size + item.checks.length > BATCH) {
      made.push([]);
      size = 0;
    }
    made.at(-1)?.push(item);
    size += item.checks.length;
  }
  return made;
}

/** The same for tests that one reading may answer; different for all others. */
function shareOf(check: CheckSql, facts: RelationFacts | undefined): string {
  if (!isCountable(check) || check.slice) return `alone ${check.id}`;
  return isSmallTable(facts) && countsRows(check)
    ? `scan ${fromOf(check.relation, check.config.where)}`
    : (valuesKey(check) ?? `alone ${check.id}`);
}

/** The same for tests of the values of the same column that consider the same rows; undefined for tests of anything else. */
export function valuesKey({ question, config, relation }: Countable): string | undefined {
  if (question.kind === 'rows' && (!question.byValue || question.column === undefined)) return undefined;
  const keys = question.kind === 'rows' ? [question.column] : question.keys.map(({ sql }) => sql);
  return `values ${JSON.stringify([fromOf(relation, config.where), keys, question.considered])}`;
}

/** Of tests with the same key those that one count of its values answers: row tests only where the values should be few. */
function sharingValues(checks: readonly Countable[]): readonly Countable[] {
  const sharing = checks.some(judgesValues) ? checks : checks.filter(({ question }) => question.kind === 'frequency');
  return sharing.length > 1 ? sharing : [];
}

function smallScan(checks: readonly Countable[], facts: RelationFacts | undefined): Tally {
  const [first] = checks;
  return {
    sql: tallyScan(checks.filter(countsRows), fromOf(first?.relation ?? '', first?.config.where)),
    checks: checks.map((check) => ({
      check,
      strategy: 'one scan',
      because: 'a small table, so one scan for its row tests',
      estimate: aloneCost(check, facts) / checks.length,
    })),
  };
}

function valuesTally(checks: readonly Countable[], facts: RelationFacts | undefined): Tally {
  const [first] = checks;
  return {
    sql: tallyValues(checks, fromOf(first?.relation ?? '', first?.config.where)),
    checks: checks.map((check) => ({
      check,
      strategy: 'one group by',
      because: `${checks.length} tests ask for the same values`,
      estimate: aloneCost(check, facts) / checks.length,
    })),
  };
}

export function planned(check: CheckSql, facts: RelationFacts | undefined): PlannedCheck {
  if (check.slice)
    return {
      check,
      strategy: 'slice',
      because: 'only rows this run changed; the others passed',
      estimate: STATEMENT,
    };
  const estimate = aloneCost(check, facts);
  if (isFromStatistics(check.question) && !needsShare(check.config))
    return {
      check,
      strategy: 'union',
      because: 'answered from column statistics',
      estimate,
    };
  const asked = isLarge(check, facts) ? suspectsFirst(check) : { check };
  if (facts && (supposedRows(facts) >= LARGE || facts.storage === 'view'))
    return {
      ...asked,
      strategy: 'alone',
      because: facts.storage === 'view' ? 'reads a view' : 'reads many rows',
      estimate,
    };
  return {
    ...asked,
    strategy: 'union',
    because: 'small, so one statement for many',
    estimate,
  };
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/**
 * planChecks: how a set of tests is answered with the least work. Which way is best depends on what the relation is: on a table each test
 * alone is answered from statistics, and one scan for all of them is slower; a CSV file must be parsed, so one scan is 30 times faster;
 * a view that joins is computed once. Nothing here runs anything.
 */
import type { CheckSql } from './check.ts';
import { countsIn, fromOf, indent, measured } from './measure.ts';
import type { Claim, From, Question } from './question.ts';
import { sliced } from './sliced.ts';
import type { Measurement } from './verdict.ts';

/** What is known of a relation before its tests are planned. */
export interface RelationFacts {
  /** As in the checks' `relation`. */
  readonly relation: string;
  /** `table` and `parquet` have statistics; `view` is computed when read; `text` (CSV, JSON) is parsed when read. */
  readonly storage: 'table' | 'parquet' | 'view' | 'text';
  /** A view that joins, aggregates, sorts or reads text: reading it twice costs twice. */
  readonly costly?: boolean | undefined;
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
  | 'alone'
  | 'union'
  | 'one scan'
  | 'one group by'
  | 'materialised'
  | 'slice';

/** One test within a step, with the SQL to fall back on when the step fails. */
export interface PlannedCheck {
  readonly check: CheckSql;
  readonly strategy: Strategy;
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
  /** Reads the relation once into a temporary table, then takes the inner steps over it. */
  | {
      readonly kind: 'materialise';
      readonly checks: readonly PlannedCheck[];
      readonly source: string;
      readonly temporary: string;
      readonly steps: readonly CheckStep[];
    };

export interface CheckPlan {
  readonly steps: readonly CheckStep[];
}

/** What the names of temporary copies begin with. */
export const TEMPORARY = 'dql_tested_';

/** So many tests at most in one statement: planning time grows with its length, and a fault is looked for by halving. */
const BATCH = 64;

export function planChecks(facts: readonly RelationFacts[], checks: readonly CheckSql[]): CheckPlan {
  const factsOf = new Map(facts.map((fact) => [fact.relation, fact]));
  const known: {
    readonly planned: PlannedCheck;
    readonly measurement: Measurement;
  }[] = [];
  const open: CheckSql[] = [];
  for (const check of checks) {
    const answer = knownAnswer(check, factsOf.get(check.relation));
    if (answer) known.push(answer);
    else open.push(sliced(check, factsOf.get(check.relation)) ?? check);
  }
  const steps: CheckStep[] = [];
  if (known.length > 0)
    steps.push({
      kind: 'known',
      checks: known.map(({ planned }) => planned),
      measurements: known.map(({ measurement }) => measurement),
    });
  const direct: CheckSql[] = [];
  for (const [relation, ofRelation] of groupBy(open, (check) => check.relation)) {
    const apart = readOnce(factsOf.get(relation), ofRelation, steps.length);
    if (apart) steps.push(apart);
    else direct.push(...ofRelation);
  }
  steps.push(...directSteps(direct, factsOf));
  return { steps };
}

function knownAnswer(check: CheckSql, facts: RelationFacts | undefined) {
  const { question } = check;
  if (question.kind === 'answered' && check.config.failCalc === undefined) {
    const planned = {
      check,
      strategy: 'metadata',
      because: 'known without reading rows',
      estimate: 0,
    } as const;
    return {
      planned,
      measurement: answeredMeasurement(question, check.config.limit),
    };
  }
  const outside = facts?.proved?.get(check.id);
  const proof =
    outside === undefined
      ? 'claim' in question && question.claim && provedBy(question.claim, facts?.proofs ?? [])
      : { because: outside };
  if (!proof) return undefined;
  return {
    planned: {
      check,
      strategy: 'proved',
      because: proof.because,
      estimate: 0,
    } as const,
    measurement: { ...NO_FAILURE, proved: true },
  };
}

const NO_FAILURE: Measurement = {
  failures: 0,
  violations: 0,
  considered: null,
  nothing: false,
  value: null,
  level: null,
  shouldWarn: null,
  shouldError: null,
};

function answeredMeasurement(
  question: Extract<Question, { kind: 'answered' }>,
  limit: number | undefined,
): Measurement {
  const found = question.findings.length;
  return {
    ...NO_FAILURE,
    failures: limit === undefined ? found : Math.min(found, limit),
    violations: found,
    considered: question.considered,
    nothing: question.considered === 0,
    value: question.value ?? null,
    level: question.level ?? null,
    learning: question.learning,
  };
}

/** The proof that implies a claim. A key within the columns makes the columns unique; fewer values are among more. */
function provedBy(claim: Claim, proofs: readonly Proof[]): Proof | undefined {
  const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  return proofs.find((proof) => {
    if (claim.kind === 'not_null') return proof.kind === 'not_null' && same(proof.column, claim.column);
    if (claim.kind === 'unique')
      return (
        proof.kind === 'unique' &&
        proof.columns.every((column) => claim.columns.some((claimed) => same(column, claimed)))
      );
    return (
      proof.kind === 'values' &&
      same(proof.column, claim.column) &&
      proof.values.every((value) => claim.values.includes(value))
    );
  });
}

/** A relation that is expensive to read is read once: in one scan when all its tests fit, else into a temporary table. */
function readOnce(facts: RelationFacts | undefined, checks: readonly CheckSql[], index: number): CheckStep | undefined {
  const expensive = facts?.storage === 'text' || (facts?.storage === 'view' && facts.costly);
  if (!facts || !expensive || checks.length < 2) return undefined;
  const passes = groupBy(checks, (check) =>
    fitsOneScan(check) ? fromOf(check.relation, check.config.where) : check.id,
  );
  const [first] = passes.keys();
  if (passes.size === 1 && first !== undefined && checks.every(fitsOneScan)) return oneScan(checks, first, facts);
  const temporary = `temp."${TEMPORARY}${index}"`;
  const because =
    facts.storage === 'text'
      ? 'the file is parsed once for all its tests'
      : 'the view is computed once for all its tests';
  const inner = directSteps(
    checks.map((check) => check.over(temporary)),
    new Map([[temporary, { relation: temporary, storage: 'table', rows: facts.rows }]]),
  );
  const share = checks.length === 0 ? 0 : readingCost(facts) / checks.length;
  return {
    kind: 'materialise',
    source: facts.relation,
    temporary,
    checks: checks.map((check) => ({
      check,
      strategy: 'materialised',
      because,
      estimate: share + aloneCost(check, { ...facts, storage: 'table' }),
    })),
    steps: inner,
  };
}

/** Whether a question can be counted beside others in the same scan. */
const fitsOneScan = ({ question, config }: CheckSql): boolean =>
  config.failCalc === undefined && (question.kind === 'rows' || question.kind === 'aggregate');

function oneScan(checks: readonly CheckSql[], from: From, facts: RelationFacts): CheckStep {
  const { scan, counts } = countsIn(checks.map(({ question }) => question));
  const because = facts.storage === 'text' ? 'the file is parsed once' : 'the view is computed once';
  const rows = checks.map((check, index) =>
    oneOf(index, measured(counts[index] ?? '', check.question, from, check.config)),
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

/** Tests on relations that are cheap to read again. */
function directSteps(checks: readonly CheckSql[], factsOf: ReadonlyMap<string, RelationFacts>): readonly CheckStep[] {
  const steps: CheckStep[] = [];
  const rest: PlannedCheck[] = [];
  for (const [, sharing] of groupBy(checks, frequencyKey)) {
    const [first] = sharing;
    if (first && sharing.length > 1 && first.question.kind === 'frequency' && first.config.failCalc === undefined) {
      steps.push(oneGroupBy(sharing, factsOf.get(first.relation)));
      continue;
    }
    for (const check of sharing) rest.push(direct(check, factsOf.get(check.relation)));
  }
  const [alone, together] = [
    rest.filter(({ strategy }) => strategy === 'alone'),
    rest.filter(({ strategy }) => strategy !== 'alone'),
  ];
  for (const planned of alone) steps.push(unionOf([planned]));
  for (let start = 0; start < together.length; start += BATCH)
    steps.push(unionOf(together.slice(start, start + BATCH)));
  return steps;
}

/** Rows from which a test that must read them is worth a statement of its own, so that others need not wait for it. */
const LARGE = 10_000_000;

function direct(check: CheckSql, facts: RelationFacts | undefined): PlannedCheck {
  if (check.slice)
    return {
      check,
      strategy: 'slice',
      because: 'only rows this run changed; the others passed',
      estimate: STATEMENT,
    };
  const estimate = aloneCost(check, facts);
  if (isFromStatistics(check.question))
    return {
      check,
      strategy: 'union',
      because: 'answered from column statistics',
      estimate,
    };
  if ((facts?.rows ?? 0) >= LARGE || facts?.storage === 'view')
    return {
      check,
      strategy: 'alone',
      because: facts?.storage === 'view' ? 'reads a view' : 'reads many rows',
      estimate,
    };
  return {
    check,
    strategy: 'union',
    because: 'small, so one statement for many',
    estimate,
  };
}

const isFromStatistics = (question: Question): boolean =>
  (question.kind === 'rows' && question.prunable === true) ||
  (question.kind === 'aggregate' && question.value === 'count(*)');

function unionOf(checks: readonly PlannedCheck[]): CheckStep {
  return {
    kind: 'query',
    checks,
    sql: checks.map(({ check }, index) => oneOf(index, check.count)).join('\nunion all\n'),
  };
}

const oneOf = (index: number, measure: string): string =>
  `select ${index} as test, * from (\n${indent(measure)}\n) as measured`;

/** The same for tests that could share a GROUP BY; different for all others. */
function frequencyKey(check: CheckSql): string {
  const { question, config, relation } = check;
  if (question.kind !== 'frequency' || config.failCalc !== undefined) return `alone:${check.id}`;
  return JSON.stringify([fromOf(relation, config.where), question.keys.map(({ sql }) => sql), question.considered]);
}

function oneGroupBy(checks: readonly CheckSql[], facts: RelationFacts | undefined): CheckStep {
  const [first] = checks;
  if (first === undefined || first.question.kind !== 'frequency') return { kind: 'query', checks: [], sql: '' };
  const { keys, considered } = first.question;
  const from = fromOf(first.relation, first.config.where);
  // Each test calls the key by its own name, so the shared table carries all of them as numbers k1, k2 …
  const grouped = `select ${keys.map(({ sql }, at) => `${sql} as k${at + 1}`).join(', ')}, count(*) as n_records\nfrom ${from}${considered === null ? '' : `\nwhere ${considered}`}\ngroup by all`;
  const rows = checks.map((check, index) => {
    if (check.question.kind !== 'frequency') return '';
    const names = check.question.keys.map(({ name }, at) => `k${at + 1} as "${name.replaceAll('"', '""')}"`).join(', ');
    const counts = `select coalesce(count(*) filter (where ${check.question.bad}), 0) as violating, coalesce(sum(n_records) filter (where ${check.question.bad}), 0) as violations, coalesce(sum(n_records), 0) as considered, count(*) = 0 as nothing, null as "value", null as level\nfrom (select ${names}, n_records from frequencies)`;
    return oneOf(index, measured(counts, check.question, from, check.config));
  });
  return {
    kind: 'query',
    sql: `with frequencies as materialized (\n${indent(grouped)}\n)\n${rows.join('\nunion all\n')}`,
    checks: checks.map((check) => ({
      check,
      strategy: 'one group by',
      because: `${checks.length} tests count the same key`,
      estimate: aloneCost(check, facts) / checks.length,
    })),
  };
}

/** Milliseconds per million rows, measured on DuckDB 1.5.6 with two cores. */
const PER_MILLION = { scan: 5, group: 120, text: 900, view: 400 };
const STATEMENT = 0.5;

const readingCost = (facts: RelationFacts): number =>
  STATEMENT + ((facts.rows ?? 10_000) / 1e6) * (facts.storage === 'text' ? PER_MILLION.text : PER_MILLION.view);

function aloneCost(check: CheckSql, facts: RelationFacts | undefined): number {
  const millions = (facts?.rows ?? 10_000) / 1e6;
  if (isFromStatistics(check.question)) return STATEMENT;
  const work =
    check.question.kind === 'rows' || check.question.kind === 'aggregate' ? PER_MILLION.scan : PER_MILLION.group;
  const reading = facts?.storage === 'text' || facts?.costly ? readingCost(facts) : 0;
  return STATEMENT + millions * work + reading;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/**
 * planChecks: how a set of tests is answered with the least work. Which way is best depends on what the relation is: on a table each test
 * alone is answered from statistics, and one scan for all of them is slower unless the table is small; a CSV file must be parsed, so one scan is
 * 30 times faster; a view that joins is read as few times as possible. Nothing here runs anything.
 */
import type { CheckSql } from './check.ts';
import type { CheckPlan, CheckStep, PlannedCheck, Proof, RelationFacts } from './check-plan.ts';
import { directSteps, groupBy } from './direct-steps.ts';
import type { Claim, Question } from './question.ts';
import { readSparingly } from './read-sparingly.ts';
import { sliced } from './sliced.ts';
import { type Measurement, NO_FAILURE } from './verdict.ts';

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
    const apart = readSparingly(factsOf.get(relation), ofRelation, steps.length);
    if (apart) steps.push(...apart);
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

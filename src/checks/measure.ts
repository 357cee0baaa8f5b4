/** A question as SQL: the query of failing rows, and the one-row query that counts them. Both are pure text. */
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { CheckConfig } from './check-config.ts';
import { called, select } from './expressions.ts';
import type { AggregateQuestion, From, NamedExpression, Question } from './question.ts';
import { isPercent, type Threshold } from './thresholds.ts';

/**
 * The columns of every measuring query, in this order and of these types, so that any of them can be joined by UNION ALL:
 * `failures` as dbt counts them (double, because a fail_calc may give a fraction), `violations` in rows, `considered` rows (null when only
 * `nothing` was looked at), `nothing`: no row was considered, `value` the figure as text, `level` of checks that grade
 * themselves, and the warehouse's answers to thresholds that are SQL.
 */
export const MEASURED = [
  'failures',
  'violations',
  'considered',
  'nothing',
  'value',
  'level',
  'should_warn',
  'should_error',
] as const;

/** The relation a test reads, narrowed by `where` as dbt's get_where_subquery does. */
export function fromOf(relation: string, where: string | undefined): From {
  return where === undefined ? relation : `(select * from ${relation} where ${where}\n) dbt_subquery`;
}

/** The failing rows. */
export function failingSql(question: Question, from: From): string {
  switch (question.kind) {
    case 'rows': {
      const { column } = question;
      return select(column === undefined ? '*' : `${column}, * exclude (${column})`, from, question.violation);
    }
    case 'frequency': {
      const keys = question.keys.map(({ sql, name }) => called(sql, quotedIdentifier(name))).join(', ');
      const frequencies = `${select(`${keys}, count(*) as n_records`, from, question.considered)}\ngroup by all`;
      return select('*', `(\n${indent(frequencies)}\n) as frequencies`, question.bad);
    }
    case 'aggregate': {
      const beside = besides(question)
        .map(({ sql, name }) => `, ${sql} as ${quotedIdentifier(name)}`)
        .join('');
      const figure = select(
        `${question.value} as "value"${beside}, ${question.considered ?? 'null'} as considered_rows`,
        from,
      );
      return select(
        `"value" as ${quotedIdentifier(question.called)}, * exclude ("value", considered_rows)`,
        `(\n${indent(figure)}\n) as figure`,
        `considered_rows is distinct from 0 and (${question.holds}) is not true`,
      );
    }
    case 'query':
      return question.failing(from);
    case 'answered':
      return answeredRows(question.columns, question.findings);
  }
}

/** One row, `MEASURED` columns. */
export function measureSql(question: Question, from: From, config: CheckConfig): string {
  return measured(countsOf(question, from, config), question, from, config);
}

/**
 * The same without looking for considered rows: `considered` and `nothing` are NULL, to be asked once for all tests of a relation. The same as
 * `measureSql` where the question is not of rows or values, or where a share is judged.
 */
export function countSql(question: Question, from: From, config: CheckConfig): string {
  if (!isLookedForLater(question, config)) return measureSql(question, from, config);
  const counts = countsOf(question, from, config, 'select null as considered, null as nothing');
  return measured(counts, question, from, config);
}

/** Whether it is left to ask if any row was considered. Looking costs as much as the test itself where the engine proves it from statistics. */
export const isLookedForLater = (question: Question, config: CheckConfig): boolean =>
  (question.kind === 'rows' || question.kind === 'frequency') && !needsShare(config);

/** Wraps counts (violating, violations, considered, nothing, value, level), however they were obtained, into the `MEASURED` columns. */
export function measured(counts: string, question: Question, from: From, config: CheckConfig): string {
  const failures =
    config.failCalc === undefined
      ? config.limit === undefined
        ? 'violating'
        : `least(violating, ${config.limit})`
      : `(${failCalcOf(question, from, config)})`;
  // Text the user wrote after the number, as dbt does.
  const answer = (threshold: Threshold) =>
    threshold.kind === 'sql' ? `cast(${failures} ${threshold.text} as boolean)` : 'cast(null as boolean)';
  return [
    'select',
    `  cast(${failures} as double) as failures,`,
    '  cast(violations as double) as violations,',
    '  cast(considered as double) as considered,',
    '  cast(nothing as boolean) as nothing,',
    '  cast("value" as varchar) as "value",',
    '  cast(level as integer) as level,',
    `  ${answer(config.warnIf)} as should_warn,`,
    `  ${answer(config.errorIf)} as should_error`,
    `from (\n${indent(counts)}\n) as counts`,
  ].join('\n');
}

function failCalcOf(question: Question, from: From, config: CheckConfig): string {
  const limit = config.limit === undefined ? '' : `\nlimit ${config.limit}`;
  return `select ${config.failCalc} from (\n${indent(failingSql(question, from) + limit)}\n) dbt_internal_test`;
}

/** Whether the exact number of considered rows matters, or only whether there was any: looking for one is far cheaper. */
export const needsShare = (config: CheckConfig): boolean =>
  config.mostly !== undefined || isPercent(config.warnIf) || isPercent(config.errorIf);

function countsOf(question: Question, from: From, config: CheckConfig, judged?: string): string {
  switch (question.kind) {
    case 'rows':
      return [
        'select violating, violating as violations, considered, nothing, null as "value", null as level',
        `from (${select('count(*) as violating', from, question.violation)}) as failing,`,
        `(${judged ?? consideredRows(from, question.considered, config)}) as judged`,
      ].join('\n');
    case 'frequency':
      return [
        'select violating, violations, considered, nothing, null as "value", null as level',
        `from (select count(*) as violating, coalesce(sum(n_records), 0) as violations from (\n${indent(failingSql(question, from))}\n)) as failing,`,
        `(${judged ?? consideredRows(from, question.considered, config)}) as judged`,
      ].join('\n');
    case 'aggregate':
      return figureCounts(
        question,
        question.alone?.(from) ??
          select(`${figures(question, (sql) => sql)}, ${question.considered ?? 'null'} as considered`, from),
      );
    case 'query': {
      const figures = [
        'count(*) as violating',
        `coalesce(${question.violations ?? 'count(*)'}, 0) as violations`,
        `${question.figure === undefined ? 'null' : `(${question.figure(from)})`} as "value"`,
        `${question.level ?? 'null'} as level`,
      ].join(', ');
      const failing = select(figures, `(\n${indent(question.failing(from))}\n) as failing_rows`);
      if (question.considered === null)
        return `select *, null as considered, ${question.rests === undefined ? 'false' : 'null'} as nothing\nfrom (\n${indent(failing)}\n) as failing`;
      return `select failing.*, considered, considered = 0 as nothing\nfrom (\n${indent(failing)}\n) as failing, (select (${question.considered(from)}) as considered) as judged`;
    }
    case 'answered': {
      const { findings, considered, value, level } = question;
      const shown = value === undefined ? 'null' : quotedString(String(value));
      return `select ${findings.length} as violating, ${findings.length} as violations, ${considered} as considered, ${considered === 0} as nothing, ${shown} as "value", ${level ?? 'null'} as level`;
    }
  }
}

/** All that stands beside the figure in a failing row. */
export const besides = ({ against, beside = [] }: AggregateQuestion): readonly NamedExpression[] =>
  against === undefined ? beside : [against, ...beside];

/** What `holds` reads, as a select list. */
const figures = ({ value, against }: AggregateQuestion, from: (sql: string) => string): string =>
  [
    `${from(value)} as "value"`,
    ...(against === undefined ? [] : [`${from(against.sql)} as ${quotedIdentifier(against.name)}`]),
  ].join(', ');

/** Counts of an aggregate question from a SELECT of its figures and `considered`. */
function figureCounts(question: AggregateQuestion, figure: string): string {
  const bad = `(considered is distinct from 0 and (${question.holds}) is not true)`;
  const level =
    question.tolerable === undefined
      ? 'null'
      : `case when not ${bad} then 0 when ${question.tolerable} then 1 else 2 end`;
  return `select ${bad}::integer as violating, ${bad}::integer as violations, considered, considered is not distinct from 0 as nothing, "value", ${level} as level\nfrom (\n${indent(figure)}\n) as figure`;
}

function consideredRows(from: From, considered: string | null, config: CheckConfig): string {
  // Counting a whole table is free; counting a condition is a scan.
  if ((considered === null && config.where === undefined) || needsShare(config))
    return `select considered, considered = 0 as nothing from (${select('count(*) as considered', from, considered)})`;
  return `select null as considered, count(*) = 0 as nothing from (${select('1', from, considered)} limit 1)`;
}

/**
 * The counts of several row and aggregate questions taken from one scan: the scan's select list, and for each question the SELECT of its
 * counts from the one-row CTE `scan`.
 */
export function countsIn(questions: readonly Question[]): {
  readonly scan: readonly string[];
  readonly counts: readonly string[];
} {
  const names = new Map<string, string>();
  // Questions often rest on the same figure, such as count(*): it is computed once.
  const figure = (sql: string): string => {
    const name = names.get(sql) ?? `f${names.size + 1}`;
    names.set(sql, name);
    return name;
  };
  const counts = questions.map((question) => {
    if (question.kind === 'rows') {
      const considered = figure(
        question.considered === null ? 'count(*)' : `count(*) filter (where ${question.considered})`,
      );
      const violating = figure(`count(*) filter (where ${question.violation})`);
      return `select ${violating} as violating, ${violating} as violations, ${considered} as considered, ${considered} = 0 as nothing, null as "value", null as level from scan`;
    }
    if (question.kind === 'aggregate') {
      const considered = question.considered === null ? 'null' : figure(question.considered);
      return figureCounts(question, `select ${figures(question, figure)}, ${considered} as considered from scan`);
    }
    throw new Error(`a ${question.kind} question cannot share a scan`);
  });
  return { scan: [...names].map(([sql, name]) => `${sql} as ${name}`), counts };
}

function answeredRows(columns: readonly string[], findings: readonly (readonly (string | null)[])[]): string {
  const names = columns.map(quotedIdentifier).join(', ');
  const cell = (value: string | null) => (value === null ? 'null' : quotedString(value));
  if (findings.length === 0)
    return `select ${columns.map((name) => `null::varchar as ${quotedIdentifier(name)}`).join(', ')}\nwhere false`;
  return `select *\nfrom (values\n${findings.map((row) => `  (${row.map(cell).join(', ')})`).join(',\n')}\n) as findings(${names})`;
}

/** Indents SQL by one level, unless a literal in it spans lines: its blanks are the user's. */
export function indent(sql: string): string {
  const literals = sql.match(/'[^']*'|"[^"]*"|\$\$/g) ?? [];
  return literals.some((found) => found.includes('\n') || found === '$$') ? sql : sql.replaceAll(/^/gm, '  ');
}

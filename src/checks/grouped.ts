/** `group_by`: the same question for every group. A failure is then a group, worst first. */

import { quotedIdentifier } from '../core/quote.ts';
import type { CheckConfig } from './check-config.ts';
import { called, groupName, select } from './expressions.ts';
import { besides, indent } from './measure.ts';
import type { AggregateQuestion, FrequencyQuestion, From, Question, RowQuestion } from './question.ts';

/** The question put to each group, or undefined when it cannot be divided. */
export function grouped(question: Question, groups: readonly string[], config: CheckConfig): Question | undefined {
  if (groups.length === 0) return question;
  switch (question.kind) {
    case 'rows':
      return groupedRows(question, groups, config);
    case 'frequency':
      return config.mostly === undefined
        ? groupedFrequencies(question, groups)
        : frequencyShares(question, groups, config.mostly);
    case 'aggregate':
      return groupedAggregate(question, groups);
    case 'query':
      return question.grouped ? question : undefined;
    case 'answered':
      return undefined;
  }
}

/** With `mostly` a group may have that share of violations; the share is no longer one of groups. */
function groupedRows(question: RowQuestion, groups: readonly string[], config: CheckConfig): Question {
  const considered = question.considered ?? 'true';
  const allowed = config.mostly === undefined ? '0' : allowedBy(config.mostly);
  const counted = (from: From) =>
    select(
      `${named(groups, ['failures', 'considered'])}, count(*) filter (where ${question.violation}) as failures, count(*) filter (where ${considered}) as considered`,
      from,
    );
  return {
    kind: 'query',
    grouped: true,
    sharesByGroup: config.mostly !== undefined,
    failing: (from) =>
      `select *\nfrom (\n${indent(`${counted(from)}\ngroup by ${groups.join(', ')}`)}\n) as by_group\nwhere failures > ${allowed}\norder by failures desc`,
    considered: (from) => countGroups(groups, from, considered),
  };
}

/** So many of a group's rows may be in violation. */
const allowedBy = (mostly: number): string => `(1 - ${mostly}) * considered + 1e-9`;

/** Of each group, how many of its rows have a value that is bad. */
function frequencyShares(question: FrequencyQuestion, groups: readonly string[], mostly: number): Question {
  const taken = ['failures', 'considered', 'n_records', ...question.keys.map((key) => key.name)];
  const group = groups.map((sql) => quotedIdentifier(groupName(sql, taken)));
  const keys = question.keys.map(({ sql, name }) => called(sql, quotedIdentifier(name)));
  const counted = (from: From) =>
    `${select(`${[named(groups, taken), ...keys].join(', ')}, count(*) as n_records`, from, question.considered)}\ngroup by all`;
  const shares = (from: From) =>
    `select ${group.join(', ')}, coalesce(sum(n_records) filter (where ${question.bad}), 0) as failures, sum(n_records) as considered\nfrom (\n${indent(counted(from))}\n) as frequencies\ngroup by ${group.join(', ')}`;
  return {
    kind: 'query',
    grouped: true,
    sharesByGroup: true,
    failing: (from) =>
      `select *\nfrom (\n${indent(shares(from))}\n) as by_group\nwhere failures > ${allowedBy(mostly)}\norder by failures desc`,
    considered: (from) => countGroups(groups, from, question.considered ?? 'true'),
  };
}

function groupedFrequencies(question: FrequencyQuestion, groups: readonly string[]): Question {
  const keys = groups.map((sql) => ({
    sql,
    name: groupName(sql, ['n_records', ...question.keys.map((key) => key.name)]),
  }));
  return { ...question, keys: [...keys, ...question.keys] };
}

/** The groups as a select list that clashes with none of the names beside it. */
const named = (groups: readonly string[], taken: readonly string[]): string =>
  groups.map((sql) => called(sql, quotedIdentifier(groupName(sql, taken)))).join(', ');

function groupedAggregate(question: AggregateQuestion, groups: readonly string[]): Question {
  const { value, considered, holds, tolerable } = question;
  const beside = besides(question);
  const further = beside.map(({ sql, name }) => `, ${sql} as "${name}"`).join('');
  const taken = ['value', question.called, 'considered_rows', 'severity_level', ...beside.map(({ name }) => name)];
  const figures = (from: From) =>
    `${select(`${named(groups, taken)}, ${value} as "value"${further}, ${considered ?? '1'} as considered_rows`, from)}\ngroup by ${groups.join(', ')}`;
  const level = tolerable === undefined ? '' : `, case when ${tolerable} then 1 else 2 end as severity_level`;
  return {
    kind: 'query',
    grouped: true,
    failing: (from) =>
      `select * exclude ("value"), "value" as "${question.called}"${level}\nfrom (\n${indent(figures(from))}\n) as by_group\nwhere considered_rows = 0 or (${holds}) is not true`,
    considered: (from) => countGroups(groups, from, 'true'),
    ...(tolerable === undefined ? {} : { level: 'coalesce(max(severity_level), 0)' }),
  };
}

const countGroups = (groups: readonly string[], from: From, considered: string): string =>
  `select count(*) from (${select(`distinct ${groups.join(', ')}`, from, considered)})`;

/** planCheck: a test as the project says it → the SQL that answers it. The way it is answered best is plan-checks.ts' business. */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Span } from '../core/source.ts';
import type { Column } from '../engine/engine.ts';
import { catalogue } from './catalogue.ts';
import { type CheckConfig, COMMON_OPTION_NAMES, LIFTED_OPTIONS, readCheckConfig } from './check-config.ts';
import { argumentNames, type Check, type OnEmpty, type Subject } from './define-check.ts';
import { columnSql, NOW_PARAMETER, typeOf } from './expressions.ts';
import { grouped } from './grouped.ts';
import type { CheckHistory } from './history.ts';
import { countSql, failingSql, fromOf, isLookedForLater, measureSql, needsShare } from './measure.ts';
import type { From, Question } from './question.ts';
import { knownChecks, resolveCheck } from './resolve-check.ts';

export interface CheckRequest {
  /** What outcomes are filed under: the test node's unique id. */
  readonly id?: string | undefined;
  readonly name: string;
  /** `dbt_utils`, `dbt_expectations`, or null for dbt's and dql's own. */
  readonly namespace: string | null;
  /** The test's arguments; refs in them are resolved to relations already. `model` and `column_name` may be among them, as in dbt. */
  readonly kwargs: Readonly<Record<string, Json>>;
  readonly column?: string | null | undefined;
  /** The relation under test as quoted SQL. */
  readonly relation: string;
  /** Its name, when the SQL of the relation ends in another: so that `orders.amount` in an argument or a `where` means what it says. */
  readonly called?: string | undefined;
  /** The node's config; keys that are not a test's are ignored here. A `where` in it is applied. */
  readonly config: Readonly<Record<string, Json>>;
  readonly columns?: readonly Column[] | undefined;
  readonly history?: CheckHistory | undefined;
  /** The command's time, ISO 8601 UTC. */
  readonly now: string;
  readonly span?: Span | undefined;
}

/** A test ready to be answered. `failing` and `measure` stand alone; the rest lets the planner combine it with others. */
export interface CheckSql {
  readonly id: string;
  /** The catalogue's name, or `singular`. */
  readonly name: string;
  readonly column: string | null;
  readonly relation: string;
  /** The name that stands at the end of `relation`, where the test's SQL uses it. */
  readonly called?: string | undefined;
  readonly question: Question;
  readonly config: CheckConfig;
  readonly onEmpty: OnEmpty;
  /** SELECT of the failing rows; what `target/compiled` shows and `store_failures` keeps. */
  readonly failing: string;
  /** ONE SELECT of one row, the columns of `MEASURED`. */
  readonly measure: string;
  /** `measure` without looking for considered rows, for many tests at once; the same text where that must be counted anyway. */
  readonly count: string;
  /** What `count` leaves to ask: whether this table expression has a row that satisfies the condition (null: any row). */
  readonly looking: { readonly from: From; readonly condition: string | null } | undefined;
  /** True when the SQL reads the parameter `$now`. */
  readonly usesNow: boolean;
  /** True when it reads only the part of an incremental model that changed. */
  readonly slice?: boolean;
  /** The same test over another table expression: a slice, a materialised copy. */
  readonly over: (relation: string) => CheckSql;
}

/** Plans one built-in test. With an error among the diagnostics the value is undefined. */
export function planCheck(request: CheckRequest): Checked<CheckSql | undefined> {
  const { name, namespace, span } = request;
  const resolved = resolveCheck(name, namespace, {
    ...request.kwargs,
    // A test may compare its relation with itself; as in dbt, that is what `where` leaves of it.
    model: fromOf(request.relation, typeof request.config['where'] === 'string' ? request.config['where'] : undefined),
    ...(typeof request.column === 'string' ? { column_name: request.column } : {}),
  });
  if (resolved === undefined) return failed(unknownCheck(name, namespace, span));
  if ('problem' in resolved)
    return failed({
      code: 'checks/wrong-argument',
      severity: 'error',
      message: resolved.problem,
      at: span,
    });
  const { check } = resolved;
  const { columnArgument, kwargs, lifted } = sorted(check, resolved.kwargs);
  const { config, diagnostics: wrongOptions } = readCheckConfig(options(request.config, lifted), span);
  const column = typeof columnArgument === 'string' ? columnArgument : undefined;
  const subject = subjectOf(request, column, config);
  const called = request.called !== undefined && isSaid(request.called, request) ? request.called : undefined;
  if (check.needsColumns && request.columns === undefined)
    return failed(...wrongOptions, {
      code: 'checks/unknown-columns',
      severity: 'error',
      message: `test \`${check.name}\` needs the columns of ${request.relation}, which are not known`,
      at: span,
    });
  const asked = check.ask(kwargs, subject, span);
  const question = asked.question && grouped(asked.question, subject.groupBy, config);
  const diagnostics = [
    ...wrongOptions,
    ...asked.diagnostics,
    ...misplacedOptions(check, asked.question, question, config, span),
  ];
  if (question === undefined || diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
    return { value: undefined, diagnostics };
  return {
    diagnostics,
    value: checkSql({
      id: request.id ?? check.name,
      name: check.name,
      column: subject.columnName ?? null,
      relation: named(request.relation, called),
      called,
      question,
      config,
      onEmpty: check.onEmpty,
    }),
  };
}

/** Arguments of a check, and among them what is an option of every test. */
function sorted(check: Check, given: Readonly<Record<string, Json>>) {
  const { model: _model, column_name: columnArgument, ...others } = given;
  const taken = new Set(argumentNames(check.arguments));
  const isLifted = (key: string) => LIFTED_OPTIONS.includes(key) && !taken.has(key);
  const kwargs = Object.fromEntries(Object.entries(others).filter(([key]) => !isLifted(key)));
  const lifted = Object.fromEntries(Object.entries(others).filter(([key]) => isLifted(key)));
  return { columnArgument, kwargs, lifted };
}

/** Options from both places; two conditions on rows, like dbt's `where` and a `row_condition`, both hold. */
function options(config: Readonly<Record<string, Json>>, lifted: Readonly<Record<string, Json>>) {
  const { where: one } = config;
  const { where: other } = lifted;
  const both = typeof one === 'string' && typeof other === 'string' && one !== other;
  return { ...config, ...lifted, ...(both ? { where: `(${one}\n) and (${other}\n)` } : {}) };
}

/** `passesUntil` of the check that a name means; undefined where its verdict over the same rows stays what it is. */
export function passesUntil(
  name: string,
  namespace: string | null,
  given: Readonly<Record<string, Json>>,
): ((figure: Json, now: number) => number) | undefined {
  const resolved = resolveCheck(name, namespace, given);
  if (resolved === undefined || 'problem' in resolved) return undefined;
  const { kwargs } = sorted(resolved.check, resolved.kwargs);
  const { passesUntil: ofCheck } = resolved.check;
  return ofCheck && ((figure, now) => ofCheck(kwargs, figure, now));
}

/**
 * What is wrong with arguments and options of a test of the catalogue, before anything is rendered or built. Those of other tools' spellings are judged when the
 * test is made: a project of theirs may be opened although one test of it cannot be said here.
 */
export function wrongArguments(
  name: string,
  given: Readonly<Record<string, Json>>,
  config: Readonly<Record<string, Json>>,
): readonly Diagnostic[] {
  const resolved = resolveCheck(name);
  if (resolved === undefined || 'problem' in resolved || isTemplated(given) || isTemplated(config)) return [];
  const { columnArgument, kwargs, lifted } = sorted(resolved.check, given);
  const all = options(config, lifted);
  const hasOptions = Object.keys(all).some((key) => COMMON_OPTION_NAMES.includes(key));
  const read = hasOptions ? readCheckConfig(all, undefined) : undefined;
  const asked = resolved.check.askOfAny(kwargs, typeof columnArgument === 'string' ? 'column' : 'relation');
  const question = read && asked.question && grouped(asked.question, read.config.groupBy, read.config);
  return [
    ...asked.diagnostics,
    ...(read?.diagnostics ?? []),
    ...(read ? misplacedOptions(resolved.check, asked.question, question, read.config, undefined) : []),
  ];
}

const isTemplated = (value: Json): boolean =>
  typeof value === 'string'
    ? /\{[{%]/.test(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(isTemplated);

/** What a test's SQL is made of. */
export type Bare = Pick<CheckSql, 'id' | 'name' | 'column' | 'relation' | 'question' | 'config' | 'onEmpty' | 'called'>;

export function checkSql(bare: Bare): CheckSql {
  const from: From = fromOf(bare.relation, bare.config.where);
  const measure = () => measureSql(bare.question, from, bare.config);
  return {
    ...bare,
    failing: failingSql(bare.question, from),
    // Made when asked for: a project has many tests, and few of them are measured alone.
    get measure() {
      return measure();
    },
    get count() {
      return countSql(bare.question, from, bare.config);
    },
    looking: lookingOf(bare.question, from, bare.config),
    get usesNow() {
      return measure().includes(NOW_PARAMETER);
    },
    over: (relation) => checkSql({ ...bare, relation: named(relation, bare.called) }),
  };
}

/** A table expression under a name, in place of one it may have. */
const named = (relation: string, name: string | undefined): string =>
  name === undefined ? relation : `${relation.replace(/\) as \w+$/, ')')} as ${quotedIdentifier(name)}`;

/** Whether what the user wrote says `orders.amount`. */
function isSaid(name: string, { kwargs, column, config }: CheckRequest): boolean {
  const written = JSON.stringify([kwargs, column ?? '', config['where'] ?? '']).replaceAll('\\"', '"');
  if (!written.toLowerCase().includes(name.toLowerCase())) return false;
  const escaped = name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?<![\\w.])(${escaped}|"${escaped}")\\s*\\.`, 'i').test(written);
}

function lookingOf(question: Question, from: From, config: CheckConfig): CheckSql['looking'] {
  if (question.kind === 'query' && question.rests !== undefined) return { from: question.rests, condition: null };
  if (!isLookedForLater(question, config)) return undefined;
  return question.kind === 'rows' || question.kind === 'frequency'
    ? { from, condition: question.considered }
    : undefined;
}

function subjectOf(request: CheckRequest, column: string | undefined, config: CheckConfig): Subject {
  const { columns, history = {} } = request;
  const sql = (name: string) => columnSql(name, columns);
  const plain = column !== undefined && sql(column) === quotedIdentifier(column);
  return {
    column: column === undefined ? '' : sql(column),
    columnName: plain ? column : undefined,
    type: plain ? typeOf(column, columns) : undefined,
    columns,
    onNull: config.onNull,
    tolerance: config.tolerance,
    groupBy: config.groupBy.map(sql),
    history,
    now: request.now,
    sql,
  };
}

/** Given the question, and the same put to each group; undefined where it cannot be put. */
function misplacedOptions(
  check: Check,
  asked: Question | undefined,
  ofGroups: Question | undefined,
  config: CheckConfig,
  at: Span | undefined,
): readonly Diagnostic[] {
  const misplaced: string[] = config.of === undefined ? [] : ['of'];
  if (config.onNull !== undefined && !check.takes?.includes('on_null')) misplaced.push('on_null');
  if (config.tolerance !== undefined && !check.takes?.includes('tolerance')) misplaced.push('tolerance');
  // What share of a figure holds has no meaning, but a share of groups has.
  const question = config.mostly === undefined ? ofGroups : asked;
  const countsRows =
    question === undefined ||
    question.kind === 'rows' ||
    question.kind === 'frequency' ||
    (question.kind === 'query' && question.considered !== null);
  if (needsShare(config) && !countsRows) misplaced.push(config.mostly === undefined ? 'a percentage' : 'mostly');
  const grades =
    question !== undefined && 'tolerable' in question && question.tolerable !== undefined && config.thresholdsGiven;
  if (grades) misplaced.push('warn_if/error_if');
  const diagnostics = misplaced.map((option) => optionDoesNotApply(option, `test \`${check.name}\``, at));
  if (asked === undefined || ofGroups !== undefined) return diagnostics;
  const message = `test \`${check.name}\` cannot be made for each group`;
  const hint = 'leave `group_by` away, or write a test of your own';
  return [...diagnostics, { code: 'checks/option-does-not-apply', severity: 'error', message, at, hint }];
}

export const optionDoesNotApply = (option: string, what: string, at: Span | undefined): Diagnostic => ({
  code: 'checks/option-does-not-apply',
  severity: 'error',
  message: `${what} cannot honour ${/ /.test(option) ? option : `\`${option}\``}`,
  at,
  hint: whoTakes(option),
});

/** The tests that can honour an option which only some can. */
function whoTakes(option: string): string | undefined {
  if (option === 'of')
    return 'a test that stands under a relation is about that relation; `of` is for queries in `tests/`';
  const names = Object.values(catalogue).flatMap((check) =>
    check.takes?.some((each) => each === option) ? check.name : [],
  );
  if (names.length === 0) return undefined;
  return `these do: ${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`;
}

function unknownCheck(name: string, namespace: string | null, at: Span | undefined): Diagnostic {
  const full = namespace === null ? name : `${namespace}.${name}`;
  return {
    code: 'checks/unknown-test',
    severity: 'error',
    message: `there is no test called \`${full}\``,
    at,
    hint: didYouMean(full, knownChecks().names),
  };
}

const failed = (...diagnostics: readonly Diagnostic[]) => ({
  value: undefined,
  diagnostics,
});

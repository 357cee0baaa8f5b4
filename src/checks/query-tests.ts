/** Tests that are queries of failing rows: files in `tests/`, generic tests of the project's own, usage examples. */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Span } from '../core/source.ts';
import { type CheckSql, checkSql, optionDoesNotApply } from './check.ts';
import { type CheckConfig, readCheckConfig } from './check-config.ts';
import { called, columnSql, groupName, select } from './expressions.ts';
import { fromOf, indent, needsShare } from './measure.ts';
import type { From, Question } from './question.ts';
import { isPercent } from './thresholds.ts';

/** A relation that a query reads. */
export interface Input {
  /** As people call it: `orders`, `shop.orders`. */
  readonly name: string;
  readonly from: From;
  /** The one that the test is about: of its rows `where` speaks, and of what share of them is at fault. */
  readonly isTested: boolean;
}

export interface QueryTest {
  readonly id?: string;
  readonly name?: string;
  /** The relation that a generic test stands under: tests of one relation are planned together. */
  readonly relation?: string | undefined;
  readonly inputs?: readonly Input[];
  readonly column?: string | null;
  readonly span?: Span;
}

/**
 * Plans a test that is a query of failing rows: a file in `tests/`, or a generic test of the user's rendered from its macro. It is vacuous when
 * what it is about, else all that it reads, is empty.
 */
export function planSingular(
  sql: string,
  rawConfig: Readonly<Record<string, Json>>,
  about: QueryTest = {},
): Checked<CheckSql | undefined> {
  const { inputs = [] } = about;
  const { config } = readCheckConfig(rawConfig, about.span);
  const diagnostics = wrongQueryOptions(rawConfig, inputs, about.span);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { value: undefined, diagnostics };
  const query = sql.trim().replace(/;\s*$/, '');
  const tested = inputs.find(({ isTested }) => isTested);
  const from = tested && fromOf(tested.from, config.where);
  const rests = from ?? together(inputs);
  const checked = checkSql({
    id: about.id ?? 'singular',
    name: about.name ?? 'singular',
    column: about.column ?? null,
    relation: about.relation ?? '',
    question: questionOf(query, config, from, rests),
    config,
    onEmpty: 'vacuous',
  });
  // Its text names its relations itself: it can only be run as it is.
  const fixed: CheckSql = { ...checked, over: () => fixed };
  return { value: fixed, diagnostics };
}

/** What is wrong with the options of a query, given the relations that it reads. */
export function wrongQueryOptions(
  rawConfig: Readonly<Record<string, Json>>,
  inputs: readonly Pick<Input, 'name' | 'isTested'>[],
  span: Span | undefined,
): readonly Diagnostic[] {
  const { config, diagnostics } = readCheckConfig(rawConfig, span);
  const inapplicable = ['on_null', 'tolerance']
    .filter((option) => (option === 'on_null' ? config.onNull : config.tolerance) !== undefined)
    .map((option) => optionDoesNotApply(option, 'a test that is a query of its own', span));
  return [...diagnostics, ...inapplicable, ...aboutNothing(config, inputs, span)];
}

/** Options that speak of the rows of one relation, where nothing says of which. */
function aboutNothing(
  config: CheckConfig,
  inputs: readonly Pick<Input, 'name' | 'isTested'>[],
  at: Span | undefined,
): readonly Diagnostic[] {
  if (inputs.some(({ isTested }) => isTested)) return [];
  const names = inputs.map(({ name }) => name);
  const code = 'checks/option-does-not-apply';
  if (config.of !== undefined)
    return [
      {
        code,
        severity: 'error',
        message: `\`of: ${config.of}\` names nothing that this test reads`,
        at,
        hint: didYouMean(config.of, names) ?? readsWhat(names),
      },
    ];
  const options = [
    ...(config.where === undefined ? [] : ['`where`']),
    ...(config.mostly === undefined ? [] : ['`mostly`']),
    ...([config.warnIf, config.errorIf].some(isPercent) ? ['a percentage'] : []),
  ];
  return options.map((option) => ({
    code,
    severity: 'error',
    message: `nothing says of which relation ${option} of this test speaks: it reads ${names.length === 0 ? 'none' : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`}`,
    at,
    hint: names.length === 0 ? readsWhat(names) : `name the one that is meant: \`of: ${names[0]}\``,
  }));
}

const readsWhat = (names: readonly string[]): string =>
  names.length === 0 ? 'read the relation by {{ ref(…) }} or {{ source(…) }}' : `it reads ${names.join(', ')}`;

/** A table expression with a row for each of all relations. */
function together(inputs: readonly Input[]): From | undefined {
  if (inputs.length === 0) return undefined;
  return `(\n${inputs.map(({ from }) => `select 1 as one from ${from}`).join('\nunion all\n')}\n)`;
}

function questionOf(query: string, config: CheckConfig, tested: From | undefined, rests: From | undefined): Question {
  const groups = config.groupBy.map((name) => columnSql(name, undefined));
  const isShare = tested !== undefined && needsShare(config);
  if (groups.length === 0)
    return {
      kind: 'query',
      failing: () => query,
      considered: isShare ? () => select('count(*)', tested) : null,
      rests: isShare ? undefined : rests,
    };
  const share = config.mostly === undefined ? undefined : tested;
  const isShareOfGroups = tested !== undefined && [config.warnIf, config.errorIf].some(isPercent);
  return {
    kind: 'query',
    grouped: true,
    sharesByGroup: share !== undefined,
    failing: () =>
      byGroup(query, groups, share === undefined ? undefined : { from: share, mostly: config.mostly ?? 1 }),
    considered: isShareOfGroups
      ? () => `select count(*) from (${select(`distinct ${groups.join(', ')}`, tested)})`
      : null,
    rests: isShareOfGroups ? undefined : rests,
  };
}

/** The failing rows of each group counted; with a share only groups in which more of the relation's rows fail than it allows. */
function byGroup(
  query: string,
  groups: readonly string[],
  share: { readonly from: From; readonly mostly: number } | undefined,
): string {
  const names = groups.map((sql) => quotedIdentifier(groupName(sql, ['failures', 'considered'])));
  const selected = groups.map((sql, index) => called(sql, names[index] ?? sql)).join(', ');
  const by = `group by ${groups.join(', ')}`;
  const counted = `${select(`${selected}, count(*) as failures`, `(\n${indent(query)}\n) as failing_rows`)}\n${by}`;
  if (share === undefined) return `${counted}\norder by failures desc`;
  const considered = `${select(`${selected}, count(*) as considered`, share.from)}\n${by}`;
  const same = names.map((name) => `found.${name} is not distinct from of_group.${name}`).join(' and ');
  return [
    'select found.*, considered',
    `from (\n${indent(counted)}\n) as found`,
    `left join (\n${indent(considered)}\n) as of_group on ${same}`,
    `where failures > (1 - ${share.mostly}) * coalesce(considered, 0) + 1e-9`,
    'order by failures desc',
  ].join('\n');
}

/** Plans a usage example: a query that must run to its last row and column, whatever is in them; without a row it is vacuous. */
export function planExample(
  sql: string,
  rawConfig: Readonly<Record<string, Json>>,
  about: { readonly id: string; readonly span: Span },
): Checked<CheckSql | undefined> {
  const from = `(\n${sql.trim().replace(/;\s*$/, '')}\n)`;
  // A hash is never null, which DuckDB does not know: so it has to make every value.
  const question = `select *\nfrom ${from} as example\nwhere hash(example) is null`;
  return planSingular(question, rawConfig, {
    ...about,
    name: 'example',
    inputs: [{ name: 'the example', from, isTested: true }],
  });
}

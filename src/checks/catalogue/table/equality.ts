import * as z from 'zod';
import { quotedIdentifier } from '../../../core/quote.ts';
import type { Column } from '../../../engine/engine.ts';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { asTable, freeName, isNumber, select, typeOf } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { Question } from '../../question.ts';
import { differsBy } from '../../tolerance.ts';

export const equality = defineCheck({
  name: 'equality',
  description: 'The relation holds the same rows as another, each as often. NULL equals NULL.',
  dimension: 'consistency',
  column: 'never',
  onEmpty: 'vacuous',
  takes: ['tolerance'],
  arguments: z.strictObject({
    to: z.string().min(1).describe('the relation to compare with'),
    columns: z.array(z.string()).min(1).optional().describe('only these columns'),
    exclude: z.array(z.string()).min(1).optional().describe('all columns but these'),
    precision: z.number().int().nonnegative().optional().describe('decimals to which numbers are rounded first'),
    key: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('columns by which rows are matched; shows which columns differ, and `tolerance` needs it'),
  }),
  ask: ({ to, columns, exclude, precision, key }, { columns: known, tolerance, sql }) => {
    if (columns && exclude) throw new WrongArgument('`columns` and `exclude` exclude each other');
    if (tolerance && !key) throw new WrongArgument('a tolerance needs `key`, to know which rows to compare');
    const left = exclude?.map((name) => name.toLowerCase()) ?? [];
    const names = columns ?? known?.map(({ name }) => name).filter((name) => !left.includes(name.toLowerCase()));
    if (names === undefined && (precision !== undefined || key))
      throw new WrongArgument('the columns of the relation are not known', 'list them under `columns`');
    const other = asTable(to);
    if (key && names)
      return byKey({
        other,
        names,
        key,
        known,
        sql,
        differs: (one, two) => differsBy(one, two, tolerance),
      });
    const cell = (name: string) =>
      precision !== undefined && isNumber(typeOf(name, known) ?? '')
        ? `round(${sql(name)}, ${precision}) as ${sql(name)}`
        : sql(name);
    const picked =
      names?.map(cell).join(', ') ?? (exclude ? `* exclude (${exclude.map(quotedIdentifier).join(', ')})` : '*');
    const ours = (name: string) => quotedIdentifier(freeName(name, names ?? []));
    const [side, balance, times] = [ours('side'), ours('n_here'), ours('n_records')];
    return {
      kind: 'query',
      // Counting both sides in one GROUP BY sees duplicates, as EXCEPT does not, and is several times faster than EXCEPT ALL.
      failing: (from) =>
        `select * exclude (${balance}), case when ${balance} > 0 then 'only here' else 'only there' end as ${ours('only_in')}, abs(${balance}) as ${times}\nfrom (\n${indent(
          `select * exclude (${side}), sum(${side}) as ${balance}\nfrom (\n${indent(`select ${picked}, 1 as ${side} from ${from}\nunion all by name\nselect ${picked}, -1 as ${side} from ${other}`)}\n) as both_sides\ngroup by all`,
        )}\n) as balance\nwhere ${balance} != 0`,
      violations: `sum(${times})`,
      considered: (from) => `select (select count(*) from ${from}) + (select count(*) from ${other})`,
    };
  },
});

interface Keyed {
  readonly other: string;
  readonly names: readonly string[];
  readonly key: readonly string[];
  readonly known: readonly Column[] | undefined;
  readonly sql: (name: string) => string;
  readonly differs: (one: string, two: string) => string;
}

function byKey({ other, names, key, known, sql, differs }: Keyed): Question {
  const keys = new Set(key.map((name) => name.toLowerCase()));
  const compared = names.filter((name) => !keys.has(name.toLowerCase()));
  const matched = key.map((name) => `here.${sql(name)} is not distinct from there.${sql(name)}`).join(' and ');
  const unequal = (name: string) => {
    const [one, two] = [`here.${sql(name)}`, `there.${sql(name)}`];
    const number = isNumber(typeOf(name, known) ?? '');
    // NaN is the same as NaN here, as it is where rows are compared as wholes.
    const distinct = `${one} is distinct from ${two}`;
    return number ? `(${distinct} and coalesce(${differs(one, two)}, true))` : distinct;
  };
  const differing = compared.map((name) => `case when ${unequal(name)} then '${name.replaceAll("'", "''")}' end`);
  const shownKeys = key.map((name) => `coalesce(here.${sql(name)}, there.${sql(name)}) as ${sql(name)}`).join(', ');
  const shown = compared.map(
    (name) =>
      `here.${sql(name)} as ${quotedIdentifier(`${name} here`)}, there.${sql(name)} as ${quotedIdentifier(`${name} there`)}`,
  );
  const difference = quotedIdentifier(freeName('difference', key));
  const copy = quotedIdentifier(freeName('copy', names));
  const side = (from: string) =>
    `${select(`*, row_number() over (partition by ${key.map(sql).join(', ')}) as ${copy}`, from)}`;
  return {
    kind: 'query',
    failing: (from) =>
      `select *\nfrom (\n${indent(
        `select ${[shownKeys, ...shown].join(', ')}, case when there.${copy} is null then 'only here' when here.${copy} is null then 'only there' else concat_ws(', ', ${differing.join(', ') || 'null'}) end as ${difference}\nfrom (\n${indent(side(from))}\n) as here\nfull join (\n${indent(side(other))}\n) as there on ${matched} and here.${copy} = there.${copy}`,
      )}\n) as compared\nwhere ${difference} != ''`,
    considered: (from) => `select (select count(*) from ${from}) + (select count(*) from ${other})`,
  };
}

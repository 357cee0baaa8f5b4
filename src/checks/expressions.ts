/** Pieces of SQL that several checks are made of. */
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Column } from '../engine/engine.ts';
import type { From } from './question.ts';

/** The time of the command, bound as the parameter `$now` (ISO 8601 with a zone): dql's own tests never read the clock. */
export const NOW_PARAMETER = '$now';
const NOW = `cast(${NOW_PARAMETER} as timestamp)`;

/**
 * A column named in YAML as SQL. Plain names are quoted; anything else is the user's own expression (`first || last`), which dbt
 * allows in `column_name`. A name with spaces is a name when the relation has it, or when it could not be an expression.
 */
export function columnSql(name: string, columns: readonly Column[] | undefined): string {
  const known = columns?.some((column) => column.name.toLowerCase() === name.toLowerCase());
  return known || isPlainName(name) ? quotedIdentifier(name) : /^"[^"]*"$/.test(name) ? name : `(${name})`;
}

/** `expression as name`; of a column that keeps its name just the column, so that the engine says plainly when it is not there. */
export const called = (expression: string, name: string): string =>
  expression === name ? expression : `${expression} as ${name}`;

/** A name of ours beside names of the user's: `n_records`, or `n_records_` where a column has that name. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const isTaken = taken.some((name) => name.toLowerCase() === wanted.toLowerCase());
  return isTaken ? freeName(`${wanted}_`, taken) : wanted;
}

/** What a group is called among failing rows: as it is written, which also tells whether it is made of personal data. */
export function groupName(sql: string, taken: readonly string[] = []): string {
  const quoted = /^"((?:[^"]|"")*)"$/.exec(sql)?.[1]?.replaceAll('""', '"');
  const name = quoted ?? sql.replace(/^\((.*)\)$/s, '$1');
  return taken.some((each) => each.toLowerCase() === name.toLowerCase()) ? `${name} of the group` : name;
}

export const isPlainName = (name: string): boolean => /^[\p{L}_][\p{L}\p{N}_$ ]*$/u.test(name);

export function typeOf(name: string, columns: readonly Column[] | undefined): string | undefined {
  return columns?.find((column) => column.name.toLowerCase() === name.toLowerCase())?.type;
}

/** A JSON scalar as a SQL literal. NaN and the infinities arrive as strings and stay strings. */
export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? quotedString(value) : String(value);
}

/** Reads any date or time as UTC: a value with a zone is converted, one without is taken to be UTC already. */
export function utc(expression: string, type: string | undefined): string {
  if (type === undefined)
    return `case when typeof(${expression}) = 'TIMESTAMP WITH TIME ZONE' then timezone('UTC', cast(${expression} as timestamptz)) else cast(${expression} as timestamp) end`;
  return type === 'TIMESTAMP WITH TIME ZONE' || type === 'TIMESTAMPTZ'
    ? `timezone('UTC', ${expression})`
    : type === 'TIMESTAMP'
      ? expression
      : `cast(${expression} as timestamp)`;
}

/** The command's time plus an offset in seconds, as UTC without a zone. */
export const nowPlus = (seconds = 0): string =>
  seconds === 0 ? NOW : `${NOW} ${seconds < 0 ? '-' : '+'} to_seconds(${Math.abs(seconds)})`;

/** Joins conditions by `and`; null when there is none. */
export function allOf(...conditions: readonly (string | null | undefined)[]): string | null {
  const given = conditions.filter((condition) => condition !== null && condition !== undefined);
  return given.length === 0 ? null : given.join(' and ');
}

export const whereClause = (condition: string | null): string => (condition === null ? '' : `\nwhere ${condition}`);

/** `select <selected> from <from> where <condition>`, one clause a line. */
export const select = (selected: string, from: From, condition: string | null = null): string =>
  `select ${selected}\nfrom ${from}${whereClause(condition)}`;

const FLOATS = /^(DOUBLE|FLOAT|REAL)$/;
/** Whether values of a type can be NaN or infinite. An unknown type can. */
export const mayBeNotFinite = (type: string | undefined): boolean => type === undefined || FLOATS.test(type);
const NUMBERS = /^(DOUBLE|FLOAT|REAL|DECIMAL.*|NUMERIC.*|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|BIGNUM)$/;
export const isNumber = (type: string): boolean => NUMBERS.test(type);
export const WHOLE_NUMBERS: readonly string[] = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'].flatMap((type) => [
  type,
  `U${type}`,
]);
export const isWholeNumber = (type: string | undefined): boolean => type !== undefined && WHOLE_NUMBERS.includes(type);
export const isTime = (type: string): boolean => /^(DATE|TIMESTAMP.*)$/.test(type);

/**
 * True for NaN and the infinities; null when the type has none. DuckDB sorts NaN above infinity and calls it equal to itself, so comparisons
 * alone let it pass. Spelled as equalities, which the engine answers from its statistics; NULL satisfies none of them.
 */
export function notFinite(expression: string, type: string | undefined): string | null {
  if (!mayBeNotFinite(type)) return null;
  return type === undefined
    ? `(typeof(${expression}) in ('DOUBLE', 'FLOAT') and lower(cast(${expression} as varchar)) in ('nan', 'inf', '-inf'))`
    : `(${['nan', 'inf', '-inf'].map((odd) => `${expression} = '${odd}'::double`).join(' or ')})`;
}

/** A failure when `holds` is not true of a considered row; the general form of a row question. */
export const violates = (holds: string, considered: string | null): string =>
  considered === null ? `(${holds}) is not true` : `${considered} and (${holds}) is not true`;

/** `(select …)` when it is a query, else the relation as it is. */
export const asTable = (relation: string): string =>
  /^\s*(select|with|from)\b/i.test(relation) ? `(${relation})` : relation;

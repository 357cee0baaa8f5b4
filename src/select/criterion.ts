/** One criterion of a selection, `2+tag:nightly+`: a method and its value, and how far to walk from what they match. */
import { didYouMean } from '../core/nearest.ts';
import type { Span } from '../core/source.ts';
import type { IndirectSelection } from './indirect.ts';

/** Steps to walk; infinity is all the way. */
export type Reach = number;

export interface Criterion {
  readonly method: string;
  /** What stands after the method's dots: `config.meta.owner:ada` has `meta`, `owner`. */
  readonly arguments: readonly string[];
  /** YAML selectors may compare with numbers and booleans; on the command line it is always text. */
  readonly value: string | number | boolean;
  /** `+x`, `2+x`. */
  readonly parents?: Reach;
  /** `x+`, `x+2`. */
  readonly children?: Reach;
  /** `@x`. */
  readonly childrensParents: boolean;
  /** Only where a YAML selector says so; the command line's mode otherwise. */
  readonly indirectSelection?: IndirectSelection;
  /** Where it was written. */
  readonly at?: Span;
}

/** Why a text is no criterion; offsets into that text. */
export interface BadCriterion {
  readonly code: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly hint?: string;
}

/** dbt's RAW_SELECTOR_PATTERN; besides, a value may stand in double quotes, `tag:"late night"`, a quote in it twice. */
const PATTERN =
  /^(?<at>@)?(?<parents>(?<parentsReach>\d*)\+)?((?<method>[\w.]+):)?(?:"(?<quoted>(?:[^"]|"")*)"|(?<bare>.*?))(?<children>\+(?<childrenReach>\d*))?$/su;

export function parseCriterion(text: string): Criterion | BadCriterion {
  const parts = PATTERN.exec(text)?.groups ?? {};
  const { at, parents, parentsReach, method: dotted, quoted, bare = '', children, childrenReach } = parts;
  const value = quoted?.replaceAll('""', '"') ?? bare;
  const whole = { start: 0, end: text.length };
  if (value === '')
    return {
      code: 'select/bad-criterion',
      message: `\`${text}\` names nothing to select`,
      ...whole,
      hint:
        dotted === undefined
          ? 'write a name between the operators: `+orders`'
          : `write a value after the colon: \`${dotted}:…\``,
    };
  if (at !== undefined && children !== undefined)
    return {
      code: 'select/at-with-plus',
      message: '`@` before a name already takes in all descendants, so a `+` after it has no meaning',
      start: text.length - children.length,
      end: text.length,
      hint: `write \`${text.slice(0, text.length - children.length)}\``,
    };
  const [method = '', ...rest] = dotted === undefined ? [defaultMethod(value)] : dotted.split('.');
  return {
    method,
    arguments: rest,
    value,
    ...(parents === undefined ? {} : { parents: reachOf(parentsReach) }),
    ...(children === undefined ? {} : { children: reachOf(childrenReach) }),
    childrensParents: at !== undefined,
  };
}

/** What is wrong with a method's name, whoever wrote it; undefined when it is one. */
export function methodProblem(
  { method, arguments: rest }: Criterion,
  known: readonly string[],
): { readonly code: string; readonly message: string; readonly hint: string } | undefined {
  if (!known.includes(method))
    return {
      code: 'select/unknown-method',
      message: `there is no selection method \`${method}\``,
      hint: didYouMean(method, known) ?? `the methods are ${known.join(', ')}`,
    };
  if (rest.length === 0 || method === 'config') return undefined;
  return {
    code: 'select/unknown-method',
    message: `the method \`${method}\` takes no \`.${rest.join('.')}\``,
    hint: 'only `config` has parts: `config.materialized:table`',
  };
}

export const isBad = (parsed: Criterion | BadCriterion): parsed is BadCriterion => 'code' in parsed;

/** The method of a value that names none: a path when it has a slash, a file by its ending, else a name. */
export function defaultMethod(value: string): 'path' | 'file' | 'fqn' {
  if (/[\\/]/.test(value)) return 'path';
  return /\.(?:sql|py|csv)$/i.test(value) ? 'file' : 'fqn';
}

/** The criterion as one types it. */
export function printCriterion(criterion: Criterion): string {
  const { value } = criterion;
  const dotted = [criterion.method, ...criterion.arguments].join('.');
  const isDefault = criterion.arguments.length === 0 && criterion.method === defaultMethod(String(value));
  const before = criterion.childrensParents ? '@' : '';
  const parents = criterion.parents === undefined ? '' : `${printReach(criterion.parents)}+`;
  const children = criterion.children === undefined ? '' : `+${printReach(criterion.children)}`;
  return `${before}${parents}${isDefault ? '' : `${dotted}:`}${printValue(String(value))}${children}`;
}

/** In quotes where it would be read back as something else. */
export const printValue = (value: string): string =>
  /[\s,:+@()"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const reachOf = (digits: string | undefined): Reach =>
  digits === undefined || digits === '' ? Number.POSITIVE_INFINITY : Number(digits);
const printReach = (reach: Reach): string => (Number.isFinite(reach) ? String(reach) : '');

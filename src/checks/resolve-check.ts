/** A test's name, as dql, dbt, dbt-utils or dbt-expectations spell it → the check of the catalogue it means. */
import { catalogue } from './catalogue.ts';
import type { Check } from './define-check.ts';
import { dbtExpectations } from './dialects/dbt-expectations.ts';
import { dbtUtils } from './dialects/dbt-utils.ts';
import type { Arguments, Translate } from './dialects/translation.ts';

const dialects: Readonly<Record<string, Readonly<Record<string, Translate>>>> = {
  dbt_utils: dbtUtils,
  dbt_expectations: dbtExpectations,
};

/** Namespaces whose plain names are the catalogue's own. */
const OWN = new Set(['dbt', 'dql']);

/**
 * The check a name means and its arguments in the check's own words; undefined when there is no such test; a `problem` when the other tool's
 * arguments cannot be said here.
 */
export function resolveCheck(
  name: string,
  namespace: string | null = null,
  kwargs: Arguments = {},
): { readonly check: Check; readonly kwargs: Arguments } | { readonly problem: string } | undefined {
  if (namespace === null || OWN.has(namespace)) {
    const check = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
    return check && { check, kwargs };
  }
  const dialect = Object.hasOwn(dialects, namespace) ? dialects[namespace] : undefined;
  const translate = dialect && Object.hasOwn(dialect, name) ? dialect[name] : undefined;
  if (translate === undefined) return undefined;
  const translated = translate(kwargs);
  if ('problem' in translated) return translated;
  const check = catalogue[translated.name];
  return check && { check, kwargs: translated.kwargs };
}

/** What compile may take for a built-in test: `has('dbt_utils.recency')`, and every name for did-you-mean. */
export function knownChecks(): {
  readonly has: (name: string, namespace?: string | null) => boolean;
  readonly names: readonly string[];
} {
  const names = [
    ...Object.keys(catalogue),
    ...Object.entries(dialects).flatMap(([namespace, tests]) =>
      Object.keys(tests).map((name) => `${namespace}.${name}`),
    ),
  ];
  const known = new Set(names);
  return {
    names,
    has: (name, namespace = null) =>
      known.has(namespace === null || OWN.has(namespace) ? name : `${namespace}.${name}`),
  };
}

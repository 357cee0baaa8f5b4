import type { Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Package } from './project.ts';
import { DBT_FLAGS, flags } from './schema/flags.ts';

/** Names under `flags` that neither dql nor dbt knows; dbt's adapters bring some of their own, so these are warnings. */
export function unknownFlags({ settings, file }: Package): readonly Diagnostic[] {
  const known = [...Object.keys(flags.shape), ...DBT_FLAGS];
  return Object.keys(settings.flags)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      code: 'project/unknown-flag',
      severity: 'warning',
      message: `the flag \`${name}\` has no effect: nothing is called that`,
      at: file.span(['flags', name]),
      hint:
        didYouMean(name, known) ?? 'the other flags are given on the command line or as DQL_NAME in the environment',
    }));
}

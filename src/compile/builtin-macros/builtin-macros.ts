import type { Checked } from '../../core/diagnostic.ts';
import type { Template } from '../../jinja/jinja.ts';
import { INTERNAL_PACKAGE, type Macro } from '../macros/macro-library.ts';
import type { TemplateCache } from '../options.ts';
import { keptTemplate } from '../templates/kept-template.ts';
import { crossDatabase } from './cross-database.ts';
import { genericTests } from './generic-tests.ts';
import { naming } from './naming.ts';
import { runtime } from './runtime.ts';

const FILES = {
  'naming.sql': naming,
  'runtime.sql': runtime,
  'cross_database.sql': crossDatabase,
  'generic_tests.sql': genericTests,
} as const;

let parsed: readonly Macro[] | undefined;

/** dql's own macros, package `dbt`: parsed once per process. */
export function builtinMacros(cache: TemplateCache | undefined): readonly Macro[] {
  parsed ??= Object.entries(FILES).flatMap(([name, text]) => {
    const originalPath = `macros/${name}`;
    const { value: template, diagnostics }: Checked<Template | undefined> = keptTemplate(
      { path: `dbt/${originalPath}`, text },
      {},
      cache,
    );
    // A mistake in our own text is a bug, not a diagnostic.
    if (template === undefined) throw new Error(`builtin macro ${name}: ${diagnostics[0]?.message}`);
    return template.blocks.map((block) => ({
      id: `macro.${INTERNAL_PACKAGE}.${block.name}`,
      packageName: INTERNAL_PACKAGE,
      name: block.name,
      block,
      template,
      originalPath,
    }));
  });
  return parsed;
}

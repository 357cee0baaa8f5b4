import { type CompileOptions, type Compiler, compileProject } from '../compile/compile.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { type ProjectFromOptions, projectFrom, TEST_NOW } from './project-from.ts';

const CHECKS = ['not_null', 'unique', 'accepted_values', 'relationships', 'dbt_utils.accepted_range'];

export const TEST_OPTIONS: CompileOptions = {
  flags: { which: 'build' },
  invocationId: '11111111-2222-3333-4444-555555555555',
  runStartedAt: TEST_NOW,
  generatedAt: TEST_NOW,
  knownChecks: { has: (name) => CHECKS.includes(name), names: CHECKS },
  materializations: ['view', 'table', 'incremental', 'ephemeral', 'external'],
};

/** A compiler of an in-memory project, and everything that was found wrong. */
export function compilerFrom(
  files: Readonly<Record<string, string>>,
  options: ProjectFromOptions & Partial<CompileOptions> = {},
): { readonly compiler: Compiler; readonly diagnostics: readonly Diagnostic[] } {
  const project = projectFrom(files, options);
  const { value: compiler, diagnostics } = compileProject(project.value, { ...TEST_OPTIONS, ...options });
  return { compiler, diagnostics: [...project.diagnostics, ...diagnostics] };
}

import type { Json } from '../../core/node-id.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';

/** The head of run_results.json (v6) and sources.json (v3), dbt's keys and dql's version. `at` is ISO 8601. */
export function runMetadata(
  { invocationId }: Pick<OpenedProject, 'invocationId'>,
  options: Pick<CommonOptions, 'version'>,
  at: string,
  artifact: 'run-results/v6' | 'sources/v3' = 'run-results/v6',
): Readonly<Record<string, Json>> & { readonly invocation_id: string; readonly generated_at: string } {
  return {
    dbt_schema_version: `https://schemas.getdbt.com/dbt/${artifact}.json`,
    dbt_version: '1.12.0',
    dql_version: options.version,
    generated_at: new Date().toISOString(),
    invocation_id: invocationId,
    invocation_started_at: at,
    env: {},
  };
}

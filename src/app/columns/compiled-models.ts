/** The SQL of every model with public names, as lineage reads it. */
import { setImmediate } from 'node:timers/promises';
import type { Asked, CompileOutcome } from '../../compile/compile.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { answerNeed } from '../warehouse/answer-needs.ts';
import { publicRelations } from '../warehouse/relations.ts';
import { sourceNames } from '../warehouse/source-names.ts';

export interface CompiledModel {
  /** With public names; ephemeral models are named as `__dbt__cte__…`. Undefined when it could not be compiled. */
  readonly sql: string | undefined;
  /** The same with ephemeral models written out: what `compiled_code` of a manifest holds. */
  readonly fullSql: string;
  /** As it would be run, the files of sources in their places. */
  readonly compiledCode?: string;
  /** Where `is_incremental()` makes a difference: what runs when the table stands already. */
  readonly incremental?: { readonly sql: string; readonly fullSql: string; readonly compiledCode: string };
  readonly problem?: string;
}

export async function compiledModels(
  opened: OpenedProject,
  options: CommonOptions,
  order: readonly NodeId[],
  live: () => Promise<Connection | undefined>,
): Promise<ReadonlyMap<NodeId, CompiledModel>> {
  const { manifest, project, compiler } = opened;
  const { relationOf, known } = publicRelations(opened);
  const named = sourceNames(manifest, project.folder);
  const compile = async (id: NodeId, isIncremental: boolean): Promise<Outcome> => {
    const answers: Asked[] = [];
    for (;;) {
      const outcome = compiler.compileNode(id, { relationOf, answers, isIncremental });
      if (outcome.kind !== 'needs') return outcome;
      const connection = options.introspect ? await live() : undefined;
      if (!connection) return { kind: 'unasked' };
      answers.push({
        request: outcome.request,
        answer: await answerNeed(outcome.request, connection, known),
      });
    }
  };
  const textsOf = (outcome: Extract<Outcome, { kind: 'compiled' }>) => ({
    sql: named(outcome.code),
    fullSql: named(outcome.sql),
    compiledCode: outcome.sql,
  });
  const compiled = new Map<NodeId, CompiledModel>();
  for (const id of order) {
    const node = manifest.nodes[id];
    if (!node || node.resource_type === 'seed') continue;
    // In every pause DuckDB, which reads what the last runs left, is handed its next statement.
    if (compiled.size % 100 === 0) await setImmediate();
    const outcome = await compile(id, false);
    if (outcome.kind !== 'compiled') {
      compiled.set(id, { sql: undefined, fullSql: '', problem: problemOf(outcome) });
      continue;
    }
    const other = node.config.materialized === 'incremental' ? await compile(id, true) : outcome;
    compiled.set(id, {
      ...textsOf(outcome),
      ...(other.kind === 'compiled' && other.sql !== outcome.sql ? { incremental: textsOf(other) } : {}),
      ...(other.kind === 'compiled' ? {} : { problem: `when it is incremental, ${problemOf(other)}` }),
    });
  }
  return compiled;
}

type Outcome = Exclude<CompileOutcome, { kind: 'needs' }> | { readonly kind: 'unasked' };

const problemOf = (outcome: Exclude<Outcome, { kind: 'compiled' }>): string =>
  outcome.kind === 'failed'
    ? (outcome.diagnostics[0]?.message ?? 'it cannot be compiled')
    : 'its template asks the warehouse, and there is none to ask';

/** SQL of data tests by the names that readers know, as far as it can be told without running them. */
import { planCheck } from '../../checks/check.ts';
import { type GraphNode, isExample, type Manifest } from '../../compile/manifest.ts';
import type { Checked } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Column } from '../../engine/engine.ts';
import { type LedgerState, publishedVersion } from '../../ledger/records.ts';
import { relationOf } from '../../plan/plan-run.ts';
import type { NodeResult } from '../../run/results.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { CompiledTest } from './compile-test.ts';
import { givenOptions, planQuery } from './query-test.ts';
import { pastOf } from './test-history.ts';
import type { IdentityOf } from './test-identity.ts';

/** The query of failing rows that a test comes to, where its past does not matter. */
export function testSql(
  compiled: CompiledTest,
  node: GraphNode,
  about: { readonly manifest: Manifest; readonly columns: readonly Column[] | undefined; readonly now: Date },
): Checked<string | undefined> {
  if (compiled.kind === 'failed') return { value: undefined, diagnostics: compiled.diagnostics };
  if (compiled.kind === 'sql' && isExample(node)) return { value: compiled.sql, diagnostics: [] };
  const span = { file: node.original_file_path, start: 0, end: 0 };
  const { value, diagnostics } =
    compiled.kind === 'sql'
      ? planQuery({ ...compiled, node, manifest: about.manifest, span })
      : planCheck({
          ...compiled,
          id: node.unique_id,
          span,
          config: givenOptions(node.config),
          columns: about.columns,
          now: about.now.toISOString(),
        });
  return { value: value?.failing, diagnostics };
}

/** Results of tests whose verdicts were kept, with the SQL that they came from: nobody compiled it in this run. */
export function withKeptSql(
  { manifest }: OpenedProject,
  identityOf: IdentityOf,
  now: Date,
): (result: NodeResult, state: LedgerState) => NodeResult {
  const known = new Map<NodeId, string | undefined>();
  const sqlOf = (node: GraphNode, state: LedgerState): string | undefined => {
    const compiled = pastOf(node) === undefined ? identityOf(node.unique_id)?.compiled : undefined;
    if (compiled === undefined) return undefined;
    const tested = manifest.nodes[node.attached_node ?? ''];
    const columns = tested && publishedVersion(state, relationOf(tested))?.columns;
    return testSql(compiled, node, { manifest, columns, now }).value;
  };
  return (result, state) => {
    const node = manifest.nodes[result.unique_id];
    if (node?.resource_type !== 'test' || result.compiled_code !== null || result.meta.dql.verdict_from === undefined)
      return result;
    if (!known.has(node.unique_id)) known.set(node.unique_id, sqlOf(node, state));
    const sql = known.get(node.unique_id);
    return sql === undefined ? result : { ...result, compiled: true, compiled_code: sql };
  };
}

/** What makes a test's verdict hold: equal identities over equal content come to the same verdict. */
import { resolveCheck } from '../checks/resolve-check.ts';
import type { GraphNode, Manifest } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import { testFingerprint } from '../plan/fingerprint.ts';
import { inputsOf } from '../plan/plan-run.ts';
import type { ObjectOf } from '../run/context.ts';

/** What a unit test comes to besides the content it reads. */
export interface UnitTestIdentity {
  readonly text: Json;
  readonly reads: readonly NodeId[];
}

/**
 * The test's own definition and what it reads. Definitions are compared as written (name, arguments, configuration, text), not as SQL
 * over version names, which change with every build. Tests that look at the clock or at history have none.
 */
export function fingerprintOf(
  {
    manifest,
    unitTestIdentity,
  }: { readonly manifest: Manifest; readonly unitTestIdentity: (id: NodeId) => UnitTestIdentity | undefined },
  id: NodeId,
  contentOf: ObjectOf,
): string | undefined {
  const unit = id in manifest.unit_tests ? unitTestIdentity(id) : undefined;
  const node = manifest.nodes[id];
  const definition: Json | undefined = unit
    ? unit.text
    : node
      ? ([node.raw_code, (node.test_metadata ?? null) as Json, node.config as Json, node.column_name ?? null] as Json)
      : undefined;
  if (definition === undefined || (node && dependsOnTime(node))) return undefined;
  const reads = unit ? unit.reads : inputsOf(manifest, id);
  const contents: Record<NodeId, string> = {};
  for (const input of reads) {
    const content = contentOf(input);
    if (content === undefined) return undefined;
    contents[input] = content;
  }
  return testFingerprint('', definition, contents);
}

/** Of the catalogue, whatever dialect they are written in. */
const TIMELY = new Set([
  'freshness',
  'freshness_sla',
  'execution_sla',
  'duration_sla',
  'volume_change',
  'volume_anomaly',
  'freshness_anomaly',
  'event_freshness_anomaly',
  'column_anomaly',
  'all_columns_anomaly',
  'schema_unchanged',
  'not_in_future',
  'not_before',
  'data_for_every_period',
]);

function dependsOnTime({ test_metadata, raw_code }: GraphNode): boolean {
  const kwargs = test_metadata?.kwargs ?? {};
  const resolved = test_metadata && resolveCheck(test_metadata.name, test_metadata.namespace, kwargs);
  return (
    (resolved !== undefined && 'check' in resolved && TIMELY.has(resolved.check.name)) ||
    /\b(now|current_timestamp|current_date|today|random)\b/i.test(`${raw_code} ${JSON.stringify(kwargs)}`)
  );
}

/** Tests that hold for columns because they hold for what these are copied from: for `dql coverage` and the site. */
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { type ColumnClaim, follows, type InheritedClaim, inheritedClaims } from '../../lineage/inherited-claims.ts';
import type { ProjectLineage } from '../columns/column-lineage.ts';
import { claimingTests, isBuiltAsWritten } from '../columns/inherited-proofs.ts';

const isBlocking = (test: GraphNode | undefined): boolean =>
  String(test?.config['severity'] ?? 'error').toLowerCase() === 'error';

/** By model, what its own tests do not say already; `because` are ids of tests. */
export function inheritedTests(
  manifest: Manifest,
  lineage: ProjectLineage,
): ReadonlyMap<NodeId, readonly InheritedClaim[]> {
  const tests = claimingTests(manifest);
  const known = new Map<NodeId, readonly ColumnClaim[]>();
  const own = (id: NodeId): readonly ColumnClaim[] =>
    // A test that only tells lets what it finds pass on.
    (tests.get(id) ?? []).flatMap((test) =>
      isBlocking(manifest.nodes[test.id]) ? [{ ...test.claim, because: [test.id] }] : [],
    );
  const found = new Map<NodeId, readonly InheritedClaim[]>();
  for (const { id } of lineage.graph.nodes) {
    const node = manifest.nodes[id];
    const model = lineage.models.get(id);
    const claims = own(id);
    const isWhole = node !== undefined && (isBuiltAsWritten(node) || node.config.materialized === 'ephemeral');
    const inherited =
      model && isWhole
        ? inheritedClaims(model.lineage, (relation) => known.get(lineage.idOf(relation) ?? '') ?? [])
        : [];
    const more = inherited.filter((claim) => !claims.some((one) => follows(claim, one)));
    if (more.length > 0) found.set(id, more);
    known.set(id, [...claims, ...more]);
  }
  return found;
}

/** Options of tests that are queries of the project's own, judged once it is known what they read. */
import type { Json } from '../../core/node-id.ts';
import { INTERNAL_PACKAGE } from '../macros/macro-library.ts';
import { type GraphNode, isExample } from '../manifest.ts';
import type { Draft } from '../nodes/draft.ts';
import { isTested } from '../tested-node.ts';

export function checkQueryTests(draft: Draft): void {
  const { knownChecks } = draft.world.options;
  for (const drafted of draft.nodes.values()) {
    const { node } = drafted;
    if (node.resource_type !== 'test' || isExample(node) || !isQuery(node)) continue;
    const inputs = node.depends_on.nodes.flatMap((id) => {
      const read = draft.nodes.get(id)?.node ?? draft.sources.get(id)?.node;
      if (read === undefined) return [];
      const name = 'source_name' in read ? `${read.source_name}.${read.name}` : read.name;
      return [{ name, isTested: isTested(node, read) }];
    });
    for (const wrong of knownChecks.queryComplaints?.(given(node), inputs) ?? [])
      draft.report({ ...wrong, at: drafted.at });
  }
}

/** A generic test that a macro of the project answers says so by depending on it; on dbt's own the four depend that are built in. */
const isQuery = ({ test_metadata: test, depends_on: { macros } }: GraphNode): boolean =>
  test === undefined || macros.some((id) => !id.startsWith(`macro.${INTERNAL_PACKAGE}.`));

const given = ({ config }: GraphNode): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));

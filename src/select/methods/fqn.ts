import { hasWildcard, wildcard } from '../fnmatch.ts';
import type { SelectableNode } from '../graph.ts';
import { type SelectorMethod, valueText } from '../method.ts';

/** `orders`, `staging.orders`, `shop.staging.*`: a node's name, or the start of its dotted place in the project. */
export const fqn: SelectorMethod = {
  summary: 'by name, or by the start of the dotted path to it: orders, staging.shop, shop.staging.*',
  isName: true,
  ask: (criterion) => {
    const matches = nameMatcher(valueText(criterion));
    return (node) => {
      if (node.resource_type === 'source') return false;
      const flat = flattened(node.fqn);
      return matches(node.fqn, flat, isVersioned(node), 0) || matches(node.fqn, flat, isVersioned(node), 1);
    };
  },
  *known(graph) {
    for (const node of graph.nodes.values()) {
      if (node.resource_type === 'source') continue;
      yield node.name;
      if (node.fqn.length > 2) yield node.fqn.slice(1).join('.');
    }
  },
};

export const isVersioned = (node: SelectableNode): boolean =>
  node.resource_type === 'model' && node.version !== undefined && node.version !== null;

/** A dot inside a name separates like one between folders. */
const flattened = (fqn: readonly string[]): readonly string[] =>
  fqn.some((segment) => segment.includes('.')) ? fqn.join('.').split('.') : fqn;

/** dbt's `is_selected_node`; `skip` 1 holds the value against the place inside the package. */
function nameMatcher(
  value: string,
): (fqn: readonly string[], flat: readonly string[], versioned: boolean, skip: 0 | 1) => boolean {
  const wanted = value.split('.');
  const wantedVersion = wanted.slice(-2).join('_');
  const firstWild = wanted.findIndex(hasWildcard);
  // From the first wildcard on, the pattern is held against the whole rest: `*` crosses dots.
  const exact = firstWild === -1 ? wanted : wanted.slice(0, firstWild);
  const rest = firstWild === -1 ? undefined : wildcard(wanted.slice(firstWild).join('.'));
  return (fqn, flat, versioned, skip) => {
    if (fqn.length <= skip) return false;
    if (versioned) {
      if (fqn.length - skip >= 2 && fqn.at(-2) === value) return true;
      if (fqn.slice(Math.max(skip, fqn.length - 2)).join('_') === wantedVersion) return true;
    } else if (fqn.at(-1) === value) return true;
    // Only the package is skipped, and its name may have dots itself.
    const from = skip === 0 ? 0 : (fqn[0]?.split('.').length ?? 0);
    if (flat.length - from < wanted.length) return false;
    for (let at = 0; at < exact.length; at += 1) if (flat[from + at] !== exact[at]) return false;
    return rest === undefined || rest(flat.slice(from + firstWild).join('.'));
  };
}

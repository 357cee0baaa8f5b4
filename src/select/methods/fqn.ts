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
      if (node.resource_type === 'source' || node.fqn.length === 0) return false;
      const versioned = isVersioned(node);
      return matches(node.fqn, versioned) || matches(node.fqn.slice(1), versioned);
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

/** dbt's `is_selected_node`. */
function nameMatcher(value: string): (fqn: readonly string[], versioned: boolean) => boolean {
  const wanted = value.split('.');
  const wantedVersion = wanted.slice(-2).join('_');
  const firstWild = wanted.findIndex(hasWildcard);
  // From the first wildcard on, the pattern is held against the whole rest: `*` crosses dots.
  const exact = firstWild === -1 ? wanted : wanted.slice(0, firstWild);
  const rest = firstWild === -1 ? undefined : wildcard(wanted.slice(firstWild).join('.'));
  return (fqn, versioned) => {
    if (versioned) {
      if (fqn.at(-2) === value || fqn.slice(-2).join('_') === wantedVersion) return true;
    } else if (fqn.at(-1) === value) return true;
    // A dot inside a name separates like one between folders.
    const flat = fqn.some((segment) => segment.includes('.')) ? fqn.join('.').split('.') : fqn;
    if (flat.length < wanted.length) return false;
    if (!exact.every((part, at) => flat[at] === part)) return false;
    return rest === undefined || rest(flat.slice(firstWild).join('.'));
  };
}

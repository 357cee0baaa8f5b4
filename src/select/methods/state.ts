import { didYouMean } from '../../core/nearest.ts';
import { type SelectableNode, selectableGraph } from '../graph.ts';
import { type SelectorMethod, unknownValue, valueText } from '../method.ts';
import { type Comparison, compareWith } from '../modified.ts';

type Kind = (comparison: Comparison, node: SelectableNode, before: SelectableNode | undefined) => boolean;

const KINDS: Readonly<Record<string, Kind>> = {
  new: (_, _node, before) => before === undefined,
  old: (_, _node, before) => before !== undefined,
  modified: (comparison, node, before) => comparison.isModified(node, before),
  unmodified: (comparison, node, before) => !comparison.isModified(node, before),
  'modified.body': (comparison, node, before) => comparison.differs('body', node, before),
  'modified.configs': (comparison, node, before) => comparison.differs('configs', node, before),
  'modified.persisted_descriptions': (comparison, node, before) =>
    comparison.differs('persisted_descriptions', node, before),
  'modified.relation': (comparison, node, before) => comparison.differs('relation', node, before),
  'modified.contract': (comparison, node, before) => comparison.differs('contract', node, before),
  'modified.macros': (comparison, node) => comparison.macrosChanged(node),
};

/** Against the manifest of `--state`. */
export const state: SelectorMethod = {
  summary: 'against the manifest of --state: new, old, modified, unmodified, modified.body, modified.configs …',
  ask: (criterion, scope) => {
    const known = Object.keys(KINDS);
    const value = valueText(criterion);
    const kind = Object.hasOwn(KINDS, value) ? KINDS[value] : undefined;
    if (kind === undefined) return unknownValue(criterion, known, didYouMean(value, known));
    if (scope.previous === undefined)
      return {
        code: 'select/no-state',
        message: `\`state:${value}\` compares with an earlier manifest, and there is none`,
        hint: 'give the folder with its manifest.json: `--state PATH`',
      };
    const before = selectableGraph(scope.previous);
    const comparison = compareWith(before, scope.graph, scope.report, scope.now);
    if (value === 'modified' || value === 'unmodified' || value === 'modified.contract') comparison.reportRemoved();
    return (node) => kind(comparison, node, before.nodes.get(node.unique_id));
  },
  known: () => Object.keys(KINDS),
};

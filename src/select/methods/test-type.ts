import { didYouMean } from '../../core/nearest.ts';
import type { SelectableNode } from '../graph.ts';
import { type NodeQuestion, type SelectorMethod, unknownValue, valueText } from '../method.ts';

const isGeneric = (node: SelectableNode) => node.resource_type === 'test' && node.test_metadata !== undefined;
const isSingular = (node: SelectableNode) => node.resource_type === 'test' && node.test_metadata === undefined;

const TYPES: Readonly<Record<string, NodeQuestion>> = {
  generic: isGeneric,
  singular: isSingular,
  unit: (node) => node.resource_type === 'unit_test',
  data: (node) => node.resource_type === 'test',
  // dbt's old word for generic tests.
  schema: isGeneric,
};

export const testType: SelectorMethod = {
  summary: 'tests by type: generic, singular, data (both), unit',
  ask: (criterion) => {
    const known = Object.keys(TYPES);
    const type = valueText(criterion);
    return (
      (Object.hasOwn(TYPES, type) ? TYPES[type] : undefined) ?? unknownValue(criterion, known, didYouMean(type, known))
    );
  },
  known: () => Object.keys(TYPES),
};

import { didYouMean } from '../../core/nearest.ts';
import { type SelectorMethod, unknownValue, valueText } from '../method.ts';

/** dbt's words for what can stand in the graph. */
export const RESOURCE_TYPES = [
  'model',
  'seed',
  'snapshot',
  'test',
  'unit_test',
  'source',
  'exposure',
  'analysis',
  'operation',
  'metric',
  'semantic_model',
  'saved_query',
  'function',
];

export const resourceType: SelectorMethod = {
  summary: `by kind: ${RESOURCE_TYPES.slice(0, 7).join(', ')} …`,
  ask: (criterion) => {
    const type = valueText(criterion);
    if (!RESOURCE_TYPES.includes(type))
      return unknownValue(criterion, RESOURCE_TYPES, didYouMean(type, RESOURCE_TYPES));
    return (node) => node.resource_type === type;
  },
  known: () => RESOURCE_TYPES,
};

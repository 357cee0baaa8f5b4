import { didYouMean } from '../../core/nearest.ts';
import { type SelectorMethod, unknownValue, valueText } from '../method.ts';

const LEVELS = ['public', 'protected', 'private'];

export const access: SelectorMethod = {
  summary: 'models by access: public, protected, private',
  ask: (criterion) => {
    const level = valueText(criterion);
    if (!LEVELS.includes(level)) return unknownValue(criterion, LEVELS, didYouMean(level, LEVELS));
    return (node) => node.resource_type === 'model' && node.access === level;
  },
  known: () => LEVELS,
};

import { didYouMean } from '../../core/nearest.ts';
import { type SelectorMethod, unknownValue, valueText } from '../method.ts';

const KNOWN = ['fresher'];

/** Sources with rows that are younger than those of `--state`, and sources that were not measured there. */
export const sourceStatus: SelectorMethod = {
  summary: 'sources with newer data than in --state: fresher',
  ask: (criterion, { previousSources, currentSources }) => {
    const value = valueText(criterion);
    if (!KNOWN.includes(value)) return unknownValue(criterion, KNOWN, didYouMean(value, KNOWN));
    if (previousSources === undefined || currentSources === undefined)
      return {
        code: 'select/no-state',
        message: `\`source_status:${value}\` compares two sources.json, and ${previousSources === undefined ? 'the earlier' : 'the current'} one is missing`,
        hint:
          previousSources === undefined
            ? 'give the folder of the earlier one: `--state PATH`'
            : 'run `dql source freshness` first',
      };
    return (node) => {
      const now = currentSources.get(node.unique_id);
      // Absent or null: its freshness is not known, so nothing says that it is fresher.
      if (now === undefined || now === null) return false;
      const before = previousSources.get(node.unique_id);
      if (before === null) return false;
      return before === undefined || Date.parse(now) > Date.parse(before);
    };
  },
  known: () => KNOWN,
};

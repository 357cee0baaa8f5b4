import { didYouMean } from '../../core/nearest.ts';
import { NODE_STATUSES } from '../../core/node-status.ts';
import { type SelectorMethod, unknownValue, valueText } from '../method.ts';

/** What the run of `--state` said of a node. A blank cannot stand in a selection: `result:runtime_error`. */
export const result: SelectorMethod = {
  summary: 'by status in the run of --state: error, fail, warn, skipped, success …',
  ask: (criterion, { previousResults }) => {
    if (previousResults === undefined)
      return {
        code: 'select/no-state',
        message: `\`result:${valueText(criterion)}\` needs the results of an earlier run`,
        hint: 'give the folder with its run_results.json: `--state PATH`',
      };
    const wanted = NODE_STATUSES.find((status) => status === valueText(criterion).replaceAll('_', ' '));
    if (wanted === undefined)
      return unknownValue(criterion, NODE_STATUSES, didYouMean(valueText(criterion), NODE_STATUSES));
    return (node) => previousResults.get(node.unique_id) === wanted;
  },
  known: () => NODE_STATUSES,
};

/** `dql coverage`: which kinds of test are missing on the models that others rely on. */

import { COVERED_KINDS, coverage as coverageOf } from '../checks/coverage.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';
import { withColumnLineage } from './columns/column-lineage.ts';
import type { CommonOptions, CoverageAnswer, UseCases } from './contract.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { labelOf } from './opening/label-of.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { inheritedTests } from './tests/inherited-tests.ts';
import { liveWarehouse } from './warehouse/live-warehouse.ts';

export const coverage: UseCases['coverage'] = async (options, hooks) => {
  const opened = await openProject(options, 'coverage', hooks);
  return withColumnLineage(opened, options, liveWarehouse(opened.project, options, hooks), async (lineage) => {
    const inherited = inheritedTests(opened.manifest, lineage);
    return coverageAnswer(opened, options, options.failUnder, inherited, lineage.columns);
  });
};

/** Of the selected models among those that are exposed. */
export function coverageAnswer(
  opened: OpenedProject,
  options: CommonOptions,
  failUnder: number | undefined,
  inheritedBy: ReturnType<typeof inheritedTests>,
  columns: ReadonlyMap<NodeId, readonly Column[]>,
): CoverageAnswer {
  const { manifest } = opened;
  const ids = chooseNodes(opened, options, ['model']).ids;
  const hasTime = (id: NodeId) => columns.get(id)?.some(({ type }) => /^(DATE|TIMESTAMP)/.test(type));
  const covered = coverageOf(manifest, (id) => inheritedBy.get(id) ?? [], hasTime);
  const models = covered.models.filter(({ unique_id }) => ids.has(unique_id));
  const missing = models.reduce((sum, { untested }) => sum + untested.length, 0);
  const all = models.reduce((sum, { inapplicable }) => sum + COVERED_KINDS.length - inapplicable.length, 0);
  const nameOf = (id: NodeId) => manifest.nodes[id]?.name ?? id;
  return {
    models: models.map(({ unique_id, name, exposures, owner, inherited, untested, inapplicable, percent }) => ({
      node: unique_id,
      name,
      exposed_by: exposures.map((id) => labelOf(manifest, id)),
      owner,
      dimensions: {
        schema: !untested.includes('schema'),
        null: !untested.includes('null'),
        uniqueness: !untested.includes('uniqueness'),
        range: !untested.includes('range'),
        freshness: inapplicable.includes('freshness') ? null : !untested.includes('freshness'),
        volume: !untested.includes('volume'),
      },
      inherited: Object.fromEntries(Object.entries(inherited).map(([kind, tests]) => [kind, tests.map(nameOf)])),
      percent,
      missing: [...untested],
    })),
    // A selection in which nothing is exposed has nothing to cover.
    percent: all === 0 ? 100 : Math.round((1000 * (all - missing)) / all) / 10,
    fail_under: failUnder ?? null,
  };
}

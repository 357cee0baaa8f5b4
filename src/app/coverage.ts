/** `dql coverage`: which kinds of test are missing on the models that others rely on. */
import { COVERED_KINDS, coverage as coverageOf } from '../checks/coverage.ts';
import type { NodeId } from '../core/node-id.ts';
import { chooseNodes } from './choose-nodes.ts';
import type { CommonOptions, CoverageAnswer, UseCases } from './contract.ts';
import { labelOf } from './lineage.ts';
import { type OpenedProject, openProject } from './open-project.ts';

export const coverage: UseCases['coverage'] = async (options, hooks) => {
  const opened = await openProject(options, 'coverage', hooks);
  return coverageAnswer(opened, options, options.failUnder);
};

/** Of the selected models among those that are exposed. */
export function coverageAnswer(
  opened: OpenedProject,
  options: CommonOptions,
  failUnder: number | undefined,
): CoverageAnswer {
  const { manifest } = opened;
  const ids = chooseNodes(opened, options, ['model']).ids;
  const models = coverageOf(manifest).models.filter(({ unique_id }) => ids.has(unique_id));
  const missing = models.reduce((sum, { untested }) => sum + untested.length, 0);
  const all = models.length * COVERED_KINDS.length;
  const isTested = (tested: Readonly<Record<string, readonly NodeId[]>>, kind: string) =>
    (tested[kind]?.length ?? 0) > 0;
  return {
    models: models.map(({ unique_id, name, exposures, owner, tested, untested, percent }) => ({
      node: unique_id,
      name,
      exposed_by: exposures.map((id) => labelOf(manifest, id)),
      owner,
      dimensions: {
        schema: isTested(tested, 'schema'),
        null: isTested(tested, 'null'),
        uniqueness: isTested(tested, 'uniqueness'),
        range: isTested(tested, 'range'),
        freshness: isTested(tested, 'freshness'),
        volume: isTested(tested, 'volume'),
      },
      percent,
      missing: [...untested],
    })),
    // A selection in which nothing is exposed has nothing to cover.
    percent: all === 0 ? 100 : Math.round((1000 * (all - missing)) / all) / 10,
    fail_under: failUnder ?? null,
  };
}

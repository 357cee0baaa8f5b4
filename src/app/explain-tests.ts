/** `dql test --explain`: how each selected test would be answered over what is published, and what that should cost. Runs none. */
import { existsSync } from 'node:fs';
import type { Strategy } from '../checks/check-plan.ts';
import { explainChecks } from '../checks/explain-checks.ts';
import { whyAllRows } from '../checks/sliced.ts';
import { DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import { publishedVersion } from '../ledger/records.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { ObjectOf } from '../run/context.ts';
import { messageOf } from '../run/node-result.ts';
import { objectName } from '../run/progress.ts';
import type { TestExplanation, UseCases } from './contract.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { openProject } from './opening/open-project.ts';
import { readFactsCache } from './opening/parsed-sql.ts';
import { warningsOfTestsFail } from './opening/warning-policy.ts';
import { whileLooking } from './running/looking.ts';
import { planTests } from './tests/answer-tests.ts';
import { compileTest } from './tests/compile-test.ts';
import { testIdentities } from './tests/test-identity.ts';
import { nothingBuilt, warehousePath } from './warehouse/open-target.ts';

export const explainTests: UseCases['explainTests'] = async (options, hooks) => {
  const opened = await openProject(options, 'test', hooks);
  const { manifest, project } = opened;
  const chosen = chooseNodes(opened, options, ['test', 'unit_test']);
  const ids = [...chosen.ids].sort();
  if (!existsSync(warehousePath(project))) throw new DqlError([nothingBuilt(project)]);
  return whileLooking(opened, options, hooks, chosen, async (looking): Promise<TestExplanation> => {
    const { connection, state, relations } = await looking.look();
    const objectOf: ObjectOf = (id) => {
      const node = manifest.nodes[id];
      const version = node && publishedVersion(state, relationOf(node));
      return version && objectName(version, true);
    };
    const unused = async (): Promise<never> => {
      throw new Error('an explanation runs no test');
    };
    const { planned, plan } = await planTests(
      {
        manifest,
        state,
        target: opened.project.target.name,
        compile: (id, objects, on) => compileTest(opened, relations, id, objects, on),
        sqlOf: (id) => manifest.nodes[id]?.raw_code,
        storeFailures: options.storeFailures,
        runId: '',
        warnError: warningsOfTestsFail(options),
        placeOf: opened.compiler.placeOf,
        warn: () => {},
        identityOf: await testIdentities(opened, ids, { cache: readFactsCache(opened.targetFolder), connection }),
        runUnitTest: unused,
        now: options.now,
      },
      ids.filter((id) => id in manifest.nodes),
      { objectOf },
      connection,
    );
    const explained = new Map(explainChecks(plan).map((each) => [each.id, each]));
    const subjectOf = new Map(planned.map(({ node, subject }) => [node.unique_id, subject]));
    const wrong = new Map(planned.map(({ node, diagnostics }) => [node.unique_id, diagnostics]));
    return {
      tests: ids.map((id) => row(id, nameOfRelation(id))),
      statements: Math.max(0, ...[...explained.values()].map(({ statement }) => statement)),
    };

    function row(id: NodeId, relation: string): TestExplanation['tests'][number] {
      const node = manifest.nodes[id];
      const name = node?.name ?? manifest.unit_tests[id]?.name ?? id;
      if (!node)
        return {
          node: id,
          name,
          relation,
          how: 'own query',
          reason: `the ${manifest.unit_tests[id]?.args === undefined ? 'model’s SQL' : 'macro’s text'} over given rows`,
          estimated_seconds: null,
        };
      const found = explained.get(id);
      if (!found)
        return {
          node: id,
          name,
          relation,
          how: 'not possible',
          reason: messageOf(wrong.get(id) ?? []),
          estimated_seconds: null,
        };
      return {
        node: id,
        name,
        relation,
        how: HOW[found.strategy],
        reason: [
          found.statement === 0 ? found.because : `${found.because} (statement ${found.statement})`,
          ...inBuild(id),
        ].join('; '),
        estimated_seconds: found.estimate / 1000,
      };
    }

    /** What a build that adds to an incremental model would ask. */
    function inBuild(id: NodeId): readonly string[] {
      const { check, subject } = planned.find(({ node }) => node.unique_id === id) ?? {};
      const { materialized } = manifest.nodes[subject ?? '']?.config ?? {};
      if (!check || (materialized !== 'incremental' && materialized !== 'snapshot')) return [];
      const why = whyAllRows(check);
      return [
        why === undefined
          ? 'a build tests only the rows it changes, once the others passed'
          : `a build tests all rows: ${why}`,
      ];
    }

    function nameOfRelation(id: NodeId): string {
      const unit = manifest.unit_tests[id];
      if (unit?.args !== undefined) return `macro ${unit.model}`;
      const subject = subjectOf.get(id) ?? unit?.depends_on.nodes[0];
      const node = subject === undefined ? undefined : manifest.nodes[subject];
      if (node) return `${node.schema}.${node.alias}`;
      const source = subject === undefined ? undefined : manifest.sources[subject];
      return source ? `${source.source_name}.${source.name}` : 'a query of its own';
    }
  });
};

const HOW: Readonly<Record<Strategy, string>> = {
  proved: 'proved',
  metadata: 'metadata',
  statistics: 'column statistics',
  alone: 'own query',
  union: 'union all',
  'one scan': 'fused scan',
  'one group by': 'shared group by',
  'one bit a value': 'bit per value',
  screened: 'cheaper question first',
  materialised: 'materialise once',
  slice: 'changed rows only',
};

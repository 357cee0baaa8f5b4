/** Which kinds of test are missing on the models that others rely on. */

import type { GraphNode, Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Dimension } from './define-check.ts';
import { resolveCheck } from './resolve-check.ts';
import type { TestClaim } from './test-claim.ts';

/** What every exposed model should be tested for. */
export const COVERED_KINDS = ['schema', 'null', 'uniqueness', 'range', 'freshness', 'volume'] as const;
export type CoveredKind = (typeof COVERED_KINDS)[number];

export interface ModelCoverage {
  readonly unique_id: NodeId;
  readonly name: string;
  /** The exposures that use it; empty when it counts for being public or last in its line. */
  readonly exposures: readonly NodeId[];
  readonly owner: string | null;
  /** The tests for each kind: unique ids, or `contract` and `constraint`. */
  readonly tested: Readonly<Record<CoveredKind, readonly string[]>>;
  /** Kinds without a test of their own that tests above answer: ids of those tests. */
  readonly inherited: Readonly<Partial<Record<CoveredKind, readonly string[]>>>;
  readonly untested: readonly CoveredKind[];
  /** Kinds that say nothing about it: freshness where no column is a time. */
  readonly inapplicable: readonly CoveredKind[];
  /** 0 to 100. */
  readonly percent: number;
}

interface Inherited extends TestClaim {
  /** Ids of the tests it follows from. */
  readonly because: readonly string[];
}

export interface Coverage {
  /** The least covered first. */
  readonly models: readonly ModelCoverage[];
  /** Share of all kinds on all models, 0 to 100; 100 when there is no model to cover. */
  readonly percent: number;
  /** Why these models: they are in exposures, or, when nothing is, public or read by no other model. */
  readonly exposed: 'by exposures' | 'at the ends';
}

/** A check's dimension as a kind: values allowed are a range, too. */
const KIND_OF: Readonly<Partial<Record<Dimension, CoveredKind>>> = {
  schema: 'schema',
  null: 'null',
  uniqueness: 'uniqueness',
  range: 'range',
  validity: 'range',
  freshness: 'freshness',
  volume: 'volume',
};

/**
 * @param inheritedBy what a model's columns inherit from tests of the columns they are copied from
 * @param hasTime whether a column of the model is a date or time; undefined: not known
 */
export function coverage(
  manifest: Pick<Manifest, 'nodes' | 'exposures'>,
  inheritedBy: (id: NodeId) => readonly Inherited[] = () => [],
  hasTime: (id: NodeId) => boolean | undefined = () => undefined,
): Coverage {
  const models = Object.values(manifest.nodes).filter((node) => node.resource_type === 'model');
  const exposures = Object.values(manifest.exposures);
  const byExposure = models.filter(({ unique_id }) =>
    exposures.some(({ depends_on }) => depends_on.nodes.includes(unique_id)),
  );
  const chosen = byExposure.length > 0 ? byExposure : endsOf(models);
  const tests = Object.values(manifest.nodes).filter((node) => node.resource_type === 'test');
  const covered = chosen.map((model): ModelCoverage => {
    const tested = testedKinds(model, tests);
    const inherited = inheritedKinds(inheritedBy(model.unique_id), tested);
    const missing = COVERED_KINDS.filter((kind) => tested[kind].length === 0 && inherited[kind] === undefined);
    const inapplicable = missing.filter((kind) => kind === 'freshness' && hasTime(model.unique_id) === false);
    const untested = missing.filter((kind) => !inapplicable.includes(kind));
    const kinds = COVERED_KINDS.length - inapplicable.length;
    const using = exposures.filter(({ depends_on }) => depends_on.nodes.includes(model.unique_id));
    return {
      unique_id: model.unique_id,
      name: model.name,
      exposures: using.map(({ unique_id }) => unique_id),
      owner: ownerOf(model, using),
      tested,
      inherited,
      untested,
      inapplicable,
      percent: percentOf(kinds - untested.length, kinds),
    };
  });
  const missing = covered.reduce((sum, { untested }) => sum + untested.length, 0);
  const all = covered.reduce((sum, { inapplicable }) => sum + COVERED_KINDS.length - inapplicable.length, 0);
  return {
    models: covered.sort((a, b) => a.percent - b.percent || a.name.localeCompare(b.name)),
    percent: all === 0 ? 100 : percentOf(all - missing, all),
    exposed: byExposure.length > 0 ? 'by exposures' : 'at the ends',
  };
}

const CLAIMED: Readonly<Record<TestClaim['kind'], CoveredKind>> = {
  not_null: 'null',
  unique: 'uniqueness',
  each: 'range',
};

function inheritedKinds(
  inherited: readonly Inherited[],
  tested: Readonly<Record<CoveredKind, readonly string[]>>,
): ModelCoverage['inherited'] {
  const found: Partial<Record<CoveredKind, readonly string[]>> = {};
  for (const { kind, because } of inherited) {
    const covered = CLAIMED[kind];
    if (tested[covered].length === 0) found[covered] = [...new Set([...(found[covered] ?? []), ...because])];
  }
  return found;
}

const percentOf = (part: number, whole: number): number => Math.round((1000 * part) / whole) / 10;

function endsOf(models: readonly GraphNode[]): readonly GraphNode[] {
  const read = new Set(models.flatMap(({ depends_on }) => depends_on.nodes));
  return models.filter(({ unique_id, access }) => access === 'public' || !read.has(unique_id));
}

function testedKinds(model: GraphNode, tests: readonly GraphNode[]): Record<CoveredKind, readonly string[]> {
  const tested: Record<CoveredKind, string[]> = {
    schema: [],
    null: [],
    uniqueness: [],
    range: [],
    freshness: [],
    volume: [],
  };
  for (const test of tests) {
    if (test.attached_node !== model.unique_id) continue;
    const kind = kindOf(test);
    if (kind) tested[kind].push(test.unique_id);
  }
  if (model.contract.enforced) {
    tested.schema.push('contract');
    const constraints = [...model.constraints, ...Object.values(model.columns).flatMap((column) => column.constraints)];
    for (const { type } of constraints) {
      if (type === 'not_null' || type === 'primary_key') tested.null.push('constraint');
      if (type === 'unique' || type === 'primary_key') tested.uniqueness.push('constraint');
      if (type === 'check') tested.range.push('constraint');
    }
  }
  return tested;
}

/** A test's kind: the catalogue's, or what a test of the user's own says under `meta: {kind: freshness}`. */
function kindOf({ test_metadata, config, meta }: GraphNode): CoveredKind | undefined {
  const said = config.meta.kind ?? meta.kind;
  const declared = COVERED_KINDS.find((kind) => kind === said);
  if (declared || !test_metadata) return declared;
  const resolved = resolveCheck(test_metadata.name, test_metadata.namespace, test_metadata.kwargs);
  return resolved && 'check' in resolved ? KIND_OF[resolved.check.dimension] : undefined;
}

function ownerOf(
  model: GraphNode,
  exposures: readonly { readonly owner: Readonly<Record<string, unknown>> }[],
): string | null {
  const { owner } = model.config.meta;
  if (typeof owner === 'string') return owner;
  if (model.group !== null) return model.group;
  const [name] = exposures.flatMap((exposure) => [exposure.owner.name ?? exposure.owner.email]);
  return typeof name === 'string' ? name : null;
}

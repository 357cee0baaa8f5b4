/** dbt's rules of what makes a node `state:modified`. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import { breakingChanges, contractChanged, removedContract } from './contract-change.ts';
import type { SelectableGraph, SelectableNode } from './graph.ts';
import { isRecord } from './graph.ts';
import { same } from './same.ts';

export type Aspect = 'body' | 'configs' | 'persisted_descriptions' | 'relation' | 'contract';

export interface Comparison {
  readonly isModified: (node: SelectableNode, before: SelectableNode | undefined) => boolean;
  /** One aspect alone; a node that was not there differs in each that its kind has. */
  readonly differs: (aspect: Aspect, node: SelectableNode, before: SelectableNode | undefined) => boolean;
  /** Any macro it calls, directly or through others, has another text or is new. */
  readonly macrosChanged: (node: SelectableNode) => boolean;
  /** Says which models with an enforced contract are gone. */
  readonly reportRemoved: () => void;
}

type Report = (diagnostic: Omit<Diagnostic, 'at'>) => void;

export function compareWith(before: SelectableGraph, now: SelectableGraph, report: Report, clock?: Date): Comparison {
  const macrosChanged = changedMacros(before, now);
  return {
    macrosChanged,
    isModified(node, old) {
      if (node === old) return macrosChanged(node);
      if (old !== undefined) for (const change of breakingChanges(old, node)) report(change);
      return !sameContents(node, old) || macrosChanged(node);
    },
    differs(aspect, node, old) {
      if (node === old || !ASPECTS_OF(node).includes(aspect)) return false;
      if (old === undefined) return true;
      if (aspect === 'contract') for (const change of breakingChanges(old, node)) report(change);
      return !SAME[aspect](node, old);
    },
    reportRemoved() {
      for (const old of before.nodes.values()) {
        const gone = now.nodes.has(old.unique_id)
          ? undefined
          : removedContract(old, now.disabled?.has(old.unique_id) === true, clock);
        if (gone !== undefined) report(gone);
      }
    },
  };
}

/** Nodes with SQL or data of their own; the others are compared as a whole only. */
const PARSED: readonly string[] = ['model', 'seed', 'snapshot', 'test', 'analysis', 'operation', 'function'];

const ASPECTS_OF = (node: SelectableNode): readonly Aspect[] => {
  if (PARSED.includes(node.resource_type)) return ['body', 'configs', 'persisted_descriptions', 'relation', 'contract'];
  if (node.resource_type === 'source') return ['configs', 'relation'];
  return node.resource_type === 'unit_test' ? [] : ['configs'];
};

type Sameness = (node: SelectableNode, old: SelectableNode) => boolean;

const SAME: Readonly<Record<Aspect, Sameness>> = {
  body: (node, old) =>
    node.resource_type === 'seed' ? same(node.checksum, old.checksum) : node.raw_code === old.raw_code,
  configs: sameConfig,
  persisted_descriptions: samePersistedDescription,
  relation: sameRelation,
  contract: (node, old) => node.resource_type !== 'model' || !contractChanged(old, node),
};

const sameFqn: Sameness = (node, old) => same(node.fqn, old.fqn);

/** dbt's `same_contents`, kind by kind. A source or exposure that was not there before is new, but not modified. */
function sameContents(node: SelectableNode, old: SelectableNode | undefined): boolean {
  const { resource_type: type } = node;
  if (PARSED.includes(type)) {
    if (old === undefined) return false;
    if (type === 'test' && node.test_metadata !== undefined) return sameConfig(node, old) && sameFqn(node, old);
    const isSame = sameFqn(node, old) && ASPECTS_OF(node).every((aspect) => SAME[aspect](node, old));
    return type === 'model' ? isSame && sameReferences(node, old) : isSame;
  }
  if (type === 'unit_test') return old !== undefined && same(node.checksum, old.checksum);
  if (old === undefined) return true;
  if (type === 'source') return sameSource(node, old);
  if (type === 'exposure') return sameExposure(node, old);
  return sameFqn(node, old) && node.description === old.description && sameConfig(node, old);
}

/** What may break those who refer to the model. */
const sameReferences: Sameness = (node, old) =>
  isEqual(node.latest_version, old.latest_version) &&
  node.access === old.access &&
  isEqual(node.deprecation_date, old.deprecation_date);

const sameSource: Sameness = (node, old) =>
  sameRelation(node, old) &&
  sameFqn(node, old) &&
  sameConfig(node, old) &&
  same(node.quoting, old.quoting) &&
  same(node.freshness, old.freshness) &&
  isEqual(node.loaded_at_field, old.loaded_at_field) &&
  isEqual(node.loaded_at_query, old.loaded_at_query) &&
  same(node.external ?? null, old.external ?? null);

const sameExposure: Sameness = (node, old) =>
  sameFqn(node, old) &&
  node.type === old.type &&
  same(node.owner, old.owner) &&
  isEqual(node.maturity, old.maturity) &&
  isEqual(node.url, old.url) &&
  node.description === old.description &&
  isEqual(node.label, old.label) &&
  same(sorted(node.depends_on?.nodes), sorted(old.depends_on?.nodes)) &&
  sameConfig(node, old);

/** Absent and null are one. */
const isEqual = (left: unknown, right: unknown): boolean => (left ?? null) === (right ?? null);
const sorted = (ids: readonly NodeId[] | undefined): readonly NodeId[] => [...new Set(ids)].sort();

/** Not configuration but the relation's name, or without effect on the result. */
const IGNORED_CONFIGS: readonly string[] = ['alias', 'schema', 'database', 'tags', 'group'];
/** All that counts in a test's config. */
const TEST_CONFIGS: readonly string[] = [
  'severity',
  'where',
  'limit',
  'fail_calc',
  'warn_if',
  'error_if',
  'store_failures',
  'store_failures_as',
];

/** Compares what was written, not what it rendered to, so that targets and env_var() make no difference. */
function sameConfig(node: SelectableNode, old: SelectableNode): boolean {
  const [ours, theirs] = [node.unrendered_config ?? {}, old.unrendered_config ?? {}];
  const keys =
    node.resource_type === 'test'
      ? TEST_CONFIGS
      : [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].filter((key) => !IGNORED_CONFIGS.includes(key));
  return keys.every((key) => Object.hasOwn(ours, key) === Object.hasOwn(theirs, key) && same(ours[key], theirs[key]));
}

/** Descriptions count only where `persist_docs` writes them into the warehouse. */
function samePersistedDescription(node: SelectableNode, old: SelectableNode): boolean {
  const persist = node.config.persist_docs;
  if (!isRecord(persist)) return true;
  if (isSet(persist.relation) && node.description !== old.description) return false;
  return !isSet(persist.columns) || same(columnDescriptions(node), columnDescriptions(old));
}

const isSet = (value: Json | undefined): boolean => value !== undefined && value !== null && value !== false;

const columnDescriptions = (node: SelectableNode): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(node.columns ?? {}).map(([name, column]) => [name, column.description]));

function sameRelation(node: SelectableNode, old: SelectableNode): boolean {
  if (node.resource_type === 'source')
    // Files are where they are, whatever the target's database is called.
    return (
      (isSet(node.external) && same(node.external ?? null, old.external ?? null)) ||
      (isEqual(node.unrendered_database ?? node.database, old.unrendered_database ?? old.database) &&
        isEqual(node.unrendered_schema ?? node.schema, old.unrendered_schema ?? old.schema) &&
        node.identifier === old.identifier)
    );
  const [ours, theirs] = [node.unrendered_config ?? {}, old.unrendered_config ?? {}];
  return ['database', 'schema', 'alias'].every((key) => same(ours[key] ?? null, theirs[key] ?? null));
}

function changedMacros(before: SelectableGraph, now: SelectableGraph): (node: SelectableNode) => boolean {
  const macros = new Map(Object.entries(now.macros ?? {}));
  const old = new Map(Object.entries(before.macros ?? {}));
  const verdicts = new Map<NodeId, boolean>();
  for (const [id, macro] of macros) if (macro.macro_sql !== old.get(id)?.macro_sql) verdicts.set(id, true);
  if (verdicts.size === 0) return () => false;
  // A change spreads to all that call the macro, level by level, also around rings of macros.
  const callers = new Map<NodeId, NodeId[]>();
  for (const [id, macro] of macros)
    for (const called of macro.depends_on.macros) callers.set(called, [...(callers.get(called) ?? []), id]);
  // A Map's iteration also visits what is added meanwhile.
  for (const id of verdicts.keys()) for (const caller of callers.get(id) ?? []) verdicts.set(caller, true);
  return (node) => (node.depends_on?.macros ?? []).some((id) => verdicts.has(id));
}

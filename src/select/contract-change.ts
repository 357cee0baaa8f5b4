/** Changes to an enforced contract that break those who rely on it: a warning, for a versioned model an error, as in dbt. */
import type { Constraint } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { SelectableNode } from './graph.ts';
import { same } from './same.ts';

type Change = Omit<Diagnostic, 'at'>;

const isEnforced = (node: SelectableNode): boolean => node.contract?.enforced === true;

/** Any change at all, also a harmless one such as an added column. */
export function contractChanged(old: SelectableNode, node: SelectableNode): boolean {
  if (!isEnforced(old)) return isEnforced(node);
  return !isEnforced(node) || node.contract?.checksum !== old.contract?.checksum;
}

export function breakingChanges(old: SelectableNode, node: SelectableNode): readonly Change[] {
  if (node.resource_type !== 'model' || !isEnforced(old) || !contractChanged(old, node)) return [];
  const notes = [
    ...(isEnforced(node) ? [] : ['its contract is no longer enforced']),
    ...columnChanges(old, node),
    ...removedConstraints(old, node).map((constraint) => `the constraint ${constraint} was removed`),
    ...materializationChange(old, node),
  ];
  return notes.length === 0
    ? []
    : [broken(node, `the contract of \`${node.name}\` changed in a way that breaks its readers`, notes)];
}

/** A model with an enforced contract that is gone or switched off. Past its deprecation date it may go. */
export function removedContract(old: SelectableNode, isDisabled: boolean, now: Date | undefined): Change | undefined {
  if (old.resource_type !== 'model' || !isEnforced(old)) return undefined;
  if (now !== undefined && isSet(old.deprecation_date) && Date.parse(String(old.deprecation_date)) < now.getTime())
    return undefined;
  const what = isDisabled ? 'was switched off' : 'was deleted or renamed';
  return broken(old, `\`${old.name}\` had an enforced contract and ${what}`, []);
}

function broken(node: SelectableNode, message: string, notes: readonly string[]): Change {
  const versioned = isSet(node.version);
  return {
    code: 'select/contract-broken',
    severity: versioned ? 'error' : 'warning',
    message,
    notes,
    hint: versioned
      ? 'make the change in a new version of the model'
      : 'give the model versions, so that readers can move to the new one in their own time',
  };
}

function columnChanges(old: SelectableNode, node: SelectableNode): readonly string[] {
  const columns = node.columns ?? {};
  return Object.entries(old.columns ?? {}).flatMap(([key, before]) => {
    const now = Object.hasOwn(columns, key) ? columns[key] : undefined;
    if (now === undefined) return [`the column \`${before.name}\` was removed`];
    return baseType(before.data_type) === baseType(now.data_type)
      ? []
      : [`the column \`${before.name}\` was ${before.data_type}, now it is ${now.data_type}`];
  });
}

/** A change of size, precision or scale breaks nobody, so `varchar(10)` is `varchar`. */
const baseType = (type: string | null): string | null => type?.split('(')[0]?.trim().toLowerCase() ?? null;

/** Tables and incremental models are what constraints are physically on. */
const holdsConstraints = (node: SelectableNode): boolean =>
  node.config.materialized === 'table' || node.config.materialized === 'incremental';

function removedConstraints(old: SelectableNode, node: SelectableNode): readonly string[] {
  if (!holdsConstraints(old)) return [];
  const gone = (before: readonly Constraint[] | undefined, now: readonly Constraint[] | undefined) =>
    (before ?? []).filter((one) => one.type !== 'custom' && !(now ?? []).some((other) => same(one, other)));
  const named = (constraint: Constraint) => `\`${constraint.name ?? constraint.type}\``;
  const ofColumns = Object.entries(old.columns ?? {}).flatMap(([key, column]) => {
    const now = node.columns?.[key];
    return now === undefined
      ? []
      : gone(column.constraints, now.constraints).map((one) => `${named(one)} on \`${key}\``);
  });
  return [...ofColumns, ...gone(old.constraints, node.constraints).map(named)];
}

function materializationChange(old: SelectableNode, node: SelectableNode): readonly string[] {
  const hadConstraints =
    (old.constraints ?? []).length > 0 ||
    Object.values(old.columns ?? {}).some((column) => column.constraints.length > 0);
  if (!hadConstraints || !holdsConstraints(old) || holdsConstraints(node)) return [];
  return [
    `it was materialized as ${old.config.materialized}, which keeps its constraints, now as ${node.config.materialized}`,
  ];
}

const isSet = (value: string | number | null | undefined): boolean => value !== undefined && value !== null;

/** What was asked for, as a tree: criteria below, set operations above. */
import { type Criterion, printCriterion } from './criterion.ts';
import type { IndirectSelection } from './indirect.ts';

export type SelectionTree =
  | { readonly kind: 'everything' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'criterion'; readonly criterion: Criterion }
  | {
      /** `difference`: the first part without all others. */
      readonly kind: 'union' | 'intersection' | 'difference';
      readonly parts: readonly SelectionTree[];
      /** Whether tests that wait for a parent are looked at again after the operation, and how. Absent: as the request says. */
      readonly recheck?: IndirectSelection;
    };

/** One part stands for itself, none selects nothing. */
export function combined(
  kind: 'union' | 'intersection',
  parts: readonly SelectionTree[],
  recheck?: IndirectSelection,
): SelectionTree {
  const [only] = parts;
  if (only === undefined) return { kind: 'nothing' };
  return parts.length === 1 ? only : { kind, parts, ...(recheck === undefined ? {} : { recheck }) };
}

/** `from` without `away`. Nothing waits for a parent that an exclusion brings, so there is nothing to look at again. */
export const without = (from: SelectionTree, away: SelectionTree): SelectionTree => ({
  kind: 'difference',
  parts: [from, away],
  recheck: 'eager',
});

/** The tree as an expression that parses to the same tree. */
export const printSelection = (tree: SelectionTree): string => print(tree, 0);

/** `binding`: how tightly what stands around holds: 0 nothing, 1 `or`, 2 `and`, 3 `not`. */
function print(tree: SelectionTree, binding: 0 | 1 | 2 | 3): string {
  const grouped = (text: string, own: 1 | 2) => (own > binding ? text : `(${text})`);
  switch (tree.kind) {
    case 'everything':
      return '*';
    case 'nothing':
      return '()';
    case 'criterion':
      return printCriterion(tree.criterion);
    case 'union':
      return grouped(tree.parts.map((part) => print(part, 1)).join(' or '), 1);
    case 'intersection':
      return grouped(tree.parts.map((part) => print(part, 2)).join(' and '), 2);
    case 'difference': {
      const [from = { kind: 'nothing' }, ...away] = tree.parts;
      const nots = away.map((part) => `not ${print(part, 3)}`);
      if (from.kind === 'everything' && nots.length === 1) return nots[0] ?? '';
      return grouped([print(from, 2), ...nots].join(' and '), 2);
    }
    default:
      return tree satisfies never;
  }
}

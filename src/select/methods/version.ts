import { didYouMean } from '../../core/nearest.ts';
import type { SelectableNode } from '../graph.ts';
import { type NodeQuestion, type SelectorMethod, unknownValue, valueText } from '../method.ts';

type Version = string | number | null | undefined;

const KINDS: Readonly<Record<string, NodeQuestion>> = {
  latest: (node) => isSet(node.version) && node.version === node.latest_version,
  prerelease: (node) => order(node) > 0,
  old: (node) => order(node) < 0,
  none: (node) => !isSet(node.version),
};

export const version: SelectorMethod = {
  summary: 'model versions: latest, prerelease, old, none',
  ask: (criterion) => {
    const known = Object.keys(KINDS);
    const kind = valueText(criterion);
    const question = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (question === undefined) return unknownValue(criterion, known, didYouMean(kind, known));
    return (node) => node.resource_type === 'model' && question(node);
  },
  known: () => Object.keys(KINDS),
};

const isSet = (version: Version): version is string | number => version !== null && version !== undefined;

/** Above zero when the version is younger than the latest, below when older; 0 when equal or without versions. Numbers as numbers. */
function order(node: SelectableNode): number {
  const { version: own, latest_version: latest } = node;
  if (!isSet(own) || !isSet(latest)) return 0;
  const difference = Number(own) - Number(latest);
  if (!Number.isNaN(difference)) return difference;
  return String(own) < String(latest) ? -1 : String(own) > String(latest) ? 1 : 0;
}

/**
 * A number for the trust a relation deserves, 0 to 100, with its reckoning beside it: the weighted mean of what applies.
 *
 *     tests 40   share of its tests whose last verdict is a pass (a warning counts half; none, vacuous or unknown count nothing)
 *     coverage 20   share of its columns with a test or an enforced constraint
 *     description 20   half for its own description, half for the share of its columns that are described
 *     freshness 10   1 when fresh, ½ when warned, 0 when stale; left out where nothing is expected
 *     owner 10   1 when somebody is named
 */
import type { ScorePart } from './site-data.ts';

export interface ScoreFacts {
  /** The last verdict of each of its tests; undefined where there is none yet. */
  readonly verdicts: readonly (string | undefined)[];
  readonly columns: readonly { readonly described: boolean; readonly proved: boolean }[];
  readonly described: boolean;
  readonly freshness: string | undefined;
  readonly owned: boolean;
}

export function scoreParts(facts: ScoreFacts): readonly ScorePart[] {
  const { verdicts, columns, described, freshness, owned } = facts;
  const worth = verdicts.map((verdict) => WORTH[verdict ?? ''] ?? 0);
  const passed = worth.filter((value) => value === 1).length;
  const proved = columns.filter((column) => column.proved).length;
  const columnsDescribed = columns.filter((column) => column.described).length;
  const parts: ScorePart[] = [
    {
      name: 'Tests',
      weight: 40,
      value: mean(worth) ?? 0,
      because: verdicts.length === 0 ? 'it has no test' : `${passed} of ${verdicts.length} pass`,
    },
    {
      name: 'Coverage',
      weight: 20,
      value: columns.length === 0 ? 0 : proved / columns.length,
      because:
        columns.length === 0
          ? 'no column is known'
          : `${proved} of ${columns.length} columns have a test or a constraint`,
    },
    {
      name: 'Description',
      weight: 20,
      value: (described ? 0.5 : 0) + (columns.length === 0 ? 0 : (0.5 * columnsDescribed) / columns.length),
      because: `${described ? 'described' : 'not described'}; ${columnsDescribed} of ${columns.length} columns described`,
    },
  ];
  if (freshness !== undefined)
    parts.push({
      name: 'Freshness',
      weight: 10,
      value: WORTH[freshness] ?? 0,
      because: freshness === 'pass' ? 'fresh' : freshness === 'warn' ? 'getting old' : 'too old, or not measurable',
    });
  parts.push({
    name: 'Owner',
    weight: 10,
    value: owned ? 1 : 0,
    because: owned ? 'an owner is named' : 'no owner is named',
  });
  return parts;
}

/** 0 to 100, a whole number. */
export function scoreOf(parts: readonly ScorePart[]): number {
  const weight = parts.reduce((total, part) => total + part.weight, 0);
  const value = parts.reduce((total, part) => total + part.weight * part.value, 0);
  return weight === 0 ? 0 : Math.round((100 * value) / weight);
}

const WORTH: Readonly<Record<string, number>> = { pass: 1, proved: 1, info: 1, warn: 0.5 };

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0) / values.length;

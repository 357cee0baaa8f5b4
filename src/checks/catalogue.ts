/** Every data test dql has built in, by name. To add one: a file in `catalogue/` and a line here. */
import { acceptedRange } from './catalogue/column/accepted-range.ts';
import { acceptedValues, notAcceptedValues } from './catalogue/column/accepted-values.ts';
import { notNull } from './catalogue/column/not-null.ts';
import { unique } from './catalogue/column/unique.ts';
import { relationships } from './catalogue/table/relationships.ts';
import { notEmpty, rowCount } from './catalogue/table/row-count.ts';
import { uniqueCombination } from './catalogue/table/unique-combination.ts';
import { freshness } from './catalogue/time/freshness.ts';
import { volumeChange } from './catalogue/time/volume-change.ts';
import type { Check } from './define-check.ts';

const checks: readonly Check[] = [
  notNull,
  unique,
  acceptedValues,
  notAcceptedValues,
  acceptedRange,
  uniqueCombination,
  relationships,
  rowCount,
  notEmpty,
  freshness,
  volumeChange,
];

export const catalogue: Readonly<Record<string, Check>> = Object.fromEntries(
  checks.map((check) => [check.name, check]),
);

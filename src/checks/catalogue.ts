/** Every data test dql has built in, by name. To add one: a file in `catalogue/` and a line here. */
import { distinctCount, proportionUnique } from './catalogue/aggregate/distinct-count.ts';
import { distinctValues, mostCommon } from './catalogue/aggregate/distinct-values.ts';
import { metric } from './catalogue/aggregate/metric.ts';
import { acceptedRange } from './catalogue/column/accepted-range.ts';
import { acceptedValues, notAcceptedValues } from './catalogue/column/accepted-values.ts';
import { expressionIsTrue } from './catalogue/column/expression-is-true.ts';
import { decreasing, increasing } from './catalogue/column/increasing.ts';
import { lengthBetween, lengthEqual } from './catalogue/column/length-between.ts';
import { matchesFormat } from './catalogue/column/matches-format.ts';
import { matchesLike, notMatchesLike } from './catalogue/column/matches-like.ts';
import { matchesRegex, notMatchesRegex } from './catalogue/column/matches-regex.ts';
import { notEmptyString } from './catalogue/column/not-empty-string.ts';
import { notBefore, notInFuture } from './catalogue/column/not-in-future.ts';
import { notNull } from './catalogue/column/not-null.ts';
import { parsesAs } from './catalogue/column/parses-as.ts';
import {
  atLeastOne,
  consistentCasing,
  isNull,
  notConstant,
  notNullProportion,
} from './catalogue/column/proportions.ts';
import { noGaps, sequential } from './catalogue/column/sequential.ts';
import { unique } from './catalogue/column/unique.ts';
import { zScoreWithin } from './catalogue/column/z-score-within.ts';
import { columnType } from './catalogue/schema/column-type.ts';
import { columns } from './catalogue/schema/columns.ts';
import { contract } from './catalogue/schema/contract.ts';
import { schemaUnchanged } from './catalogue/schema/schema-unchanged.ts';
import { columnsSumTo } from './catalogue/table/columns-sum-to.ts';
import { compareColumns, pairInSet, uniqueWithinRecord } from './catalogue/table/compare-columns.ts';
import { dataForEveryPeriod } from './catalogue/table/data-for-every-period.ts';
import { equality } from './catalogue/table/equality.ts';
import { foreignKey } from './catalogue/table/foreign-key.ts';
import { mutuallyExclusiveRanges } from './catalogue/table/mutually-exclusive-ranges.ts';
import { cardinalityEquality, reconcileMetric } from './catalogue/table/reconcile-metric.ts';
import { relationships } from './catalogue/table/relationships.ts';
import { notEmpty, rowCount } from './catalogue/table/row-count.ts';
import { fewerRowsThan, rowCountEqualsOther } from './catalogue/table/row-count-equals-other.ts';
import { scalar } from './catalogue/table/scalar.ts';
import { uniqueCombination } from './catalogue/table/unique-combination.ts';
import {
  allColumnsAnomaly,
  columnAnomaly,
  eventFreshnessAnomaly,
  freshnessAnomaly,
  volumeAnomaly,
} from './catalogue/time/anomalies.ts';
import { distributionDrift } from './catalogue/time/distribution-drift.ts';
import { durationSla, executionSla } from './catalogue/time/execution-sla.ts';
import { freshness } from './catalogue/time/freshness.ts';
import { freshnessSla } from './catalogue/time/freshness-sla.ts';
import { movingZScoreWithin } from './catalogue/time/moving-z-score-within.ts';
import { volumeChange } from './catalogue/time/volume-change.ts';
import type { Check } from './define-check.ts';

const column: readonly Check[] = [
  notNull,
  notNullProportion,
  isNull,
  atLeastOne,
  notConstant,
  unique,
  acceptedValues,
  notAcceptedValues,
  acceptedRange,
  expressionIsTrue,
  notEmptyString,
  lengthBetween,
  lengthEqual,
  matchesRegex,
  notMatchesRegex,
  matchesLike,
  notMatchesLike,
  matchesFormat,
  parsesAs,
  notInFuture,
  notBefore,
  increasing,
  decreasing,
  sequential,
  noGaps,
  zScoreWithin,
  consistentCasing,
  columnType,
];

const aggregate: readonly Check[] = [metric, distinctCount, proportionUnique, distinctValues, mostCommon];

const severalColumns: readonly Check[] = [
  uniqueCombination,
  uniqueWithinRecord,
  compareColumns,
  pairInSet,
  columnsSumTo,
  mutuallyExclusiveRanges,
];

const table: readonly Check[] = [
  rowCount,
  notEmpty,
  rowCountEqualsOther,
  fewerRowsThan,
  columns,
  schemaUnchanged,
  contract,
  equality,
  reconcileMetric,
  cardinalityEquality,
  relationships,
  foreignKey,
  dataForEveryPeriod,
  scalar,
];

const overTime: readonly Check[] = [
  freshness,
  freshnessSla,
  executionSla,
  durationSla,
  volumeChange,
  volumeAnomaly,
  freshnessAnomaly,
  eventFreshnessAnomaly,
  columnAnomaly,
  allColumnsAnomaly,
  movingZScoreWithin,
  distributionDrift,
];

export const catalogue: Readonly<Record<string, Check>> = Object.fromEntries(
  [...column, ...aggregate, ...severalColumns, ...table, ...overTime].map((check) => [check.name, check]),
);

/** What the statements answered → Diff. */
import type { Cell } from '../engine/engine.ts';
import type { ChangedRow, Diff, DiffSample, Unpairable } from './diff-result.ts';
import { ownName } from './diff-steps.ts';
import type { DiffPlan } from './plan-diff.ts';
import { isSameSchema } from './schema.ts';

type Row = readonly Cell[];

/** Rows as the queries of `diff-steps.ts` answer them. What was not asked, because nothing differs, is absent. */
export interface DiffAnswers {
  readonly summary: Row;
  readonly searched: 'all rows' | 'differing rows';
  readonly repeated?: Row | undefined;
  readonly counts?: Row | undefined;
  readonly leftOver?: Readonly<Partial<Record<'all' | 'null-key' | 'repeated-key', Row>>> | undefined;
  readonly samples?:
    | {
        readonly added?: readonly Row[];
        readonly removed?: readonly Row[];
        readonly changed?: readonly Row[];
        readonly duplicates?: readonly Row[];
        readonly nulls?: readonly Row[];
      }
    | undefined;
}

export function readDiff(plan: DiffPlan, answers: DiffAnswers): Diff {
  const [left = 0, right = 0, leftNulls = 0, rightNulls = 0] = numbers(answers.summary);
  const whole = numbers(answers.leftOver?.all);
  const [added = whole[1] ?? 0, removed = whole[0] ?? 0, changed = 0, ...perColumn] = numbers(answers.counts);
  const nulls = unpairable(leftNulls, rightNulls, numbers(answers.leftOver?.['null-key']));
  const [keys = 0, leftRepeated = 0, rightRepeated = 0] = numbers(answers.repeated);
  const duplicates = unpairable(leftRepeated, rightRepeated, numbers(answers.leftOver?.['repeated-key']));
  const leftOver = nulls.leftOnly + duplicates.leftOnly;
  const rightOver = nulls.rightOnly + duplicates.rightOnly;
  const same = left - removed - changed - leftOver;
  const key = plan.columns.slice(0, plan.keyLength);
  const others = plan.columns.slice(plan.keyLength);
  const ownNames = (wanted: readonly string[]) => wanted.map((name) => ownName(plan, name));
  return {
    left: plan.left.label,
    right: plan.right.label,
    isEqual: isSameSchema(plan.schema) && added + removed + changed + leftOver + rightOver === 0,
    schema: plan.schema,
    rows: { left, right, same, changed, added, removed },
    ...(plan.keyLength === 0
      ? {}
      : {
          key: {
            columns: key.map(({ name }) => name),
            nulls,
            duplicates: { keys, ...duplicates },
            searched: answers.searched,
          },
        }),
    columns:
      plan.keyLength === 0
        ? []
        : others.map(({ name }, at) => {
            const count = perColumn[at] ?? 0;
            return { name, changed: count, rate: same + changed === 0 ? 0 : count / (same + changed) };
          }),
    samples: {
      added: sample(plan, answers.samples?.added),
      removed: sample(plan, answers.samples?.removed),
      changed: changedSample(plan, answers.samples?.changed ?? []),
      duplicates: sample(plan, answers.samples?.duplicates, [
        ...key.map(({ name }) => name),
        ...ownNames(['left', 'right']),
      ]),
      nulls: sample(plan, answers.samples?.nulls, [...plan.columns.map(({ name }) => name), ...ownNames(['side'])]),
    },
  };
}

const unpairable = (
  leftRows: number,
  rightRows: number,
  [leftOnly = 0, rightOnly = 0]: readonly number[],
): Unpairable => ({
  leftRows,
  rightRows,
  leftOnly,
  rightOnly,
});

/** Counts stay far below 2^53. */
const numbers = (row: Row | undefined): readonly number[] => (row ?? []).map(Number);

/** The queries ask for one row more than is shown. */
function sample(plan: DiffPlan, rows: readonly Row[] = [], columns = plan.columns.map(({ name }) => name)): DiffSample {
  return {
    columns,
    rows: rows.slice(0, plan.sampleSize).map((row) => row.map(text)),
    truncated: rows.length > plan.sampleSize,
  };
}

function changedSample(plan: DiffPlan, rows: readonly Row[]): Diff['samples']['changed'] {
  const others = plan.columns.slice(plan.keyLength);
  const changedRow = (row: Row): ChangedRow => ({
    key: row.slice(0, plan.keyLength).map(text),
    changes: others.flatMap(({ name }, at) => {
      const [isChanged, left = null, right = null] = row.slice(plan.keyLength + 3 * at, plan.keyLength + 3 * at + 3);
      return isChanged === true ? [{ column: name, left: text(left), right: text(right) }] : [];
    }),
  });
  return { rows: rows.slice(0, plan.sampleSize).map(changedRow), truncated: rows.length > plan.sampleSize };
}

const text = (cell: Cell): string | null => (cell === null ? null : String(cell));

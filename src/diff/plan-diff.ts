/**
 * What to compare and how, before anything is asked: which columns, cast to what, by which key, in which buckets.
 *
 * Both relations are read once: rows are put into buckets by their key (without one: by their content), and each bucket is summed up by
 * its count and the sum of its rows' hashes, which no order and no pair of repeated rows can hide. Equal relations are done then. Else
 * only rows of buckets that differ are looked at, and everything counted from there on is exact: hashes only decide where to look.
 */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Column } from '../engine/engine.ts';
import { compareSchemas, type SchemaDiff, sharedColumns } from './schema.ts';

export interface DiffSide {
  /** For people. */
  readonly label: string;
  /** What can stand after `from`: a quoted relation, or a query in parentheses. It is read twice or more, so it should be stable. */
  readonly relation: string;
  readonly columns: readonly Column[];
}

export interface DiffOptions {
  /** Columns that name a row. Absent or empty: rows are compared as wholes. */
  readonly key?: readonly string[] | undefined;
  /** Compare only these and the key; absent: all that both sides have. */
  readonly columns?: readonly string[] | undefined;
  /** Rows in each sample; default 5, 0 for none. */
  readonly sampleSize?: number | undefined;
  /** Repeated keys are searched in all rows up to so many on both sides together; default 2,000,000. */
  readonly searchAllUpTo?: number | undefined;
  /** Rows of parts that differ are copied, since they are asked for several times, up to so many; default 5,000,000. */
  readonly copyUpTo?: number | undefined;
}

/** One column on both sides, as SQL that gives the same type. */
export interface ComparedColumn {
  /** Quoted; both sides answer it by this name. */
  readonly sql: string;
  readonly name: string;
  readonly left: string;
  readonly right: string;
  readonly type: string;
}

export interface DiffPlan {
  readonly left: DiffSide;
  readonly right: DiffSide;
  readonly schema: SchemaDiff;
  /** Key columns first, in the key's order; then the others in the left side's. */
  readonly columns: readonly ComparedColumn[];
  /** How many of `columns` are the key; 0 without one. */
  readonly keyLength: number;
  readonly sampleSize: number;
  readonly searchAllUpTo: number;
  readonly copyUpTo: number;
}

/** `commonTypes`: see `compareSchemas`; `commonTypeQuery` asks for them. With errors there is no plan. */
export function planDiff(
  left: DiffSide,
  right: DiffSide,
  options: DiffOptions = {},
  commonTypes: ReadonlyMap<string, string> = new Map(),
): Checked<DiffPlan | undefined> {
  const schema = compareSchemas(left.columns, right.columns, commonTypes);
  const casts = new Map(schema.retyped.map((column) => [column.name, column.comparedAs]));
  const shared = new Map(
    sharedColumns(left.columns, right.columns).map((column): [string, ComparedColumn] => {
      const cast = casts.get(column.name);
      const [ours, theirs] = [quotedIdentifier(column.left.name), quotedIdentifier(column.right.name)];
      return [
        column.name.toLowerCase(),
        {
          name: column.name,
          sql: ours,
          left: cast === undefined ? ours : `cast(${ours} as ${cast})`,
          right: cast === undefined ? theirs : `cast(${theirs} as ${cast})`,
          type: cast ?? column.left.type,
        },
      ];
    }),
  );
  const diagnostics: Diagnostic[] = [];
  const find = (name: string, what: string): readonly ComparedColumn[] => {
    const column = shared.get(name.toLowerCase());
    if (column !== undefined) return [column];
    const isOn = (side: DiffSide) => side.columns.some((one) => one.name.toLowerCase() === name.toLowerCase());
    const missing = [left, right].filter((side) => !isOn(side)).map(({ label }) => `\`${label}\``);
    diagnostics.push({
      code: 'diff/no-such-column',
      severity: 'error',
      message: `${what} \`${name}\` is not in ${missing.join(' and ')}`,
      hint: didYouMean(
        name,
        [...shared.values()].map((one) => one.name),
      ),
    });
    return [];
  };
  const key = unique((options.key ?? []).flatMap((name) => find(name, 'the key column')));
  const others = options.columns?.flatMap((name) => find(name, 'the column')) ?? [...shared.values()];
  const columns = unique([...key, ...others]);
  if (columns.length === 0 && diagnostics.length === 0)
    diagnostics.push({
      code: 'diff/nothing-in-common',
      severity: 'error',
      message: `\`${left.label}\` and \`${right.label}\` have no column in common, so their rows cannot be compared`,
    });
  if (diagnostics.length > 0) return { value: undefined, diagnostics };
  const value: DiffPlan = {
    left,
    right,
    schema,
    columns,
    keyLength: key.length,
    sampleSize: options.sampleSize ?? 5,
    searchAllUpTo: options.searchAllUpTo ?? 2_000_000,
    copyUpTo: options.copyUpTo ?? 5_000_000,
  };
  return { value, diagnostics };
}

/**
 * A query whose column has the type in which a retyped column can be compared: describe it, do not run it. Undefined when the type is
 * the same, and when only text can hold both (the engine would name a type even for a number and a date, and then fail to cast).
 */
export function commonTypeQuery(left: DiffSide, right: DiffSide, name: string): string | undefined {
  const column = sharedColumns(left.columns, right.columns).find((one) => one.name === name);
  if (column === undefined || column.left.type === column.right.type) return undefined;
  const isFamily = FAMILIES.some((family) => family.test(column.left.type) && family.test(column.right.type));
  if (!isFamily) return undefined;
  const side = (one: 'left' | 'right', relation: string) =>
    `select ${quotedIdentifier(column[one].name)}\nfrom ${relation}`;
  return `${side('left', left.relation)}\nunion all\n${side('right', right.relation)}`;
}

const FAMILIES = [
  /^(?:U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/,
  /^(?:DATE|TIMESTAMP(?:_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE)$/,
];

const unique = (columns: readonly ComparedColumn[]): readonly ComparedColumn[] => [...new Set(columns)];

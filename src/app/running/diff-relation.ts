/** Two objects of one node compared: what `dql diff`, `verify` and `ci` say of them. */
import type { HiddenColumns } from '../../checks/sample.ts';
import type { Manifest } from '../../compile/manifest.ts';
import { declaredKey, keyTests } from '../../compile/primary-key.ts';
import { DqlError, hasErrors } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { type Diff, type DiffSample, diffRelations } from '../../diff/diff.ts';
import type { Connection } from '../../engine/engine.ts';
import { columnNamed, namesAt, recordAt } from '../../plan/node-config.ts';
import type { RowSample } from '../../run/results.ts';
import type { DiffRelation } from '../contract.ts';

export interface ToCompare {
  readonly name: string;
  /** For people. */
  readonly left: string;
  readonly right: string;
  /** What can stand after FROM. */
  readonly leftObject: string;
  readonly rightObject: string;
  /** Columns that name a row; the user's own are an error when they are not there, found ones are then left out. */
  readonly key: readonly string[];
  readonly keyIsAsked: boolean;
  readonly limit: number;
  /** What else is to be said. */
  readonly notes?: readonly string[];
  /** Whose values are never shown, of the columns of the examples. */
  readonly secret: (columns: readonly string[]) => Promise<HiddenColumns>;
}

export async function compareRelation(connection: Connection, pair: ToCompare): Promise<DiffRelation> {
  const startedAt = performance.now();
  const left = { label: pair.left, relation: pair.leftObject };
  const right = { label: pair.right, relation: pair.rightObject };
  const compare = (key: readonly string[]) =>
    diffRelations(connection, left, right, { key, sampleSize: Math.max(0, pair.limit) });
  let compared = await compare(pair.key);
  const notes = [...(pair.notes ?? [])];
  if (hasErrors(compared.diagnostics) && !pair.keyIsAsked && pair.key.length > 0) {
    notes.push(`compared without its key (${pair.key.join(', ')}), which is not on both sides`);
    compared = await compare([]);
  }
  if (!compared.value)
    throw new DqlError(compared.diagnostics.map((each) => ({ ...each, message: `\`${pair.name}\`: ${each.message}` })));
  const seconds = (performance.now() - startedAt) / 1000;
  return diffRelationOf(pair, compared.value, await maskedSample(compared.value, pair.secret), notes, seconds);
}

/** A relation that only one side has. */
export const onlyOn = (pair: Pick<ToCompare, 'name' | 'left' | 'right'>, side: string): DiffRelation => ({
  ...unmeasured(pair),
  equal: false,
  note: `only in ${side}`,
});

/** A side whose rows are gone: nothing can be said of them. */
export const noLongerKept = (pair: Pick<ToCompare, 'name' | 'left' | 'right'>, side: string): DiffRelation => ({
  ...unmeasured(pair),
  equal: null,
  note: `its version of ${side} is no longer kept`,
});

/** Both sides show the same version, or versions known to hold the same rows. */
export const sameVersion = (pair: Pick<ToCompare, 'name' | 'left' | 'right'>, rows: number | null): DiffRelation => ({
  ...unmeasured(pair),
  equal: true,
  left_rows: rows,
  right_rows: rows,
  added: 0,
  removed: 0,
  changed: 0,
});

const unmeasured = ({ name, left, right }: Pick<ToCompare, 'name' | 'left' | 'right'>): DiffRelation => ({
  name,
  left,
  right,
  equal: false,
  left_rows: null,
  right_rows: null,
  schema: [],
  key: [],
  added: null,
  removed: null,
  changed: null,
  duplicate_keys: 0,
  null_keys: 0,
  columns: [],
  sample: null,
  seconds: 0,
  note: null,
});

function diffRelationOf(
  pair: ToCompare,
  diff: Diff,
  sample: RowSample | null,
  told: readonly string[],
  seconds: number,
): DiffRelation {
  const { key, rows, schema } = diff;
  const notes = [
    ...told,
    ...(schema.moved.length > 0 ? [`columns in another order: ${schema.moved.join(', ')}`] : []),
    ...leftOver(diff),
  ];
  return {
    name: pair.name,
    left: pair.left,
    right: pair.right,
    equal: diff.isEqual,
    left_rows: rows.left,
    right_rows: rows.right,
    schema: [
      ...schema.added.map(({ name, type }) => ({ column: name, change: 'added' as const, left: null, right: type })),
      ...schema.removed.map(({ name, type }) => ({
        column: name,
        change: 'removed' as const,
        left: type,
        right: null,
      })),
      ...schema.retyped.map(({ name, left, right }) => ({ column: name, change: 'type' as const, left, right })),
    ],
    key: key?.columns ?? [],
    added: rows.added,
    removed: rows.removed,
    changed: key ? rows.changed : null,
    duplicate_keys: key?.duplicates.keys ?? 0,
    null_keys: key ? Math.max(key.nulls.leftRows, key.nulls.rightRows) : 0,
    columns: diff.columns
      .filter(({ changed }) => changed > 0)
      .map(({ name, changed, rate }) => ({ column: name, changed, rate })),
    sample,
    seconds,
    note: notes.length > 0 ? notes.join('; ') : null,
  };
}

const MASK = '•••';

/** The examples of a diff, values of secret columns masked. */
export async function maskedSample(diff: Diff, secret: ToCompare['secret']): Promise<RowSample | null> {
  const { added, removed, changed } = diff.samples;
  const columns = [
    ...(diff.key?.columns ?? []),
    ...added.columns,
    ...removed.columns,
    ...changed.rows.flatMap(({ changes }) => changes.map(({ column }) => column)),
  ];
  const shown = sampleOf(diff);
  if (shown === null) return null;
  const hidden = await secret([...new Set(columns)]);
  if (hidden.columns.length === 0) return shown;
  const masked = sampleOf(withoutSecrets(diff, hidden.columns));
  return masked && { ...masked, ...(hidden.because === undefined ? {} : { masked: hidden.because }) };
}

/** Samples in which values of secret columns are masked; NULL stays NULL. */
function withoutSecrets(diff: Diff, secret: readonly string[]): Diff {
  const hidden = new Set(secret.map((name) => name.toLowerCase()));
  const masked = (column: string | undefined, value: string | null) =>
    value !== null && hidden.has((column ?? '').toLowerCase()) ? MASK : value;
  const rowsOf = (sample: DiffSample): DiffSample => ({
    ...sample,
    rows: sample.rows.map((row) => row.map((value, index) => masked(sample.columns[index], value))),
  });
  const { added, removed, changed, duplicates, nulls } = diff.samples;
  const rows = changed.rows.map((row) => ({
    key: row.key.map((value, index) => masked(diff.key?.columns[index], value)),
    changes: row.changes.map(({ column, left, right }) => ({
      column,
      left: masked(column, left),
      right: masked(column, right),
    })),
  }));
  return {
    ...diff,
    samples: {
      added: rowsOf(added),
      removed: rowsOf(removed),
      changed: { ...changed, rows },
      duplicates: rowsOf(duplicates),
      nulls: rowsOf(nulls),
    },
  };
}

/** Rows that the key cannot pair are counted as they are, never as changed ones. */
function leftOver({ key }: Diff): readonly string[] {
  if (!key) return [];
  const { nulls, duplicates } = key;
  const said = (what: string, { leftOnly, rightOnly }: { leftOnly: number; rightOnly: number }) =>
    leftOnly + rightOnly === 0 ? [] : [`${what}: ${leftOnly} only on the left, ${rightOnly} only on the right`];
  return [...said('rows without a key', nulls), ...said('rows of keys that occur more than once', duplicates)];
}

/** Changed cells first; then rows of one side, each as text. */
function sampleOf({ key, samples }: Diff): RowSample | null {
  const { added, removed, changed } = samples;
  const truncated = added.truncated || removed.truncated || changed.truncated;
  if (!key) {
    const rows = [...removed.rows.map((row) => ['removed', ...row]), ...added.rows.map((row) => ['added', ...row])];
    return rows.length === 0 ? null : { columns: ['row', ...added.columns], rows, truncated };
  }
  const width = key.columns.length;
  const rest = (row: readonly (string | null)[]) =>
    row
      .slice(width)
      .map((value, index) => `${added.columns[width + index] ?? ''}=${value ?? 'NULL'}`)
      .join(', ');
  const rows = [
    ...changed.rows.flatMap((row) =>
      row.changes.map(({ column, left, right }) => [...row.key, column, left, right] as const),
    ),
    ...removed.rows.map((row) => [...row.slice(0, width), 'removed', rest(row), null]),
    ...added.rows.map((row) => [...row.slice(0, width), 'added', null, rest(row)]),
  ];
  return rows.length === 0 ? null : { columns: [...key.columns, 'column', 'left', 'right'], rows, truncated };
}

/** The columns that name a row of a node: its unique_key, its primary key, or what tests say is unique. */
export function keyOf(manifest: Manifest, id: NodeId): readonly string[] {
  const node = manifest.nodes[id];
  if (!node) return [];
  const configured = namesAt(node.config, 'unique_key').map(columnNamed);
  const columns = configured.filter((name) => name !== undefined);
  const isColumns = columns.length === configured.length;
  // A history has a row for each version of what its key names.
  if (node.resource_type === 'snapshot') {
    const meta = recordAt(node.config, 'snapshot_meta_column_names');
    const named = (name: string) => (typeof meta[name] === 'string' ? meta[name] : name);
    return isColumns ? [...columns, named('dbt_valid_from')] : [named('dbt_scd_id')];
  }
  if (columns.length > 0 && isColumns) return columns;
  const declared = declaredKey(node);
  if (declared.length > 0) return declared;
  const about = Object.values(manifest.nodes).filter(({ attached_node }) => attached_node === id);
  const { unique = [], notNull = [], combinations = [] } = keyTests(about).get(id) ?? {};
  const single = unique.filter((name) => /^\w+$/.test(name));
  // One column is enough: with two that are unique, a row whose second changes would be another row.
  const best = single.find((name) => notNull.includes(name)) ?? single[0];
  return best === undefined ? (combinations[0] ?? []) : [best];
}

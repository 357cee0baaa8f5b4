/** Slowly changing dimensions, type 2, with dbt's semantics: which rows a snapshot closes and which it adds, as one slice. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import type { Column } from '../../engine/engine.ts';
import { sliceName, sourceRowsName } from '../../ledger/names.ts';
import { type BuildRequest, isAddedTo, type Materialization, type Step } from '../build.ts';
import { flagAt, namesAt, recordAt, textAt } from '../node-config.ts';
import type { SchemaDecision } from '../schema-change.ts';
import { firstBuild, nextBuild, rowsBefore, type Slice } from './delta-build.ts';
import { type Key, keysOf, missingColumn, namedKeys, withKeys } from './unique-key.ts';

/** dbt's names for its columns; `snapshot_meta_column_names` renames them. */
const META = ['dbt_scd_id', 'dbt_updated_at', 'dbt_valid_from', 'dbt_valid_to', 'dbt_is_deleted'] as const;
type Meta = (typeof META)[number];

interface Settings {
  readonly keys: readonly Key[];
  readonly strategy: 'timestamp' | 'check';
  readonly updatedAt: string | null;
  /** Columns compared by the check strategy; undefined: all. */
  readonly checked: readonly string[] | undefined;
  readonly hardDeletes: 'ignore' | 'invalidate' | 'new_record';
  /** What an open row's valid_to holds: an SQL expression, NULL by default. */
  readonly openEnd: string | null;
  readonly name: (meta: Meta) => string;
}

/** Keeps the history of a mutable table: changed rows are closed and a new version of them is opened. */
export const snapshot: Materialization = (request) => {
  const settings = settingsOf(request);
  if ('refused' in settings) return settings;
  const problem = unfitting(request, settings);
  if (problem) return { refused: problem };
  if (!isAddedTo(request.current)) {
    const sql = firstRows(request, settings);
    const build = firstBuild({ ...request, sql, columns: allColumns(request.columns, settings) });
    return {
      ...build,
      steps: [
        ...build.steps,
        refuseRepeated(request, settings, build.object),
        warnOfNoKey(request, settings, build.object),
        ...warnOfNoTime(request, settings, build.object),
      ],
    };
  }
  const schema = grownSchema(request);
  return nextBuild(request, schema, sliceOf(request, settings, schema));
};

const q = quotedIdentifier;

/** Every row of the first run is open. */
function firstRows({ sql, now, columns }: BuildRequest, settings: Settings): string {
  const updated = updatedExpression(settings, now, 'source_rows');
  return `select ${columns.map((column) => `source_rows.${q(column.name)}`).join(', ')},
  ${newMeta(settings, updated, 'source_rows', false)}
from ${withKeys(`(\n${sql}\n)`, settings.keys)} as source_rows`;
}

/** dbt's meta columns of a row that begins to be valid at `since`. */
function newMeta(settings: Settings, since: string, from: string, deleted: boolean): string {
  return [
    `${scdId(settings, since, from)} as ${settings.name('dbt_scd_id')}`,
    `${since} as ${settings.name('dbt_updated_at')}`,
    `${since} as ${settings.name('dbt_valid_from')}`,
    `${settings.openEnd === null ? `nullif(${since}, ${since})` : `coalesce(nullif(${since}, ${since}), ${settings.openEnd})`} as ${settings.name('dbt_valid_to')}`,
    ...(settings.hardDeletes === 'new_record'
      ? [`${quotedString(deleted ? 'True' : 'False')} as ${settings.name('dbt_is_deleted')}`]
      : []),
  ].join(',\n  ');
}

/** md5 over the keys and the time, as dbt makes it, so that its snapshots can be carried on. */
const scdId = (settings: Settings, since: string, from: string): string =>
  `md5(${[...settings.keys.map(({ column }) => `${from}.${column}`), since].map((part) => `coalesce(cast(${part} as varchar), '')`).join(" || '|' || ")})`;

const updatedExpression = (settings: Settings, now: string, from: string): string =>
  settings.updatedAt === null ? now : `${from}.${q(settings.updatedAt)}`;

/** A key on two rows would have two open rows in the history, and each change would close and open both of them twice. */
function refuseRepeated({ node }: BuildRequest, settings: Settings, relation: string): Step {
  const columns = settings.keys.map(({ column }) => column);
  const message = `its \`unique_key\` (${settings.keys.map(({ text }) => text).join(', ')}) is not unique: in the query of snapshot \`${node.name}\` rows come twice for `;
  return {
    kind: 'refuse-when',
    purpose: 'see that no key comes twice',
    sql: `select ${quotedString(message)} || count(*) || if(count(*) = 1, ' key', ' keys')
from (
  select 1
  from ${withKeys(relation, settings.keys)}
  where ${columns.map((column) => `${column} is not null`).join('\n  and ')}
  group by ${columns.join(', ')}
  having count(*) > 1
)
having count(*) > 0`,
  };
}

/** As in dbt, NULL is no key: the next snapshot does not know such a row again, and begins it anew. */
function warnOfNoKey({ node }: BuildRequest, { keys }: Settings, relation: string): Step {
  const named = keys.map(({ text }) => text).join(', ');
  const message = `\`unique_key\` of snapshot \`${node.name}\` (${named}) is NULL, as a whole or in part, in `;
  return {
    kind: 'warn-when',
    purpose: 'see that every row has a key',
    sql: `select ${quotedString(message)} || count(*) || if(count(*) = 1, ' row', ' rows')
from ${withKeys(relation, keys)}
where ${keys.map(({ column }) => `${column} is null`).join('\n  or ')}
having count(*) > 0`,
    warning: {
      code: 'run/no-snapshot-key',
      at: { file: node.original_file_path, start: 0, end: 0 },
      hint: 'each snapshot adds these rows again, as in dbt: leave them out, or give them a key, e.g. with coalesce()',
    },
  };
}

/** A row without a time of change begins at no time, and the timestamp strategy sees no change of it. */
function warnOfNoTime({ node }: BuildRequest, { updatedAt }: Settings, relation: string): readonly Step[] {
  if (updatedAt === null) return [];
  const message = `\`updated_at\` of snapshot \`${node.name}\`, \`${updatedAt}\`, is NULL in `;
  return [
    {
      kind: 'warn-when',
      purpose: 'see that every row says when it changed',
      sql: `select ${quotedString(message)} || count(*) || if(count(*) = 1, ' row', ' rows')
from ${relation}
where ${q(updatedAt)} is null
having count(*) > 0`,
      warning: {
        code: 'run/no-updated-at',
        at: { file: node.original_file_path, start: 0, end: 0 },
        hint: `give each row a time: \`coalesce(${updatedAt}, created_at) as ${updatedAt}\`, or compare columns with \`strategy: check\``,
      },
    },
  ];
}

/** A column that the configuration names and the query, or the history that is carried on, has not. */
function unfitting({ node, columns, current }: BuildRequest, settings: Settings): Diagnostic | undefined {
  const missing = missingColumn(
    node,
    [
      ...namedKeys(settings.keys),
      ...(settings.updatedAt === null ? [] : [['updated_at', settings.updatedAt] as const]),
      ...(settings.checked ?? []).map((column) => ['check_cols', column] as const),
    ],
    columns,
  );
  if (missing || !isAddedTo(current)) return missing;
  for (const meta of META) {
    const name = unquoted(settings.name(meta));
    if (meta === 'dbt_is_deleted' && settings.hardDeletes !== 'new_record') continue;
    if (current.columns.some((column) => column.name.toLowerCase() === name.toLowerCase())) continue;
    return {
      code: 'plan/snapshot-columns',
      severity: 'error',
      message: `the history of snapshot \`${node.name}\` began without the column \`${name}\`${name === meta ? '' : ` (\`${meta}\`)`}`,
      at: { file: node.original_file_path, start: 0, end: 0 },
      hint: `a history goes on as it began: put ${meta === 'dbt_is_deleted' && name === meta ? '`hard_deletes`' : '`snapshot_meta_column_names`'} back, or begin another snapshot under a new name`,
    };
  }
  return undefined;
}

/** New source columns are added, none is ever dropped. */
function grownSchema({ current, columns }: BuildRequest): SchemaDecision {
  const table = current?.columns ?? [];
  const has = (name: string) => table.some((column) => column.name.toLowerCase() === name.toLowerCase());
  const added = columns.filter((column) => !has(column.name));
  return { columns: [...table, ...added], filled: columns, changes: added.length > 0 ? 'adds' : 'none' };
}

function sliceOf(request: BuildRequest, settings: Settings, schema: SchemaDecision): Slice {
  const { name, version, sql, columns, current } = request;
  const type = timeType(columns, settings);
  // A time without zone would be taken for one of the session's zone.
  const now = type === 'TIMESTAMP WITH TIME ZONE' ? `(${request.now} at time zone 'UTC')` : request.now;
  const [slice, sourceTable] = [sliceName(name, version), sourceRowsName(name, version)];
  const [source, table] = [withKeys(sourceTable, settings.keys), withKeys(rowsBefore(request), settings.keys)];
  const before = new Set((current?.columns ?? []).map((column) => column.name.toLowerCase()));
  const inSource = new Set(columns.map((column) => column.name.toLowerCase()));
  const metaNames = new Map(META.map((meta) => [unquoted(settings.name(meta)).toLowerCase(), meta]));
  const open = openRow(settings, 'snapshotted');
  const same = settings.keys.map(({ column }) => `source_rows.${column} = snapshotted.${column}`).join(' and ');
  const changed = changedRow(request, settings);
  const since = updatedExpression(settings, now, 'source_rows');
  const wasDeleted =
    settings.hardDeletes === 'new_record' ? `snapshotted.${settings.name('dbt_is_deleted')} = 'True'` : 'false';

  /** One row of the final table: values from the source or the table, meta columns as given. */
  const row = (from: 'source_rows' | 'snapshotted', meta: Partial<Record<Meta, string>>): string =>
    schema.columns
      .map((column) => {
        const known = metaNames.get(column.name.toLowerCase());
        const value = known
          ? (meta[known] ?? `snapshotted.${q(column.name)}`)
          : from === 'source_rows'
            ? inSource.has(column.name.toLowerCase())
              ? `source_rows.${q(column.name)}`
              : 'null'
            : before.has(column.name.toLowerCase())
              ? `snapshotted.${q(column.name)}`
              : 'null';
        return `${value}::${column.type} as ${q(column.name)}`;
      })
      .join(', ');
  const opened = (at: string, from: 'source_rows' | 'snapshotted', deleted: boolean): Record<Meta, string> => ({
    dbt_scd_id: scdId(settings, at, from),
    dbt_updated_at: at,
    dbt_valid_from: at,
    dbt_valid_to: settings.openEnd ?? 'null',
    dbt_is_deleted: quotedString(deleted ? 'True' : 'False'),
  });

  // Where the source does not say when, a row that stayed open beside its successor would be closed, or lost, later on.
  const isTime = /^(TIMESTAMP|DATE)/.test(type);
  const closed = isTime ? `coalesce(${since}, ${now})` : since;
  const closes = `select ${row('snapshotted', { dbt_valid_to: closed })}
from ${table} as snapshotted
join ${source} as source_rows
on ${same}
where ${open}
and (${changed} or ${wasDeleted})`;
  const opens = `select ${row('source_rows', opened(since, 'source_rows', false))}
from ${source} as source_rows
left join (
  select *
  from ${table} as snapshotted
  where ${open}
) as snapshotted
on ${same}
where snapshotted.${settings.name('dbt_scd_id')} is null
or ${changed}
or ${wasDeleted}`;
  const gone = `from ${table} as snapshotted
where ${open}
and not exists (
  select 1
  from ${source} as source_rows
  where ${same}
)`;
  const deletions =
    settings.hardDeletes === 'ignore'
      ? []
      : settings.hardDeletes === 'invalidate'
        ? [`select ${row('snapshotted', { dbt_valid_to: now })}\n${gone}`]
        : [
            `select ${row('snapshotted', { dbt_valid_to: now })}\n${gone}\nand not (${wasDeleted})`,
            `select ${row('snapshotted', opened(now, 'snapshotted', true))}\n${gone}\nand not (${wasDeleted})`,
          ];
  return {
    steps: [
      { kind: 'statement', purpose: 'read the source', sql: `create table ${sourceTable} as\n${sql}` },
      refuseRepeated(request, settings, sourceTable),
      warnOfNoKey(request, settings, sourceTable),
      ...warnOfNoTime(request, settings, sourceTable),
      ...(isTime ? [refuseOtherEnd(request, settings, table, now)] : []),
      {
        kind: 'statement',
        purpose: 'close what changed and open what is new',
        sql: `create table ${slice} as\n${[closes, opens, ...deletions].join('\nunion all\n')}`,
        counts: true,
      },
    ],
    // A revived row can have the id of one that was closed long ago: only open rows are replaced.
    replaces: `${settings.name('dbt_scd_id')} in (\n  select ${settings.name('dbt_scd_id')}\n  from ${slice}\n)\nand ${openRow(settings, 'DBT_INTERNAL_DEST')}`,
    leftovers: [sourceTable],
  };
}

const openRow = ({ openEnd, name }: Settings, from: string): string =>
  openEnd === null
    ? `(${from}.${name('dbt_valid_to')} is null)`
    : `(${from}.${name('dbt_valid_to')} is null or ${from}.${name('dbt_valid_to')} = ${openEnd})`;

/** Timestamp: the source is newer than the open row began. Check: some checked column differs; a new column counts as a difference. */
function changedRow({ columns, current }: BuildRequest, settings: Settings): string {
  if (settings.strategy === 'timestamp') {
    const [began, updated] = [
      `snapshotted.${settings.name('dbt_valid_from')}`,
      `source_rows.${q(settings.updatedAt ?? '')}`,
    ];
    // A row that began at no time changes when it gets one.
    return `(${began} < ${updated} or (${began} is null and ${updated} is not null))`;
  }
  const checked = settings.checked ?? columns.map((column) => column.name);
  const kept = new Map((current?.columns ?? []).map(({ name, type }) => [name.toLowerCase(), type]));
  const given = new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]));
  const comparisons = checked.map((name) => {
    const type = kept.get(name.toLowerCase());
    if (type === undefined) return 'true';
    // What the history rounds would differ from it each time.
    const cast = given.get(name.toLowerCase()) === type ? '' : `::${type}`;
    return `source_rows.${q(name)}${cast} is distinct from snapshotted.${q(name)}`;
  });
  return `(${comparisons.join(' or ')})`;
}

/**
 * The last row of a key that ends in the future, and not where an open row ends, was opened under another `dbt_valid_to_current`: taken
 * for closed, its key would get a second open row. Rows open since before there was one stay NULL and are closed as they change, as in dbt.
 */
function refuseOtherEnd({ node }: BuildRequest, settings: Settings, table: string, now: string): Step {
  const [from, to] = [settings.name('dbt_valid_from'), settings.name('dbt_valid_to')];
  const same = settings.keys.map(({ column }) => `later.${column} = snapshotted.${column}`).join(' and ');
  const message = (rows: string) =>
    `${rows} || ${quotedString(` of the history of snapshot \`${node.name}\` open until `)} || max(${to}) || ${quotedString(`, which is not what \`dbt_valid_to_current\` says now: put it back, or set their \`${unquoted(to)}\` in a pre_hook, once`)}`;
  return {
    kind: 'refuse-when',
    purpose: 'see that open rows end where `dbt_valid_to_current` says',
    sql: `select ${message("count(*) || if(count(*) = 1, ' row', ' rows')")}
from ${table} as snapshotted
where ${to} > ${now}
and not ${openRow(settings, 'snapshotted')}
and not exists (
  select 1
  from ${table} as later
  where ${same}
  and later.${from} > snapshotted.${from}
)
having count(*) > 0`,
  };
}

/** The columns of the first build, for its contract and its record. */
function allColumns(columns: readonly Column[], settings: Settings): readonly Column[] {
  const time = timeType(columns, settings);
  const meta: readonly Column[] = [
    { name: unquoted(settings.name('dbt_scd_id')), type: 'VARCHAR' },
    { name: unquoted(settings.name('dbt_updated_at')), type: time },
    { name: unquoted(settings.name('dbt_valid_from')), type: time },
    { name: unquoted(settings.name('dbt_valid_to')), type: time },
    ...(settings.hardDeletes === 'new_record'
      ? [{ name: unquoted(settings.name('dbt_is_deleted')), type: 'VARCHAR' }]
      : []),
  ];
  return [...columns, ...meta];
}

const timeType = (columns: readonly Column[], { updatedAt }: Settings): string =>
  columns.find((column) => column.name.toLowerCase() === updatedAt?.toLowerCase())?.type ?? 'TIMESTAMP';

const unquoted = (name: string): string => name.slice(1, -1).replaceAll('""', '"');

function settingsOf({ node, columns }: BuildRequest): Settings | { readonly refused: Diagnostic } {
  const { config } = node;
  const refused = (message: string, hint: string) => ({
    refused: {
      code: 'plan/snapshot-config',
      severity: 'error' as const,
      message: `snapshot \`${node.name}\` ${message}`,
      at: { file: node.original_file_path, start: 0, end: 0 },
      hint,
    },
  });
  const strategy = textAt(config, 'strategy');
  const keys = keysOf(node, columns);
  const updatedAt = textAt(config, 'updated_at') ?? null;
  if (strategy !== 'timestamp' && strategy !== 'check')
    return refused(`has strategy \`${strategy ?? ''}\``, 'one of `timestamp`, `check`');
  if (keys.length === 0) return refused('has no unique_key', 'name the column, or columns, that identify a row');
  if (strategy === 'timestamp' && updatedAt === null)
    return refused('has no updated_at', 'the timestamp strategy compares that column');
  const checked = config['check_cols'];
  if (strategy === 'check' && checked !== 'all' && namesAt(config, 'check_cols').length === 0)
    return refused('has no check_cols', 'a list of columns, or `all`');
  const hard = textAt(config, 'hard_deletes') ?? (flagAt(config, 'invalidate_hard_deletes') ? 'invalidate' : 'ignore');
  const renamed = recordAt(config, 'snapshot_meta_column_names');
  return {
    keys,
    strategy,
    updatedAt,
    checked: checked === 'all' ? undefined : namesAt(config, 'check_cols'),
    hardDeletes: hard === 'invalidate' || hard === 'new_record' ? hard : 'ignore',
    openEnd: textAt(config, 'dbt_valid_to_current') ?? null,
    name: (meta) => q(typeof renamed[meta] === 'string' ? String(renamed[meta]) : meta),
  };
}

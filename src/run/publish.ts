/** The SQL of the one transaction (of each file) in which readers pass from the last run to this one. */

import type { GraphNode } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import {
  LEDGER_SCHEMA,
  publicName,
  type RelationName,
  realTableName,
  versionName,
  withinFile,
} from '../ledger/names.ts';
import { homeOf, nameOf, type VersionRecord } from '../ledger/records.ts';
import type { DeltaChange } from '../plan/build.ts';
import { applyChange, currentRows, olderRows } from '../plan/delta.ts';
import { indexesOf } from '../plan/indexes.ts';
import { recordAt } from '../plan/node-config.ts';
import type { FileText } from './commit-files.ts';

/** What stands under a public name before publishing. */
export type Standing = 'nothing' | 'view' | 'table';

export interface Publication {
  readonly node: GraphNode | undefined;
  readonly version: VersionRecord;
  readonly change: DeltaChange | null;
  /** Versions on the same base that are kept, the newest first. */
  readonly earlier: readonly VersionRecord[];
  readonly standing: Standing;
  /** The version that is published now. */
  readonly before: VersionRecord | undefined;
  /** Somebody else put there what stands there: the version it is kept as; null: nothing is to be kept of it. */
  readonly adopts: number | null;
  /** A view that follows what it reads gets its version object in the publishing transaction: its query. */
  readonly created?: string | undefined;
  /** Quoted names of the indexes on what stands there. */
  readonly indexes: readonly string[];
}

/** What is done for one publication; for nobody in particular where it has no node. */
export interface PublishingStep extends FileText {
  readonly node?: NodeId;
}

/**
 * The statements that make readers see these versions: real tables change places; views whose text names them get their new names;
 * slices go into their tables; every public view is put over its version.
 * @param renamed the second step, see `renamedViews`
 */
export function publishingSql(
  publications: readonly Publication[],
  renamed: readonly FileText[],
): readonly PublishingStep[] {
  const each = (sqlOf: (publication: Publication) => string): readonly PublishingStep[] =>
    publications.map((publication) => ({
      database: homeOf(publication.version),
      sql: sqlOf(publication),
      node: publication.version.node,
    }));
  return [
    // All of them before anything moves: what stands there may be views that read one another.
    ...each(firstCopy),
    ...each(changePlaces),
    ...renamed,
    ...each(({ version, change, earlier }) =>
      change ? [...applyChange(change), ...redefine(version, change, earlier)].join('\n') : '',
    ),
    ...each(showVersion).map((step) => ({ ...step, defines: true })),
  ];
}

function changePlaces(publication: Publication): string {
  const { version, standing, adopts } = publication;
  // A copy in another database is replaced after the commit.
  if (version.physical.kind === 'copied') return '';
  return [
    ...(adopts !== null && standing === 'table' ? [`drop table ${publicName(nameOf(version))};`] : []),
    ...(adopts === null ? stepAside(publication) : []),
    ...(version.physical.kind === 'real-table' ? takePlace(publication) : []),
  ].join('\n');
}

/** What readers see under the public name from now on, with its comments. */
export function showVersion({
  version,
  node,
  created,
}: Pick<Publication, 'version' | 'node'> & Partial<Pick<Publication, 'created'>>): string {
  const name = nameOf(version);
  if (version.physical.kind === 'copied') return '';
  const columns = version.physical.kind === 'delta' ? version.physical.columns.map(quotedIdentifier).join(', ') : '*';
  return [
    ...(created
      ? [`create view ${versionName(name, version.version)} as\n${withinFile(homeOf(version), created)};`]
      : []),
    ...(version.physical.kind === 'real-table'
      ? []
      : [
          `create or replace view ${publicName(name)} as\nselect ${columns}\nfrom ${withinFile(name.database, versionName(name, version.version))};`,
        ]),
    ...(node ? comments(node, version) : []),
  ].join('\n');
}

/** Somebody else's rows become a version: copied, because a table with an index cannot be renamed and a view reads what moves on. */
function firstCopy({ version, standing, adopts }: Publication): string {
  const name = nameOf(version);
  return adopts !== null && standing !== 'nothing'
    ? `create table ${versionName(name, adopts)} as\nselect *\nfrom ${publicName(name)};`
    : '';
}

/** What stands under the public name leaves it: a real table keeps its rows under another name, anything else is in `_dql` already. */
function stepAside({ version, standing, before, indexes }: Publication): readonly string[] {
  const name = nameOf(version);
  if (standing === 'table' && before?.physical.kind === 'real-table')
    // Indexes forbid renaming; going back makes them again.
    return [
      ...indexes.map((index) => `drop index ${index};`),
      `alter table ${publicName(name)} rename to ${asideName(before)};`,
    ];
  if (standing === 'table') return [`drop table ${publicName(name)};`];
  return standing === 'view' && version.physical.kind === 'real-table' ? [`drop view ${publicName(name)};`] : [];
}

/** There is no SET SCHEMA, so real tables wait under another name beside the public one. */
function takePlace({ version, node, standing, adopts }: Publication): readonly string[] {
  const name = nameOf(version);
  return [
    ...(adopts !== null && standing === 'view' ? [`drop view ${publicName(name)};`] : []),
    `alter table ${realTableName(name, version.version)} rename to ${quotedIdentifier(name.alias)};`,
    ...(node ? indexesOf(node) : []).map(({ columns, unique }, index) => {
      const list = columns.map(quotedIdentifier).join(', ');
      return `create ${unique ? 'unique ' : ''}index ${indexName(name, version.version, index)} on ${publicName(name)} (${list});`;
    }),
  ];
}

/** The unqualified name a real table waits under. */
export const asideName = (version: VersionRecord): string =>
  quotedIdentifier(`${version.alias}__dql_${version.version}`);

/** Index names are per schema, so each version's indexes need names of their own. */
const indexName = (name: RelationName, version: number, index: number): string =>
  quotedIdentifier(`${name.alias}__dql_${version}_index_${index}`);

/** After the slice is in the base nothing else needs it. */
const redefine = (
  version: VersionRecord,
  change: DeltaChange,
  earlier: readonly VersionRecord[],
): readonly string[] => [
  ...viewsOnBase(version, change.base, change.columns, earlier),
  `drop table ${change.slice};`,
  ...change.leftovers.map((table) => `drop table ${table};`),
];

/** What the versions on one base read: the newest everything, the older ones (newest first) what was theirs. */
export function viewsOnBase(
  newest: VersionRecord,
  base: string,
  columns: readonly string[],
  earlier: readonly VersionRecord[],
): readonly string[] {
  const name = nameOf(newest);
  const older = earlier.map((record, index) => {
    const own = record.physical.kind === 'delta' ? record.physical.columns : columns;
    const rows = olderRows(base, record.version, own, [newest, ...earlier.slice(0, index)]);
    return `create or replace view ${versionName(name, record.version)} as\n${withinFile(name.database, rows)};`;
  });
  return [
    `create or replace view ${versionName(name, newest.version)} as\n${withinFile(name.database, currentRows(base, columns))};`,
    ...older,
  ];
}

/**
 * `persist_docs`: replacing a view drops its comments, so they are set at every publication.
 * @param clears also takes away what stands where nothing is described
 */
export function comments(node: GraphNode, version: VersionRecord, { clears = false } = {}): readonly string[] {
  const persist = recordAt(node.config, 'persist_docs');
  const relation = publicName(nameOf(version));
  const comment = (what: string, description: string): readonly string[] =>
    description !== '' || clears
      ? [`comment on ${what} is ${description === '' ? 'null' : quotedString(description)};`]
      : [];
  const kind = version.physical.kind === 'real-table' ? 'table' : 'view';
  const described = new Map(Object.values(node.columns).map((column) => [column.name.toLowerCase(), column]));
  return [
    ...(persist['relation'] === true ? comment(`${kind} ${relation}`, node.description) : []),
    ...(persist['columns'] === true
      ? version.columns.flatMap(({ name }) =>
          comment(`column ${relation}.${quotedIdentifier(name)}`, described.get(name.toLowerCase())?.description ?? ''),
        )
      : []),
  ];
}

/** The SQL of a published view over newer versions of what it reads: its text names version objects, which are unmistakable. */
export function repointed(sql: string, moves: ReadonlyMap<string, string>): string {
  let text = sql;
  for (const [from, to] of moves) text = text.replaceAll(from, to);
  return text;
}

/** @param copied databases in which nothing of ours may stand */
export const schemasOf = (nodes: readonly GraphNode[], copied: ReadonlySet<string> = new Set()): readonly string[] => [
  ...new Set(
    nodes.flatMap((node) => [
      `${quotedIdentifier(node.database)}.${quotedIdentifier(node.schema)}`,
      ...(copied.has(node.database) ? [] : [`${quotedIdentifier(node.database)}.${quotedIdentifier(LEDGER_SCHEMA)}`]),
    ]),
  ),
];

/** The names dql gives to its own objects. Nobody else invents one. */
import { quotedIdentifier } from '../core/quote.ts';

/** The one schema of ours, beside the user's. */
export const LEDGER_SCHEMA = '_dql';

/** The column of a delta's base table that says which version wrote a row; public views leave it out. */
export const VERSION_COLUMN = '_dql_version';

export interface RelationName {
  readonly database: string;
  readonly schema: string;
  readonly alias: string;
  /** The database its versions are kept in, where its own cannot keep them. */
  readonly home?: string | undefined;
}

// The separators below must never come from a user's name, whatever it contains.
const escaped = (name: string): string => name.replace(/[%.@#~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

/** What identifies a relation across runs: `warehouse.main.orders`. */
export const relationKey = (name: RelationName): string =>
  `${escaped(name.database)}.${escaped(name.schema)}.${escaped(name.alias)}`.toLowerCase();

/** `"warehouse"."main"."orders"` */
export const publicName = (name: RelationName): string =>
  [name.database, name.schema, name.alias].map(quotedIdentifier).join('.');

/**
 * The query of a view as it is written into the file of `database`: versions in the same file are named without the file's name, so that
 * the view answers wherever the file is opened: copied, renamed, attached under another name.
 */
export const withinFile = (database: string, sql: string): string => {
  const schema = `${quotedIdentifier(LEDGER_SCHEMA)}.`;
  return database === LEDGER_SCHEMA ? sql : sql.replaceAll(`${quotedIdentifier(database)}.${schema}`, schema);
};

/** What the keys of all relations of a database begin with. */
export const databaseKey = (database: string): string => `${escaped(database).toLowerCase()}.`;

const internal = ({ database, schema, alias, home }: RelationName, suffix: string): string => {
  const parts = home === undefined ? [schema, alias] : [database, schema, alias];
  return `${quotedIdentifier(home ?? database)}.${quotedIdentifier(LEDGER_SCHEMA)}.${quotedIdentifier(parts.map(escaped).join('.') + suffix)}`;
};

/** The object of one version: `"warehouse"."_dql"."main.orders@3"`. */
export const versionName = (name: RelationName, version: number): string => internal(name, `@${version}`);

/** Its name as the engine writes it into the text of a view. */
export const versionObject = ({ schema, alias }: RelationName, version: number): string =>
  quotedIdentifier(`${escaped(schema)}.${escaped(alias)}@${version}`);

/** The table in which an incremental model's rows live since version `base`. */
export const baseName = (name: RelationName, base: number): string => internal(name, `#${base}`);

/** The new rows of a version, staged beside the base until they are published. */
export const sliceName = (name: RelationName, version: number): string => internal(name, `@${version}~slice`);

/** The rows of a microbatch model's batches while several connections compute them. */
export const batchesName = (name: RelationName, version: number): string => internal(name, `@${version}~batches`);

/** The source rows of a merge, kept until it is published. */
export const sourceRowsName = (name: RelationName, version: number): string => internal(name, `@${version}~source`);

/** The rows that publishing a version took out of the base: what undoing it puts back. */
export const undoName = (name: RelationName, version: number): string => internal(name, `@${version}~undo`);

/** `publish: table`: an unpublished version's real table in the target schema. */
export const realTableName = (name: RelationName, version: number): string =>
  publicName({ ...name, alias: `${name.alias}__dql_${version}` });

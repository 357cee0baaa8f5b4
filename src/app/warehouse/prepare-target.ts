/** What a target asks for beside its own file: extensions, secrets, settings that need an extension, and other databases. */
import { existsSync } from 'node:fs';
import { EngineError } from '../../core/engine-error.ts';
import type { Json } from '../../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import type { Connection } from '../../engine/engine.ts';
import type { Attachment, Extension, JsonObject, Target } from '../../project/project.ts';
import { attachedFile } from './attached-file.ts';

interface PreparableProject {
  readonly folder: string;
  readonly target: Pick<Target, 'settings' | 'configOptions' | 'extensions' | 'createSecrets' | 'attach'>;
}

/** Prepares an open warehouse for the target's statements. What is there already, because somebody else has the same file open here, stays. */
export async function prepareTarget(connection: Connection, project: PreparableProject, readOnly: boolean) {
  const { extensions, createSecrets, configOptions, settings, attach } = project.target;
  for (const extension of extensions) await loadExtension(connection, extension);
  for (const [index, secret] of createSecrets.entries()) await connection.run(secretSql(secret, index + 1));
  for (const [name, value] of Object.entries({ ...configOptions, ...settings }))
    if (isSetLater(name)) await connection.run(`set global ${name} = ${quotedString(String(value))}`);
  const attached = new Set(
    (await connection.query('select database_name from duckdb_databases()')).rows.map(([name]) => String(name)),
  );
  for (const attachment of attach)
    if (!attached.has(attachment.alias)) await connection.run(attachSql(attachment, project.folder, readOnly));
}

/** Loads an extension; one that this machine does not have yet is downloaded first, once for all projects. */
export async function loadExtension(connection: Connection, { name, repository }: Extension): Promise<void> {
  try {
    await connection.run(`load ${quotedString(name)}`);
  } catch (error) {
    if (!(error instanceof EngineError && /Extension ".+" not found/.test(error.message))) throw error;
    // `community` is a word of DuckDB's, an address a text.
    const from = repository === undefined || /^\w+$/.test(repository) ? repository : quotedString(repository);
    await connection.run(`install ${quotedString(name)}${from === undefined ? '' : ` from ${from}`}`);
    await connection.run(`load ${quotedString(name)}`);
  }
}

/** Settings of DuckDB's time zone extension, which is loaded once the file is open. */
const SET_LATER = ['timezone', 'calendar'];
export const isSetLater = (name: string): boolean => SET_LATER.includes(name.toLowerCase());

/** A secret of dbt-duckdb's form: `type`, `name`, `persistent`, and what this type of secret takes. */
function secretSql({ name, persistent, ...given }: JsonObject, number: number): string {
  const kind = persistent === true ? 'persistent' : 'temporary';
  const called = quotedIdentifier(typeof name === 'string' ? name : `_dbt_secret_${number}`);
  return `create or replace ${kind} secret ${called} (${optionsSql(given)})`;
}

function attachSql(attachment: Attachment, folder: string, readOnly: boolean): string {
  const { alias, type, options } = attachment;
  const file = attachedFile(attachment, folder);
  const name = quotedIdentifier(alias);
  // Who only looks does not make a file that the first build will make.
  const isToBeMade = readOnly && !attachment.readOnly && file !== undefined && !existsSync(file);
  if (isToBeMade || attachment.path === ':memory:')
    return `attach ':memory:' as ${name} (${optionsSql({ read_only: false, type })})`;
  const told = optionsSql({ read_only: attachment.readOnly || readOnly || undefined, type, ...options });
  return `attach ${quotedString(file ?? attachment.path)} as ${name}${told === '' ? '' : ` (${told})`}`;
}

const optionsSql = (options: Readonly<Record<string, Json | undefined>>): string =>
  Object.entries(options)
    .flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [`${quotedIdentifier(name)} ${optionValue(value)}`],
    )
    .join(', ');

function optionValue(value: Json): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quotedString(value);
  if (Array.isArray(value)) return `[${value.map((each) => optionValue(each)).join(', ')}]`;
  const entries = Object.entries(value).map(([key, inner]) => `${quotedString(key)}: ${optionValue(inner)}`);
  return `map {${entries.join(', ')}}`;
}

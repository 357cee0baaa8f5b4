/**
 * What to say when the engine does not find a table or a source's file: names of the project, and never those of dql's or the engine's
 * own schemas.
 */
import type { Manifest } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { EngineError } from '../core/engine-error.ts';
import { nearestName } from '../core/nearest.ts';

/** What of a manifest has relations with names. */
export type Known = Pick<Manifest, 'nodes' | 'sources'>;

/**
 * `did you mean {{ ref('orders') }}?`; of the engine's own suggestions only relations that are the user's. Where that is what the template
 * says, the table was not built.
 */
export function missingTableHint(
  message: string,
  candidates: readonly string[],
  known: Known,
  template = '',
): string | undefined {
  const name = /Table with name "?([^"]+?)"? does not exist/.exec(message)?.[1];
  if (name === undefined) return undefined;
  const bare = name.slice(name.lastIndexOf('.') + 1);
  const calls = new Map<string, string>();
  for (const node of Object.values(known.nodes))
    if (node.relation_name !== null && node.resource_type !== 'test')
      calls.set(node.alias, `{{ ref('${node.name}') }}`);
  for (const source of Object.values(known.sources))
    if (!calls.has(source.identifier))
      calls.set(source.identifier, `{{ source('${source.source_name}', '${source.name}') }}`);
  const nearest = nearestName(bare, calls.keys());
  const theirs = candidates.filter(isUsers).map((candidate) => `\`${candidate}\``);
  const written = nearest === undefined ? undefined : calls.get(nearest);
  const wanted = Object.values(known.nodes).find(({ alias }) => alias === bare)?.name;
  if (wanted !== undefined && (refersTo(wanted).test(template) || isGenericTest(template)))
    return `\`${wanted}\` is not built here: build it too, or take it from another target with --defer`;
  const meant = written === undefined ? theirs.slice(0, 3).join(', ') : `\`${written}\``;
  return meant === ''
    ? 'name models and seeds by {{ ref() }}, tables of others by {{ source() }}'
    : `did you mean ${meant}?`;
}

/** Its relations are arguments, which its template does not name. */
const isGenericTest = (template: string): boolean => template.includes('_dbt_generic_test_kwargs');

const refersTo = (name: string): RegExp => new RegExp(`\\bref\\([^)]*['"]${name.replace(/\W/g, '\\$&')}['"]`);

const OWN_SCHEMAS = /^(?:_dql|pg_catalog|information_schema)\b/;
const OWN_NAMES = /^(?:duckdb_|pg_|pragma_|sqlite_)|[@#~]/;
/** The views people read the ledger by; inside `_dql` the engine offers them without their schema. */
const LEDGER = /^(?:ledger_\w+|runs|node_runs|test_runs|published|versions|schema_records)$/;

const isUsers = (candidate: string): boolean => {
  const bare = candidate.slice(candidate.lastIndexOf('.') + 1).replaceAll('"', '');
  return !(OWN_SCHEMAS.test(candidate) || OWN_NAMES.test(bare) || LEDGER.test(bare));
};

/** Names of versions (`"main.orders@3"`) as people know them. */
export const withPublicNames = (message: string): string => message.replace(/([\w.]+)@\d+(?:~\w+)?/g, '$1');

/** An error about a file that a source is read from, said of the source. */
export function unreadableSource(
  { message }: EngineError,
  known: Known,
): Pick<Diagnostic, 'code' | 'message' | 'hint'> | undefined {
  const source = Object.values(known.sources).find(({ external }) => {
    const location = external?.['location'];
    return typeof location === 'string' && location !== '' && !location.includes('(') && message.includes(location);
  });
  if (!source) return undefined;
  const location = String(source.external?.['location']);
  const why = /No files found/.test(message) ? `no file is there: ${location}` : (message.split('\n')[0] ?? '');
  return {
    code: 'run/unreadable-source',
    message: `the source \`${source.source_name}.${source.name}\` cannot be read: ${why}`,
    hint: location.startsWith('node_modules/')
      ? `the file belongs to an npm package: run \`npm install\` in the project's folder (see its \`external\` in ${source.original_file_path})`
      : `see its \`external\` in ${source.original_file_path}; paths begin in the project's folder`,
  };
}

/** What identifies a row of a table that is added to. */
import type { GraphNode } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/nearest.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Column } from '../../engine/engine.ts';
import { columnNamed, namesAt } from '../node-config.ts';

/** A part of a `unique_key`: a column, or, as dbt allows, an expression over the columns, which is computed into a column of this name. */
export interface Key {
  /** As the user wrote it. */
  readonly text: string;
  /** Quoted. */
  readonly column: string;
  readonly expression: string | null;
}

/** A word that is no column is a mistake in writing one, and is told as that: see `missingColumn`. */
export const keysOf = ({ config }: GraphNode, columns: readonly Column[]): readonly Key[] =>
  namesAt(config, 'unique_key').map((written, index): Key => {
    const text = columnNamed(written) ?? written.trim();
    return columnNamed(written) !== undefined || hasColumn(columns, text)
      ? { text, column: quotedIdentifier(text), expression: null }
      : { text, column: quotedIdentifier(`dbt_unique_key_${index + 1}`), expression: text };
  });

/** `, (lower(name)) as "dbt_unique_key_1"`: the keys that are expressions, as columns beside a relation's own. */
export const computedKeys = (keys: readonly Key[]): string =>
  keys.map(({ column, expression }) => (expression === null ? '' : `, (${expression}) as ${column}`)).join('');

/** A relation, with the keys that are expressions as columns beside its own. */
export function withKeys(relation: string, keys: readonly Key[]): string {
  const computed = computedKeys(keys);
  return computed === '' ? relation : `(\nselect *${computed}\nfrom ${relation}\n)`;
}

/** The first of the settings that names a column which is none, by its name. */
export function missingColumn(
  node: GraphNode,
  named: readonly (readonly [setting: string, column: string])[],
  columns: readonly Column[],
): Diagnostic | undefined {
  const [setting, name] = named.find(([, column]) => !hasColumn(columns, column)) ?? [];
  if (setting === undefined || name === undefined) return undefined;
  const known = [...new Set(columns.map((column) => column.name))];
  const kind = node.resource_type === 'snapshot' ? 'snapshot ' : '';
  return {
    code: `plan/${node.resource_type === 'snapshot' ? 'snapshot' : 'incremental'}-columns`,
    severity: 'error',
    message: `\`${setting}\` of ${kind}\`${node.name}\` names \`${name}\`, which is no column of its query`,
    at: { file: node.original_file_path, start: 0, end: 0 },
    hint: didYouMean(name, known) ?? `its columns are ${known.map((column) => `\`${column}\``).join(', ')}`,
  };
}

/** The keys that are columns, as `missingColumn` asks. */
export const namedKeys = (keys: readonly Key[]): readonly (readonly [string, string])[] =>
  keys.flatMap(({ text, expression }) => (expression === null ? [['unique_key', text] as const] : []));

const hasColumn = (columns: readonly Column[], name: string): boolean =>
  columns.some((column) => column.name.toLowerCase() === name.toLowerCase());

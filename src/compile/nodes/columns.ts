import type { Json, NodeId } from '../../core/node-id.ts';
import type { Span } from '../../core/source.ts';
import type { ColumnProperties, ConstraintProperties, IncludedColumns, VersionColumn } from '../../project/project.ts';
import type { Constraint, ManifestColumn } from '../manifest.ts';
import type { PropertyTexts } from './property-text.ts';

export interface WrittenColumns {
  readonly columns: Readonly<Record<string, ManifestColumn>>;
  readonly docs: readonly NodeId[];
}

/** The columns of a property entry as the manifest has them, with the docs blocks their descriptions use. */
export function manifestColumns(
  columns: readonly ColumnProperties[] | null | undefined,
  texts: PropertyTexts,
  packageName: string,
  at: (path: readonly (string | number)[]) => Span,
): WrittenColumns {
  if (!columns || columns.length === 0) return NONE;
  const written: Record<string, ManifestColumn> = {};
  const docs: NodeId[] = [];
  for (const [index, column] of columns.entries()) {
    const description = texts.describe(column.description, packageName, () => at(['columns', index, 'description']));
    docs.push(...description.docs);
    const config = texts.config('columns', column.config, packageName, () => at(['columns', index, 'config']));
    const meta = isMap(config['meta']) ? config['meta'] : {};
    const tags = textList(config['tags']);
    written[column.name] = {
      name: column.name,
      description: description.text,
      data_type: texts.describe(column.data_type, packageName, () => at(['columns', index, 'data_type'])).text || null,
      meta,
      tags,
      constraints: manifestConstraints(column.constraints),
      quote: column.quote ?? null,
      config: { ...config, meta, tags },
      granularity: null,
      doc_blocks: description.docs,
    };
  }
  return { columns: written, docs };
}

const NONE: WrittenColumns = { columns: {}, docs: [] };

export function manifestConstraints(
  constraints: readonly ConstraintProperties[] | null | undefined,
): readonly Constraint[] {
  if (!constraints || constraints.length === 0) return [];
  return constraints.map((constraint) => ({
    type: constraint.type,
    name: constraint.name ?? null,
    expression: constraint.expression ?? null,
    columns: constraint.columns ?? [],
    to: constraint.to ?? null,
    to_columns: constraint.to_columns ?? [],
    warn_unenforced: constraint.warn_unenforced ?? true,
    warn_unsupported: constraint.warn_unsupported ?? true,
  }));
}

/** The columns of one model version: what it takes over from the model, then its own. */
export function versionColumns(
  base: readonly ColumnProperties[],
  version: readonly VersionColumn[] | null | undefined,
): readonly ColumnProperties[] {
  if (!version || version.length === 0) return base;
  const included = version.find((column): column is IncludedColumns => 'include' in column);
  const own = version.filter((column): column is ColumnProperties => !('include' in column));
  const replaced = new Set(own.map((column) => column.name));
  const taken = included === undefined ? [] : base.filter((column) => isIncluded(column.name, included));
  return [...taken.filter((column) => !replaced.has(column.name)), ...own];
}

function isIncluded(name: string, { include, exclude }: IncludedColumns): boolean {
  const all = include === 'all' || include === '*';
  return (all || include.includes(name)) && !(exclude ?? []).includes(name);
}

export const isMap = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textList = (value: Json | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(String) : [];

/** OpenLineage's columnLineage dataset facet (1-2-0). */
import type { QueryLineage, Transformation } from './lineage.ts';
import type { RelationName } from './literal-tables.ts';
import type { IndirectKind } from './meaning.ts';

export interface DatasetName {
  /** `duckdb://warehouse.duckdb` */
  readonly namespace: string;
  /** `database.schema.table` */
  readonly name: string;
}

interface FacetTransformation {
  readonly type: 'DIRECT' | 'INDIRECT';
  readonly subtype: string;
  readonly description: string;
  readonly masking: boolean;
}
interface InputField extends DatasetName {
  readonly field: string;
  readonly transformations: readonly FacetTransformation[];
}
export interface ColumnLineageFacet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>;
  /** Columns that influence every field: filters, joins, grouping. */
  readonly dataset: readonly InputField[];
}

const DIRECT: Readonly<Record<Transformation, string>> = {
  copied: 'IDENTITY',
  renamed: 'IDENTITY',
  derived: 'TRANSFORMATION',
  aggregated: 'AGGREGATION',
};
const INDIRECT: Readonly<Record<IndirectKind, string>> = {
  filter: 'FILTER',
  join: 'JOIN',
  group: 'GROUP_BY',
  distinct: 'GROUP_BY',
  order: 'SORT',
  window: 'WINDOW',
};

export function columnLineageFacet(
  lineage: QueryLineage,
  datasetOf: (relation: RelationName) => DatasetName,
  producer: string,
): ColumnLineageFacet {
  const direct = (relation: RelationName, field: string, subtype: string) =>
    input(datasetOf(relation), field, 'DIRECT', subtype);
  const indirect = (relation: RelationName, field: string, use: IndirectKind) =>
    input(datasetOf(relation), field, 'INDIRECT', INDIRECT[use]);
  const fields: Record<string, InputField[]> = {};
  for (const column of lineage.columns) {
    const inputs = [
      ...column.sources.map((source) => direct(source.relation, source.column, DIRECT[source.transformation])),
      ...column.indirect.map((use) => indirect(use.relation, use.column, use.use)),
    ];
    // Columns of one name are one field.
    fields[column.name] = merged([...(fields[column.name] ?? []), ...inputs]);
  }
  return {
    _producer: producer,
    _schemaURL:
      'https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet',
    fields: Object.fromEntries(Object.entries(fields).map(([name, inputFields]) => [name, { inputFields }])),
    dataset: merged(lineage.rowset.map((use) => indirect(use.relation, use.column, use.use))),
  };
}

const input = (dataset: DatasetName, field: string, type: 'DIRECT' | 'INDIRECT', subtype: string): InputField => ({
  ...dataset,
  field,
  transformations: [{ type, subtype, description: '', masking: false }],
});

/** One entry a field, with all its transformations. */
function merged(inputs: readonly InputField[]): InputField[] {
  const found = new Map<string, InputField>();
  for (const one of inputs) {
    const key = JSON.stringify([one.namespace, one.name, one.field]);
    const known = found.get(key);
    const transformations = [...(known?.transformations ?? []), ...one.transformations];
    const unique = transformations.filter(
      (each, position) =>
        transformations.findIndex((other) => other.type === each.type && other.subtype === each.subtype) === position,
    );
    found.set(key, { ...one, transformations: unique });
  }
  return [...found.values()];
}

/** OpenLineage (2-0-2): a model as a JobEvent, design-time lineage without a run, with schema and columnLineage facets. */
import type { Column } from '../engine/engine.ts';
import type { QueryLineage, Transformation } from './lineage.ts';
import type { RelationName } from './literal-tables.ts';
import type { IndirectKind } from './meaning.ts';

export interface DatasetName {
  /** `duckdb://warehouse.duckdb` */
  readonly namespace: string;
  /** `database.schema.table` */
  readonly name: string;
}

export interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
  readonly [key: string]: unknown;
}
export interface Dataset extends DatasetName {
  readonly facets: Readonly<Record<string, Facet>>;
}
export interface JobEvent {
  /** ISO 8601. */
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Readonly<Record<string, Facet>> };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
}

/** A dataset as it is described: what is not known, or empty, becomes no facet. */
export interface DescribedDataset extends DatasetName {
  readonly columns: readonly (Column & { readonly description?: string | undefined })[];
  readonly description?: string | undefined;
  readonly owner?: string | undefined;
}

export interface JobInput {
  readonly eventTime: string;
  readonly producer: string;
  readonly namespace: string;
  readonly name: string;
  /** `MODEL`, `SNAPSHOT` */
  readonly jobType: string;
  readonly sql: string;
  readonly description?: string | undefined;
  readonly lineage: QueryLineage;
  readonly inputs: readonly DescribedDataset[];
  readonly output: DescribedDataset;
  readonly datasetOf: (relation: RelationName) => DatasetName;
}

const SPEC = 'https://openlineage.io/spec';
const facetURL = (version: string, name: string): string => `${SPEC}/facets/${version}/${name}.json#/$defs/${name}`;

export function jobEvent(given: JobInput): JobEvent {
  const { producer, lineage, datasetOf } = given;
  const facet = (version: string, name: string, content: Readonly<Record<string, unknown>>): Facet => ({
    _producer: producer,
    _schemaURL: facetURL(version, name),
    ...content,
  });
  const dataset = ({ namespace, name, columns, description, owner }: DescribedDataset): Dataset => ({
    namespace,
    name,
    facets: {
      ...(columns.length > 0 ? { schema: facet('1-2-0', 'SchemaDatasetFacet', { fields: columns.map(field) }) } : {}),
      ...(description ? { documentation: facet('1-1-0', 'DocumentationDatasetFacet', { description }) } : {}),
      ...(owner ? { ownership: facet('1-0-1', 'OwnershipDatasetFacet', { owners: [{ name: owner }] }) } : {}),
    },
  });
  const output = dataset(given.output);
  const columnLineage = columnLineageFacet(lineage, datasetOf, producer);
  return {
    eventTime: given.eventTime,
    producer,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/JobEvent`,
    job: {
      namespace: given.namespace,
      name: given.name,
      facets: {
        jobType: facet('2-0-4', 'JobTypeJobFacet', {
          processingType: 'BATCH',
          integration: 'DQL',
          jobType: given.jobType,
        }),
        ...(given.sql === '' ? {} : { sql: facet('1-1-0', 'SQLJobFacet', { query: given.sql, dialect: 'duckdb' }) }),
        ...(given.description
          ? { documentation: facet('1-1-0', 'DocumentationJobFacet', { description: given.description }) }
          : {}),
      },
    },
    inputs: given.inputs.map(dataset),
    outputs: [{ ...output, facets: { ...output.facets, columnLineage: { ...columnLineage } } }],
  };
}

const field = (
  { name, type, description }: DescribedDataset['columns'][number],
  position: number,
): Readonly<Record<string, unknown>> => ({
  name,
  type,
  ordinal_position: position + 1,
  ...(description ? { description } : {}),
});

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
  const fields = new Map<string, InputField[]>();
  for (const column of lineage.columns) {
    const inputs = [
      ...column.sources.map((source) => direct(source.relation, source.column, DIRECT[source.transformation])),
      ...column.indirect.map((use) => indirect(use.relation, use.column, use.use)),
    ];
    // Columns of one name are one field.
    fields.set(column.name, merged([...(fields.get(column.name) ?? []), ...inputs]));
  }
  return {
    _producer: producer,
    _schemaURL: facetURL('1-2-0', 'ColumnLineageDatasetFacet'),
    fields: Object.fromEntries([...fields].map(([name, inputFields]) => [name, { inputFields }])),
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

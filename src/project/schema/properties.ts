/** The entries of property files (`models/*.yml` …). */
import * as z from 'zod';
import {
  analysisConfig,
  columnConfig,
  dataTestConfig,
  exposureConfig,
  groupConfig,
  macroConfig,
  modelConfig,
  seedConfig,
  snapshotConfig,
  sourceConfig,
  unitTestConfig,
} from './configs.ts';
import {
  anyMap,
  anything,
  constraint,
  dataTestItem,
  docs,
  freshness,
  freshnessClock,
  owner,
  quoting,
  textOrList,
  textOrNumber,
  unrendered,
} from './shapes.ts';

const name = z.string().min(1);
const description = z.string().nullish().describe('What it is, in Markdown; may use {{ doc() }}.');

const tests = {
  data_tests: z.array(dataTestItem).nullish().describe('Tests that every build runs.'),
  tests: z.array(dataTestItem).nullish().describe('Older spelling of data_tests.'),
};

const usageExample = z.strictObject({
  name: name.describe('Name of the example; its test is called `example_<resource>_<name>`.'),
  description: z.string().nullish().describe('What it answers, as a heading for readers.'),
  sql: z.string().min(1).describe('The query, with {{ ref() }} as in a model.'),
  config: unrendered(dataTestConfig).nullish().describe('Configuration of its test, e.g. severity.'),
});

const examples = {
  examples: z
    .array(usageExample)
    .nullish()
    .describe('How to query it, shown on its page; every build runs them as tests that pass when the query runs.'),
};

/** Accepted beside `config:` as dbt 1.12 does; `normalize` moves them into it. */
const moved = {
  meta: anyMap.nullish().describe('Older place of config.meta.'),
  tags: textOrList.nullish().describe('Older place of config.tags.'),
};

const column = z.strictObject({
  name: name.describe('Name of the column.'),
  description,
  data_type: z.string().nullish().describe('DuckDB type; a contract checks it.'),
  quote: z.boolean().nullish().describe('Quote this column’s name in generated statements.'),
  constraints: z.array(constraint).nullish().describe('Constraints on this column.'),
  ...tests,
  config: unrendered(columnConfig).nullish().describe('meta, tags and pii of the column.'),
  ...moved,
  pii: z
    .union([z.boolean(), z.string()])
    .nullish()
    .describe(
      'Personal data: true, or its kind; samples of failures hide it, also in columns made from it. false shows it.',
    ),
  granularity: z.string().nullish().describe('Time grain, for time spines.'),
  entity: anything.optional().describe('Semantic layer: kept, not interpreted.'),
  dimension: anything.optional().describe('Semantic layer: kept, not interpreted.'),
});

const described = { name: name.describe('Name of the resource.'), description };
const columns = {
  columns: z.array(column).nullish().describe('The columns, with descriptions, types and tests.'),
};

const versionColumn = z.union([
  z.strictObject({
    include: z
      .union([z.literal('all'), z.literal('*'), z.array(z.string())])
      .describe('Columns taken over from the model: `all` or names.'),
    exclude: z.array(z.string()).nullish().describe('Columns not taken over.'),
  }),
  column,
]);

const modelVersion = z.strictObject({
  v: textOrNumber.describe('The version: a number or a text.'),
  defined_in: z.string().nullish().describe('File name without extension, when it is not `<name>_v<v>`.'),
  description,
  access: z.string().nullish().describe('Who may reference this version.'),
  config: unrendered(modelConfig).nullish().describe('Configuration that differs from the model’s.'),
  constraints: z.array(constraint).nullish().describe('Constraints instead of the model’s.'),
  ...tests,
  columns: z.array(versionColumn).nullish().describe('Columns that differ; `include`/`exclude` take over the rest.'),
  deprecation_date: z.string().nullish().describe('From this day on references warn.'),
  docs: docs.nullish(),
  ...moved,
});

const model = z.strictObject({
  ...described,
  config: unrendered(modelConfig).nullish().describe('Configuration of the model.'),
  ...columns,
  ...tests,
  ...examples,
  constraints: z.array(constraint).nullish().describe('Constraints over several columns.'),
  latest_version: textOrNumber.nullish().describe('The version a plain ref() means. Default: the highest.'),
  versions: z.array(modelVersion).nullish().describe('Versions of the model, each with a file of its own.'),
  deprecation_date: z.string().nullish().describe('From this day on references warn.'),
  access: z.string().nullish().describe('Older place of config.access.'),
  group: z.string().nullish().describe('Older place of config.group.'),
  docs: docs.nullish(),
  ...moved,
  freshness: freshness.optional().describe('Older place of config.freshness.'),
  time_spine: anything.optional().describe('Semantic layer: kept, not interpreted.'),
  semantic_model: anything.optional().describe('Semantic layer: kept, not interpreted.'),
  primary_entity: anything.optional().describe('Semantic layer: kept, not interpreted.'),
  agg_time_dimension: anything.optional().describe('Semantic layer: kept, not interpreted.'),
  metrics: anything.optional().describe('Semantic layer: kept, not interpreted.'),
  derived_semantics: anything.optional().describe('Semantic layer: kept, not interpreted.'),
});

const seed = z.strictObject({
  ...described,
  config: unrendered(seedConfig).nullish().describe('Configuration of the seed.'),
  ...columns,
  ...tests,
  ...examples,
  group: z.string().nullish().describe('Older place of config.group.'),
  docs: docs.nullish(),
  ...moved,
});

const snapshot = z.strictObject({
  ...described,
  relation: z
    .string()
    .nullish()
    .describe("What is photographed: `ref('orders')` or `source('shop', 'orders')`; makes a file unnecessary."),
  config: unrendered(snapshotConfig).nullish().describe('Configuration of the snapshot.'),
  ...columns,
  ...tests,
  ...examples,
  group: z.string().nullish().describe('Older place of config.group.'),
  docs: docs.nullish(),
  ...moved,
});

const externalFile = z
  .union([
    z.string(),
    z.looseObject({
      location: z.string().nullish().describe('File, glob, URL or table function call; may use {name}.'),
      format: z.string().nullish().describe('parquet, csv or json, when the extension does not say.'),
      options: anyMap.nullish().describe('Options of DuckDB’s reader function.'),
      file_format: z.string().nullish().describe('dbt-external-tables’ spelling; kept.'),
      partitions: anything.optional().describe('dbt-external-tables’ spelling; kept.'),
    }),
  ])
  .describe('Files that hold the rows, read in place.');

const sourceTable = z.strictObject({
  ...described,
  identifier: z.string().nullish().describe('Name in the database when it differs.'),
  loader: z.string().nullish().describe('What loads the table.'),
  freshness: freshness.optional(),
  ...freshnessClock,
  external: externalFile.nullish(),
  quoting: quoting.nullish(),
  config: unrendered(sourceConfig).nullish().describe('Configuration of the table.'),
  ...columns,
  ...tests,
  docs: docs.nullish(),
  ...moved,
});

const source = z.strictObject({
  name: name.describe('Name of the source, the first argument of source().'),
  description,
  database: z.string().nullish().describe('Database the tables are in.'),
  schema: z.string().nullish().describe('Schema the tables are in. Default: the source’s name.'),
  loader: z.string().nullish().describe('What loads the tables.'),
  quoting: quoting.nullish(),
  freshness: freshness.optional(),
  ...freshnessClock,
  external: externalFile.nullish().describe('Files for all tables; `{name}` stands for the table’s name.'),
  tables: z.array(sourceTable).nullish().describe('The tables.'),
  config: unrendered(sourceConfig).nullish().describe('Configuration of all tables.'),
  overrides: z
    .string()
    .nullish()
    .describe('Package whose source of this name is changed: what is written here counts more, table by table.'),
  unrendered_database: z.string().nullish().describe('Accepted from dbt’s artifacts; not used.'),
  unrendered_schema: z.string().nullish().describe('Accepted from dbt’s artifacts; not used.'),
  ...tests,
  ...moved,
});

const analysis = z.strictObject({
  ...described,
  config: unrendered(analysisConfig).nullish().describe('Configuration of the analysis.'),
  ...columns,
  group: z.string().nullish().describe('Older place of config.group.'),
  docs: docs.nullish(),
  ...moved,
});

const macro = z.strictObject({
  ...described,
  arguments: z
    .array(
      z.strictObject({
        name: name.describe('Name of the argument.'),
        type: z.string().nullish().describe('Its type, for readers.'),
        description,
      }),
    )
    .nullish()
    .describe('The arguments, for documentation.'),
  config: unrendered(macroConfig).nullish().describe('Configuration of the macro.'),
  docs: docs.nullish(),
  meta: moved.meta,
});

const singularTest = z.strictObject({
  ...described,
  config: unrendered(dataTestConfig).nullish().describe('Configuration of the test.'),
  docs: docs.nullish(),
  ...moved,
});

const rowFormat = z.enum(['dict', 'csv', 'sql']);
const rows = {
  rows: anything.optional().describe('The rows: a list of maps, or text for csv and sql.'),
  format: rowFormat.nullish().describe('How rows are written: dict (default), csv or sql.'),
  fixture: z.string().nullish().describe('File in tests/fixtures with the rows, without extension.'),
};

const unitTest = z.strictObject({
  ...described,
  model: z.string().optional().describe('Name of the model under test.'),
  macro: z
    .string()
    .optional()
    .describe(
      'Instead of a model: name of the macro under test. Its text is a query, or an expression computed for each given row.',
    ),
  args: anyMap.nullish().describe('Arguments of the macro by name.'),
  given: z
    .array(
      z.strictObject({
        input: z
          .string()
          .describe("`ref('x')`, `source('s', 't')` or `this`; of a macro's test a name that its text reads from."),
        ...rows,
      }),
    )
    .nullish()
    .describe('Rows of the model’s inputs.'),
  expect: z.strictObject(rows).describe('Rows the model must answer; only the columns named are compared.'),
  overrides: z
    .strictObject({
      macros: anyMap.nullish().describe('Answers of macros by name, e.g. is_incremental.'),
      vars: anyMap.nullish().describe('Values of var() by name.'),
      env_vars: anyMap.nullish().describe('Values of env_var() by name.'),
    })
    .nullish()
    .describe('What macros, vars and environment variables answer in this test.'),
  versions: z
    .strictObject({
      include: z.array(textOrNumber).nullish().describe('Only these model versions.'),
      exclude: z.array(textOrNumber).nullish().describe('All but these model versions.'),
    })
    .nullish()
    .describe('Which versions of the model are tested.'),
  config: unrendered(unitTestConfig).nullish().describe('Configuration of the unit test.'),
  ...moved,
});

const exposure = z.strictObject({
  ...described,
  type: z.enum(['dashboard', 'notebook', 'analysis', 'ml', 'application']).describe('What kind of consumer it is.'),
  owner: owner.describe('Who answers for it; needs a name or an email.'),
  depends_on: z.array(z.string()).nullish().describe("What it reads: `ref('x')`, `source('s', 't')`."),
  url: z.string().nullish().describe('Where it is.'),
  maturity: z.enum(['low', 'medium', 'high']).nullish().describe('How much it can be trusted.'),
  label: z.string().nullish().describe('Name for people; may contain spaces.'),
  enabled: z.boolean().optional().describe('Older place of config.enabled.'),
  config: unrendered(exposureConfig).nullish().describe('Configuration of the exposure.'),
  ...moved,
});

const group = z.strictObject({
  ...described,
  owner: owner.describe('Who answers for the group; needs a name or an email.'),
  config: unrendered(groupConfig).nullish().describe('Configuration of the group.'),
});

const opaque = z.looseObject({
  name: name.optional().describe('Name of the resource.'),
});

/** One schema per list of a property file. */
export const entrySchemas = {
  models: model.describe('A model: a SELECT in a file of its name.'),
  sources: source.describe('Tables or files that something else writes.'),
  seeds: seed.describe('A CSV file loaded as a table.'),
  snapshots: snapshot.describe('The history of a table, row by row.'),
  analyses: analysis.describe('A query that is compiled but not built.'),
  macros: macro.describe('A macro’s documentation.'),
  data_tests: singularTest.describe('Description and configuration of a singular test.'),
  unit_tests: unitTest.describe('A model checked on rows written by hand.'),
  exposures: exposure.describe('Something outside the project that reads it.'),
  groups: group.describe('Owners of a set of resources.'),
  metrics: opaque.describe('A metric; kept in the manifest, not interpreted.'),
  semantic_models: opaque.describe('A semantic model; kept in the manifest, not interpreted.'),
  saved_queries: opaque.describe('A saved query; kept in the manifest, not interpreted.'),
  functions: opaque.describe('A user-defined function; kept in the manifest, not interpreted.'),
} as const;

export type EntryKind = keyof typeof entrySchemas;

const lists = {
  models: z.array(entrySchemas.models).nullish().describe('Models.'),
  sources: z.array(entrySchemas.sources).nullish().describe('Sources.'),
  seeds: z.array(entrySchemas.seeds).nullish().describe('Seeds.'),
  snapshots: z.array(entrySchemas.snapshots).nullish().describe('Snapshots.'),
  analyses: z.array(entrySchemas.analyses).nullish().describe('Analyses.'),
  macros: z.array(entrySchemas.macros).nullish().describe('Macros.'),
  data_tests: z.array(entrySchemas.data_tests).nullish().describe('Singular tests.'),
  tests: z.array(entrySchemas.data_tests).nullish().describe('Older spelling of data_tests.'),
  unit_tests: z.array(entrySchemas.unit_tests).nullish().describe('Unit tests.'),
  exposures: z.array(entrySchemas.exposures).nullish().describe('Exposures.'),
  groups: z.array(entrySchemas.groups).nullish().describe('Groups.'),
  metrics: z.array(entrySchemas.metrics).nullish().describe('Metrics.'),
  semantic_models: z.array(entrySchemas.semantic_models).nullish().describe('Semantic models.'),
  saved_queries: z.array(entrySchemas.saved_queries).nullish().describe('Saved queries.'),
  functions: z.array(entrySchemas.functions).nullish().describe('Functions.'),
};

export const propertyFile = z
  .strictObject({
    version: textOrNumber.nullish().describe('Always 2; may be left out.'),
    ...lists,
    anchors: anything.optional().describe('A place for YAML anchors; ignored otherwise.'),
  })
  .describe('Properties of the resources beside this file.');

/** What `normalize` has moved into `config`, or renamed, is no longer a property. */
type Moved = 'tests' | 'meta' | 'tags' | 'docs' | 'pii';
type Normal<S extends z.ZodType, Further extends string = never> = Omit<z.infer<S>, Moved | Further>;
interface WithColumns {
  readonly columns?: readonly ColumnProperties[] | null;
}

export type DataTestItem = z.infer<typeof dataTestItem>;
export type UsageExample = z.infer<typeof usageExample>;
export type ConstraintProperties = z.infer<typeof constraint>;
export type ColumnProperties = Normal<typeof column>;
export type VersionColumn = ColumnProperties | IncludedColumns;
/** Columns that a version takes over from its model. */
export interface IncludedColumns {
  readonly include: string | readonly string[];
  readonly exclude?: readonly string[] | null;
}
export type ModelVersion = Normal<typeof modelVersion, 'columns' | 'access'> & {
  readonly columns?: readonly VersionColumn[] | null;
};
export type ModelProperties = Normal<typeof model, 'columns' | 'versions' | 'access' | 'group' | 'freshness'> &
  WithColumns & { readonly versions?: readonly ModelVersion[] | null };
type SourceMoved = 'freshness' | 'loaded_at_field' | 'loaded_at_query';
export type SourceTableProperties = Normal<typeof sourceTable, 'columns' | SourceMoved> & WithColumns;
export type SourceProperties = Normal<typeof source, 'tables' | SourceMoved> & {
  readonly tables?: readonly SourceTableProperties[] | null;
};
export type SeedProperties = Normal<typeof seed, 'columns' | 'group'> & WithColumns;
export type SnapshotProperties = Normal<typeof snapshot, 'columns' | 'group'> & WithColumns;
export type AnalysisProperties = Normal<typeof analysis, 'columns' | 'group'> & WithColumns;
export type MacroProperties = Normal<typeof macro>;
export type SingularTestProperties = Normal<typeof singularTest>;
export type UnitTestProperties = Normal<typeof unitTest>;
export type ExposureProperties = Normal<typeof exposure, 'enabled'>;
export type GroupProperties = z.infer<typeof group>;
export type Opaque = z.infer<typeof opaque>;

import { expect, test } from 'vitest';
import { z } from 'zod';
import { openLineage } from '../app/open-lineage.ts';
import type { JobEvent } from '../lineage/open-lineage.ts';
import { copyOfTheExample } from '../testing/project-folder.ts';
import { temporaryProject } from '../testing/temporary-project.ts';
import { defaultOptions, listening } from '../testing/use-case-options.ts';

// The documented fields of OpenLineage 2-0-2 and of the facets in the versions named, nothing beside them.
const base = { _producer: z.url(), _schemaURL: z.url() };
const facet = (version: string, name: string, fields: z.ZodRawShape) =>
  z.strictObject({
    ...base,
    _schemaURL: z.literal(`https://openlineage.io/spec/facets/${version}/${name}.json#/$defs/${name}`),
    ...fields,
  });
const inputField = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  field: z.string(),
  transformations: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('DIRECT'),
        subtype: z.enum(['IDENTITY', 'TRANSFORMATION', 'AGGREGATION']),
        description: z.string(),
        masking: z.boolean(),
      }),
      z.strictObject({
        type: z.literal('INDIRECT'),
        subtype: z.enum(['JOIN', 'GROUP_BY', 'FILTER', 'SORT', 'WINDOW', 'CONDITIONAL']),
        description: z.string(),
        masking: z.boolean(),
      }),
    ]),
  ),
});
const schema = facet('1-2-0', 'SchemaDatasetFacet', {
  fields: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      ordinal_position: z.int().min(1),
      description: z.string().min(1).optional(),
    }),
  ),
});
const described = {
  schema: schema.optional(),
  documentation: facet('1-1-0', 'DocumentationDatasetFacet', { description: z.string().min(1) }).optional(),
  ownership: facet('1-0-1', 'OwnershipDatasetFacet', {
    owners: z.array(z.strictObject({ name: z.string().min(1) })),
  }).optional(),
};
const dataset = <Facets extends z.ZodRawShape>(facets: Facets) =>
  z.strictObject({ namespace: z.string(), name: z.string(), facets: z.strictObject(facets) });
const jobEvent = z.strictObject({
  eventTime: z.iso.datetime(),
  producer: z.url(),
  schemaURL: z.literal('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent'),
  job: z.strictObject({
    namespace: z.string(),
    name: z.string(),
    facets: z.strictObject({
      jobType: facet('2-0-4', 'JobTypeJobFacet', {
        processingType: z.literal('BATCH'),
        integration: z.string(),
        jobType: z.enum(['MODEL', 'SNAPSHOT']),
      }),
      sql: facet('1-1-0', 'SQLJobFacet', { query: z.string().min(1), dialect: z.literal('duckdb') }).optional(),
      documentation: facet('1-1-0', 'DocumentationJobFacet', { description: z.string().min(1) }).optional(),
    }),
  }),
  inputs: z.array(dataset(described)),
  outputs: z
    .array(
      dataset({
        ...described,
        columnLineage: facet('1-2-0', 'ColumnLineageDatasetFacet', {
          fields: z.record(z.string(), z.strictObject({ inputFields: z.array(inputField) })),
          dataset: z.array(inputField),
        }),
      }),
    )
    .length(1),
});

const fieldsOf = (facet: unknown): readonly string[] =>
  z
    .object({ fields: z.array(z.object({ name: z.string() })) })
    .parse(facet ?? { fields: [] })
    .fields.map(({ name }) => name);

/** Columns of a dataset in an event, by its name. */
function columnsIn(event: JobEvent): ReadonlyMap<string, readonly string[]> {
  const parsed = jobEvent.parse(event);
  return new Map(
    [...parsed.inputs, ...parsed.outputs].map(({ namespace, name, facets }) => [
      `${namespace} ${name}`,
      fieldsOf(facets.schema),
    ]),
  );
}

test('every model of the example is one valid event, whose column lineage names fields of its inputs', async () => {
  const events = await openLineage(defaultOptions(copyOfTheExample()), listening());
  expect(events.length).toBe(17);
  let edges = 0;
  for (const event of events) {
    const columns = columnsIn(event);
    const [output] = jobEvent.parse(event).outputs;
    const { fields, dataset: rows } = z
      .object({
        fields: z.record(z.string(), z.object({ inputFields: z.array(inputField) })),
        dataset: z.array(inputField),
      })
      .parse(output?.facets.columnLineage);
    expect(columns.get(`${output?.namespace} ${output?.name}`)).toEqual(Object.keys(fields));
    for (const { namespace, name, field } of [...Object.values(fields).flatMap((one) => one.inputFields), ...rows]) {
      expect(columns.get(`${namespace} ${name}`), `${event.job.name} reads ${name}`).toContain(field);
      edges++;
    }
  }
  expect(edges).toBeGreaterThan(150);
}, 30_000);

test('an ephemeral model is no dataset, a counted table and a file are inputs', async () => {
  const shop = temporaryProject({
    'seeds/payments.csv': 'payment_id,amount\n1,10\n',
    'rates.csv': 'currency,rate\nchf,1\n',
    'models/paid.sql': "{{ config(materialized='ephemeral') }} select * from {{ ref('payments') }} where amount > 0",
    'models/payments_a_day.sql': "select count(*) as n from {{ ref('payments') }}",
  });
  try {
    const file = `${shop.folder}/rates.csv`;
    shop.write(
      'models/revenue.sql',
      `select sum(p.amount * r.rate) as revenue from {{ ref('paid') }} p cross join '${file}' r`,
    );
    const told = await shop.dql('lineage --output openlineage');
    expect(told.stderr).toBe('');
    const events = told.stdout
      .trim()
      .split('\n')
      .map((line) => jobEvent.parse(JSON.parse(line)));
    expect(
      Object.fromEntries(
        events.map(({ job, inputs }) => [job.name, inputs.map((input) => `${input.namespace} ${input.name}`)]),
      ),
    ).toEqual({
      'model.shop.payments_a_day': ['duckdb://shop.duckdb shop.main.payments'],
      'model.shop.revenue': ['duckdb://shop.duckdb shop.main.payments', `file ${file}`],
    });
    expect((await shop.dql('lineage revenue --output openlineage --upstream')).stdout.trim().split('\n')).toHaveLength(
      1,
    );
    expect(await shop.dql('lineage revenue.revenue --output openlineage')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('dql lineage revenue --output openlineage'),
    });
    expect(await shop.dql('lineage')).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a node') });
  } finally {
    shop.close();
  }
}, 30_000);

/** Shapes that many keys share. Nothing here transforms: a checked value is the value as written. */
import * as z from 'zod';
import type { Json } from '../../core/node-id.ts';

export type JsonObject = Readonly<Record<string, Json>>;

/** Anything YAML can say. */
export const anything = z.custom<Json>((value) => value !== undefined);

/** A map with any content, e.g. `meta`. */
export const anyMap = z.record(z.string(), anything);

export const textOrList = z.union([z.string(), z.array(z.string())]);

export const count = z.int().min(0);

/** The same text whether it was written with quotes or as a number: `version: 1.0`. */
export const textOrNumber = z.union([z.string(), z.number()]);

/**
 * A config block as consumers see it before rendering. The schema says what each key must be *after* rendering; until then any
 * value may be a Jinja text, so its static type promises nothing but JSON.
 */
export const unrendered = (schema: z.ZodType): z.ZodType<JsonObject> =>
  // The cast forgets the precise type on purpose (see above); the runtime check stays the precise one.
  schema as z.ZodType<JsonObject>;

export const quoting = z
  .strictObject({
    database: z.boolean().optional().describe('Quote database names. Default true.'),
    schema: z.boolean().optional().describe('Quote schema names. Default true.'),
    identifier: z.boolean().optional().describe('Quote the names of tables and views. Default true.'),
    column: z.boolean().optional().describe('Quote column names in generated statements.'),
    snowflake_ignore_case: z
      .boolean()
      .optional()
      .describe('Accepted for projects shared with Snowflake; no effect on DuckDB.'),
  })
  .describe('Which parts of a relation’s name are written in double quotes.');

export const docs = z
  .strictObject({
    show: z.boolean().optional().describe('Show the node on the documentation site. Default true.'),
    node_color: z
      .string()
      .nullish()
      .describe('Colour of the node in the lineage graph: a CSS colour name or hex code.'),
  })
  .describe('How the node appears on the documentation site.');

export const period = z.enum(['minute', 'hour', 'day']);

const threshold = z.union([
  z.strictObject({
    count: z.union([count, z.string()]).nullish().describe('How many periods may pass.'),
    period: period.nullish().describe('Unit of the count: `minute`, `hour` or `day`.'),
  }),
  z.null(),
]);

export const freshness = z
  .strictObject({
    warn_after: threshold.optional().describe('Warn when the newest row is older than this.'),
    error_after: threshold.optional().describe('Fail when the newest row is older than this.'),
    filter: z.string().nullish().describe('SQL condition limiting the rows looked at, e.g. one partition.'),
    build_after: z
      .strictObject({
        count: count.describe('How many periods must pass before the model is built again.'),
        period: period.describe('Unit of the count.'),
        updates_on: z
          .enum(['any', 'all'])
          .optional()
          .describe('Build when any or when all parents have new data. Default any.'),
      })
      .nullish()
      .describe('Models only: build again only after this time and when parents have new data.'),
  })
  .nullable()
  .describe('How old the newest row may be before `dql source freshness` warns or fails; null switches it off.');

const hookEntry = z.union([
  z.string(),
  z.strictObject({
    sql: z.string().describe('The statement, a template.'),
    transaction: z.boolean().optional().describe('Run inside the node’s transaction. Default true.'),
  }),
]);

export const hooks = z.union([hookEntry, z.array(hookEntry)]);

export const owner = z
  .union([
    z.string(),
    z.looseObject({
      name: z.string().nullish().describe('Who to talk to.'),
      email: textOrList.nullish().describe('Where to write to; one address or several.'),
    }),
  ])
  .describe('Who answers for this: a name, or a map with name, email and anything else.');

const CONSTRAINT_TYPES = ['check', 'not_null', 'unique', 'primary_key', 'foreign_key', 'custom'] as const;

export const constraint = z.strictObject({
  type: z.enum(CONSTRAINT_TYPES).describe('Kind of the constraint.'),
  name: z.string().nullish().describe('Name of the constraint in the database.'),
  expression: z.string().nullish().describe('SQL condition of a `check`, or the text after the constraint’s keywords.'),
  columns: z
    .array(z.string())
    .nullish()
    .describe('Columns it covers; needed when it stands at the model, not at a column.'),
  to: z.string().nullish().describe("Referenced relation of a foreign key, usually `ref('customers')`."),
  to_columns: z.array(z.string()).nullish().describe('Referenced columns of a foreign key.'),
  warn_unenforced: z
    .boolean()
    .optional()
    .describe('Warn when the engine accepts but does not enforce it. Default true.'),
  warn_unsupported: z.boolean().optional().describe('Warn when the engine cannot express it. Default true.'),
});

export const dataTestItem = z
  .union([z.string(), z.record(z.string(), anything)])
  .describe('A test by name (`unique`), or a map of one name to its arguments, name, description and config.');

export const freshnessClock = {
  loaded_at_field: z.string().nullish().describe('Column or expression with the time a row was loaded.'),
  loaded_at_query: z.string().nullish().describe('Query answering the time of the last load, instead of a field.'),
};

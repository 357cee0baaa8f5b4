/** One target: a place to build into. The same keys as an output of dbt-duckdb's profiles.yml, and dql's own. */
import * as z from 'zod';
import { anyMap, anything, count } from './shapes.ts';

const duration = z.union([z.number().min(0), z.string()]);

const attachment = z.strictObject({
  path: z.string().min(1).describe('Database file or connection text to attach.'),
  alias: z.string().nullish().describe('Name of the attached database. Default: the file’s name.'),
  type: z.string().nullish().describe('Kind of database, e.g. sqlite or postgres. Default DuckDB.'),
  read_only: z.boolean().optional().describe('Attach without the right to write. Default false.'),
  secret: z.string().nullish().describe('Name of the secret to use.'),
  options: anyMap.nullish().describe('Further options of ATTACH.'),
  is_ducklake: z.boolean().nullish().describe('The attached database is a DuckLake.'),
});

export const extension = z.union([
  z.string(),
  z.strictObject({
    name: z.string().describe('Name of the extension.'),
    repo: z.string().nullish().describe('Repository to install it from.'),
  }),
]);

const unsupported = (what: string) =>
  anything.optional().describe(`dbt-duckdb’s ${what}; dql has no use for it and says so.`);

/** Keys of dbt-duckdb that dql accepts and warns about. */
export const UNSUPPORTED_TARGET_KEYS = [
  'filesystems',
  'plugins',
  'remote',
  'module_paths',
  'use_credential_provider',
] as const;

export const targetSettings = z
  .strictObject({
    type: z.string().describe('Kind of warehouse; `duckdb`.').optional(),
    path: z
      .string()
      .optional()
      .describe('Database file, relative to the project, or `:memory:` (default) for one command only.'),
    database: z.string().nullish().describe('Name of the database in SQL. Default: the file’s name without extension.'),
    schema: z.string().min(1).optional().describe('Schema that relations are built in. Default main.'),
    threads: count.optional().describe('How many nodes are built at the same time. Default 4.'),
    settings: anyMap
      .nullish()
      .describe(
        'DuckDB settings of every connection, e.g. memory_limit. A new file with `default_block_size: 16384` keeps hundreds of tiny tables small, and numbers uncompressed.',
      ),
    config_options: anyMap.nullish().describe('DuckDB options given when the database is opened.'),
    extensions: z
      .array(extension)
      .nullish()
      .describe('DuckDB extensions to load; one that this machine does not have is downloaded first.'),
    secrets: z.array(anyMap).nullish().describe('DuckDB secrets to create, each with a type.'),
    attach: z.array(attachment).nullish().describe('Other databases to attach.'),
    publish: z
      .enum(['view', 'table'])
      .optional()
      .describe(
        'Publish relations as views over kept versions (default) or as real tables. (`publish: as_ready` stands beside `targets`.)',
      ),
    sample: z
      .union([z.string().regex(/^\d+(\.\d+)?\s*%$/, 'sample is a percentage such as `10%`'), z.number().gt(0).max(100)])
      .nullish()
      .describe('Share of every source’s rows that this target reads, e.g. `10%`.'),
    serve: z
      .string()
      .nullish()
      .describe('File that receives a copy of the public relations after each publication, for readers.'),
    external_root: z.string().optional().describe('Folder of exported files without a location. Default `.`.'),
    lock_timeout: duration
      .nullish()
      .describe(
        'How long to wait for the database file when somebody else holds it, e.g. `30s`; `--lock-timeout` counts more. Default 60 seconds.',
      ),
    retries: z
      .union([
        count,
        z.strictObject({
          connect_attempts: count.optional().describe('Tries to open the database.'),
          query_attempts: count.optional().describe('Tries of a failing statement.'),
          retryable_exceptions: z.array(z.string()).optional().describe('Kinds of errors worth another try.'),
        }),
      ])
      .nullish()
      .describe('How often a failing statement is tried again when the error may pass. Default 0.'),
    retry_delay: duration.nullish().describe('Seconds before the first retry, doubled each time.'),
    defer: z
      .string()
      .nullish()
      .describe(
        'Target, folder with a manifest or warehouse that `--defer` reads from, and a target `dql clone` takes from.',
      ),
    retention: z
      .strictObject({
        versions: count.optional().describe('How many versions of each relation are kept.'),
        days: z.number().min(0).optional().describe('How many days versions are kept.'),
        max_size: z.string().optional().describe('Size of kept versions beyond which the oldest go, e.g. `10GB`.'),
      })
      .nullish()
      .describe('Retention of this target, instead of the project’s.'),
    disable_transactions: z
      .boolean()
      .optional()
      .describe('Accepted from dbt-duckdb; publication is always one transaction.'),
    keep_open: z.boolean().optional().describe('Accepted from dbt-duckdb; the file is closed when the command ends.'),
    is_ducklake: z.boolean().nullish().describe('The path is a DuckLake.'),
    use_credential_provider: unsupported('cloud credential chain'),
    filesystems: unsupported('Python filesystems'),
    plugins: unsupported('Python plugins'),
    remote: unsupported('remote server'),
    module_paths: unsupported('Python module paths'),
  })
  .describe('A place to build into.');

export type TargetSettings = z.infer<typeof targetSettings>;

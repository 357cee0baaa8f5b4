/** project.yml: dbt's dbt_project.yml and dql's own keys. */
import * as z from 'zod';
import {
  analysisConfig,
  dataTestConfig,
  exposureConfig,
  modelConfig,
  seedConfig,
  snapshotConfig,
  sourceConfig,
  unitTestConfig,
} from './configs.ts';
import { flags } from './flags.ts';
import { anyMap, anything, count, quoting, textOrList, textOrNumber } from './shapes.ts';
import { targetSettings } from './target.ts';

const paths = z.array(z.string().min(1));
const hooks = z.union([z.string(), z.array(z.string())]);

/** What may stand in each configuration tree; keys as in project.yml. `tests` is an older spelling of `data_tests`. */
export const treeConfigs = {
  models: modelConfig,
  seeds: seedConfig,
  snapshots: snapshotConfig,
  sources: sourceConfig,
  analyses: analysisConfig,
  data_tests: dataTestConfig,
  unit_tests: unitTestConfig,
  exposures: exposureConfig,
  metrics: z.looseObject({}),
  'semantic-models': z.looseObject({}),
  'saved-queries': z.looseObject({}),
  functions: z.looseObject({}),
} as const;

const tree = (what: string) =>
  anyMap
    .nullish()
    .describe(
      `Configuration of ${what} by package and folder; a key with \`+\`, or any key whose value is not a map, is a config.`,
    );

export const projectFile = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^\d\W]\w*$/, 'a project’s name is letters, digits and underscores, and does not begin with a digit')
      .describe('Name of the project: letters, digits and underscores.'),
    version: textOrNumber.nullish().describe('Version of the project, for your own use.'),
    'config-version': z.literal(2).optional().describe('Always 2; may be left out.'),
    profile: z.string().nullish().describe('Profile of profiles.yml, where targets are not written here.'),
    'require-dql-version': textOrList.nullish().describe('Versions of dql that may build the project, e.g. `>=0.1.0`.'),
    'require-dbt-version': textOrList.nullish().describe('Versions of dbt the project is written for; kept for dbt.'),
    'model-paths': paths.optional().describe('Folders with models. Default [models].'),
    'source-paths': paths.optional().describe('Older spelling of model-paths.'),
    'seed-paths': paths.optional().describe('Folders with seeds. Default [seeds].'),
    'data-paths': paths.optional().describe('Older spelling of seed-paths.'),
    'test-paths': paths
      .optional()
      .describe('Folders with singular and generic tests. Default [tests, checks]; of a dbt_project.yml [tests].'),
    'analysis-paths': paths.optional().describe('Folders with analyses. Default [analyses].'),
    'macro-paths': paths.optional().describe('Folders with macros. Default [macros].'),
    'snapshot-paths': paths.optional().describe('Folders with snapshots. Default [snapshots].'),
    'function-paths': paths.optional().describe('Folders with user-defined functions. Default [functions].'),
    'docs-paths': paths.optional().describe('Folders with docs blocks. Default: all of the folders above.'),
    'asset-paths': paths.optional().describe('Folders copied into the documentation site. Default [].'),
    'target-path': z.string().nullish().describe('Folder for compiled SQL and artifacts. Default target.'),
    'log-path': z.string().nullish().describe('dbt’s folder for logs; dql writes no log file. Default logs.'),
    'packages-install-path': z.string().nullish().describe('Folder with installed packages. Default dbt_packages.'),
    'clean-targets': paths.optional().describe('Folders that `dql clean` removes. Default [target].'),
    quoting: quoting.nullish(),
    'on-run-start': hooks.nullish().describe('SQL to run before a command builds anything.'),
    'on-run-end': hooks.nullish().describe('SQL to run after a command has published.'),
    dispatch: z
      .array(
        z.strictObject({
          macro_namespace: z.string().describe('Package whose macros are looked up.'),
          search_order: z.array(z.string()).describe('Packages to look in, in order.'),
        }),
      )
      .nullish()
      .describe('Where adapter.dispatch() looks for macros.'),
    'query-comment': z
      .union([
        z.string(),
        z.strictObject({
          comment: z.string().nullish().describe('The comment, a template.'),
          append: z.boolean().optional().describe('Put it after the statement instead of before.'),
          'job-label': z.boolean().optional().describe('Another engine’s setting; no effect.'),
        }),
      ])
      .nullish()
      .describe('Comment added to every statement.'),
    'restrict-access': z
      .boolean()
      .optional()
      .describe('Protected models of this package cannot be referenced from others.'),
    flags: flags.nullish(),
    'dbt-cloud': anything.optional().describe('Settings of dbt’s platform; ignored.'),
    vars: anyMap.nullish().describe('Values of var(); a map under a package’s name holds for that package.'),
    strict: z
      .boolean()
      .optional()
      .describe('Literal references to published relations are errors instead of warnings. Default false.'),
    publish: z
      .enum(['together', 'as_ready'])
      .optional()
      .describe(
        'Publish everything at the end of the run (together, default) or each node as soon as it passed (as_ready).',
      ),
    retention: z
      .strictObject({
        versions: count.optional().describe('How many versions of each relation are kept.'),
        days: z.number().min(0).optional().describe('How many days versions are kept.'),
        max_size: z.string().optional().describe('Size of kept versions beyond which the oldest go, e.g. `10GB`.'),
      })
      .nullish()
      .describe('How long earlier versions are kept for rollback.'),
    target: z.string().nullish().describe('The target used when --target is not given. Default: the first.'),
    targets: z.record(z.string(), targetSettings).nullish().describe('Places to build into, by name.'),
    models: tree('models'),
    seeds: tree('seeds'),
    snapshots: tree('snapshots'),
    sources: tree('sources'),
    analyses: tree('analyses'),
    data_tests: tree('data tests'),
    tests: tree('data tests (older spelling of data_tests)'),
    unit_tests: tree('unit tests'),
    exposures: tree('exposures'),
    metrics: tree('metrics (not interpreted)'),
    'semantic-models': tree('semantic models (not interpreted)'),
    'saved-queries': tree('saved queries (not interpreted)'),
    functions: tree('functions (not interpreted)'),
  })
  .describe('Settings of a dql project.');

export type ProjectFileContent = z.infer<typeof projectFile>;

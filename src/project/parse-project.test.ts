import { expect, test } from 'vitest';
import type { Diagnostic } from '../core/diagnostic.ts';
import { type ParseOptions, parseProject } from './parse-project.ts';
import type { Project, ProjectFiles } from './project.ts';

const PROJECT = 'name: shop\ntargets:\n  dev: {path: shop.duckdb}\n';

interface Given {
  readonly files: Readonly<Record<string, string>>;
  readonly environment?: Record<string, string>;
  readonly data?: ProjectFiles['data'];
  readonly options?: Partial<ParseOptions>;
}

function parsing({ files, environment = {}, data = [], options }: Given): {
  project: Project;
  problems: string[];
  diagnostics: readonly Diagnostic[];
} {
  const all = Object.entries({ 'project.yml': PROJECT, ...files }).filter(([, text]) => text !== '');
  const given: ProjectFiles = { root: '/shop', environment, data, files: all.map(([path, text]) => ({ path, text })) };
  const { value, diagnostics } = parseProject(given, { now: new Date('2026-03-01T00:00:00Z'), ...options });
  const texts = new Map(all);
  const problems = diagnostics.map(({ code, message, at, hint }) => {
    const place = at === undefined ? '' : ` «${at.file}: ${texts.get(at.file)?.slice(at.start, at.end)}»`;
    return `${code}: ${message}${place}${hint === undefined ? '' : ` → ${hint}`}`;
  });
  return { project: value, problems, diagnostics };
}

const properties = (text: string) => parsing({ files: { 'models/shop.yml': text } });

test('a project.yml with two targets opens without a second file', () => {
  const { project, problems } = parsing({
    files: {
      'project.yml':
        'name: shop\ntarget: prod\ntargets:\n  dev: {path: dev.duckdb}\n  prod: {path: data/shop.duckdb, schema: mart, threads: 2}\n',
    },
  });
  expect(problems).toEqual([]);
  expect(project.targetNames).toEqual(['dev', 'prod']);
  expect(project.target).toMatchObject({
    name: 'prod',
    path: 'data/shop.duckdb',
    database: 'shop',
    schema: 'mart',
    threads: 2,
    publish: 'view',
  });
});

test('--target chooses, and an unknown one is told with what there is', () => {
  expect(parsing({ files: {}, options: { target: 'dev' } }).project.target.name).toBe('dev');
  expect(parsing({ files: {}, options: { target: 'dve' } }).problems).toEqual([
    'project/unknown-target: there is no target `dve`; there are `dev` «project.yml: targets» → did you mean `dev`?',
  ]);
});

test('without target: the first one is meant, and the defaults are dbt-duckdb’s', () => {
  const { project } = parsing({ files: { 'project.yml': 'name: shop\ntargets:\n  here: {}\n' } });
  expect(project.target).toMatchObject({
    name: 'here',
    path: ':memory:',
    database: 'memory',
    schema: 'main',
    externalRoot: '.',
    lockTimeout: 60,
  });
});

test('paths in the spelling of older projects are read, and a variable may be none by default', () => {
  const files = {
    'project.yml': '',
    'dbt_project.yml': `name: shop
targets: {dev: {path: shop.duckdb}}
source-paths: [transformations]
data-paths: [data]
models: {shop: {+schema: "{% if var('prefix', none) != none %}{{ var('prefix') }}_{% endif %}marts"}}
seeds: {shop: {+batch_size: 200}}
`,
    'transformations/orders.sql': 'select 1',
  };
  const { project, problems } = parsing({ files });
  expect(problems).toEqual([
    'project/other-engine: `batch_size` configures another engine and has no effect on DuckDB «dbt_project.yml: +batch_size»',
  ]);
  expect(project.root.files).toMatchObject({ models: [{ stem: 'orders' }] });
  expect(project.root.settings.seedPaths).toEqual(['data']);
  expect(project.root.configTrees.models?.rendered).toMatchObject({ shop: { '+schema': 'marts' } });
  const both = {
    ...files,
    'dbt_project.yml': 'name: shop\ntargets: {dev: {}}\ndata-paths: [data]\nseed-paths: [data]\n',
  };
  expect(parsing({ files: both }).problems).toEqual([
    'project/both-spellings: `data-paths` is the older spelling of `seed-paths`, and both are there «dbt_project.yml: data-paths» → keep `seed-paths`',
  ]);
});

test('a variable that is a template is rendered where a setting reads it', () => {
  const { project, problems } = parsing({
    files: {
      'project.yml': `name: shop
targets: {dev: {path: shop.duckdb}}
vars: {region: north, place: "{{ var('region') }}_{{ target.name }}"}
models: {+schema: "{{ var('place') }}"}
`,
    },
  });
  expect(problems).toEqual([]);
  expect(project.root.configTrees.models?.rendered).toEqual({ '+schema': 'north_dev' });
  expect(project.vars.global).toMatchObject({ place: "{{ var('region') }}_{{ target.name }}" });
});

test('a dbt project on DuckDB opens as it is', () => {
  const { project, problems } = parsing({
    files: {
      'project.yml': '',
      'dbt_project.yml':
        "name: 'shop'\nversion: '1.0'\nconfig-version: 2\nprofile: shop_profile\nmodel-paths: [transformations]\n",
      '/home/ann/.dbt/profiles.yml':
        "shop_profile:\n  target: local\n  outputs:\n    local:\n      type: duckdb\n      path: \"{{ env_var('SHOP_DB') }}\"\n      threads: \"{{ env_var('SHOP_THREADS', '8') }}\"\n    cloud: {type: snowflake, account: x}\n",
      'transformations/staging/stg_orders.sql': 'select 1 as order_id',
    },
    environment: { SHOP_DB: '/data/shop.db' },
  });
  expect(problems).toEqual([]);
  expect(project.target).toMatchObject({
    name: 'local',
    profileName: 'shop_profile',
    path: '/data/shop.db',
    database: 'shop',
    threads: 8,
  });
  expect(project.targetNames).toEqual(['local', 'cloud']);
  expect(project.environmentRead).toEqual({ SHOP_DB: '/data/shop.db', SHOP_THREADS: '8' });
  expect(project.root.files.models).toMatchObject([
    {
      originalPath: 'transformations/staging/stg_orders.sql',
      path: 'staging/stg_orders.sql',
      folder: 'transformations',
      stem: 'stg_orders',
    },
  ]);
});

test('a profile of another warehouse is refused with what to do', () => {
  const { problems } = parsing({
    files: {
      'project.yml': '',
      'dbt_project.yml': 'name: shop\nprofile: shop\n',
      'profiles.yml': 'shop:\n  target: dev\n  outputs:\n    dev: {type: postgres}\n',
    },
  });
  expect(problems).toEqual([
    'project/unsupported-warehouse: target `dev` is of type `postgres`, but dql builds on DuckDB «profiles.yml: postgres» → add a target with `type: duckdb` and choose it with --target',
  ]);
});

test('a misspelt profile is told with the nearest one', () => {
  const { problems } = parsing({
    files: {
      'project.yml': '',
      'dbt_project.yml': 'name: shop\nprofile: shpo\n',
      'profiles.yml': 'shop: {outputs: {dev: {type: duckdb}}}\n',
    },
  });
  expect(problems).toEqual([
    'project/unknown-profile: there is no profile `shpo` in profiles.yml «dbt_project.yml: shpo» → did you mean `shop`?',
  ]);
});

test('no project file, and no target, are told', () => {
  const { diagnostics } = parsing({ files: { 'project.yml': '' } });
  expect(diagnostics.map(({ code }) => code)).toEqual(['project/no-project-file', 'project/no-target']);
});

test('everything wrong is told at once, each at its place', () => {
  const { problems } = parsing({
    files: {
      'project.yml': `name: shop
targets:
  dev: {path: shop.duckdb, thread: 4}
model-path: [models]
strict: "perhaps"
models:
  shop:
    +materialised: table
    staging: {+tags: 7}
`,
      'models/shop.yml': `models:
  - name: orders
    descripton: All orders
    columns:
      - name: id
        data_tests:
          - unique:
            config: {severity: warn}
          - not_null: {config: {severty: warn}}
  - description: nameless
  - name: payments
    materialized: table
    latest_version: [1]
`,
    },
  });
  expect(problems).toEqual([
    'project/unknown-key: `thread` is not a key of target `dev` «project.yml: thread» → did you mean `threads`?',
    'project/wrong-value: `true` or `false` is expected at `strict` in project.yml, but the text `perhaps` stands there «project.yml: "perhaps"» → `strict`: Literal references to published relations are errors instead of warnings. Default false.',
    'project/unknown-key: `model-path` is not a key of project.yml «project.yml: model-path» → did you mean `model-paths`?',
    'project/unknown-key: `materialised` is not a key of the models configuration «project.yml: +materialised» → did you mean `materialized`?',
    'project/wrong-value: a text or a list is expected at `tags` in the models configuration, but `7` stands there «project.yml: 7» → `tags`: Labels to select by; levels add to each other.',
    'project/unknown-key: `descripton` is not a key of model `orders` «models/shop.yml: descripton» → did you mean `description`?',
    'project/wrong-test: a test is one name with its settings below it, but `unique`, `config` stand side by side (model `orders`) «models/shop.yml: unique:\n            config: {severity: warn}» → indent what belongs to `unique` by two more spaces',
    'project/unknown-key: `severty` is not a key of the config of test `not_null` «models/shop.yml: severty» → did you mean `severity`?',
    'project/missing-key: `name` is missing in a model «models/shop.yml: description: nameless» → `name`: Name of the resource.',
    'project/wrong-value: a text or a number is expected at `latest_version` in model `payments`, but a list stands there «models/shop.yml: [1]» → `latest_version`: The version a plain ref() means. Default: the highest.',
    'project/unknown-key: `materialized` is not a key of model `payments` «models/shop.yml: materialized» → write it under `config:`',
  ]);
});

test.each([
  [
    'a key written twice',
    'models:\n  - name: orders\n    name: orders\n',
    'project/duplicate-key: `name` is written twice in the same map «models/shop.yml: name»',
  ],
  ['a tab', 'models:\n\t- name: orders\n', 'project/yaml-syntax: a tab is used for indentation «'],
  ['wrong indentation', 'models:\n  - name: orders\n   description: x\n', 'project/yaml-syntax: '],
  [
    'a bare template',
    'models:\n  - name: {{ var("x") }}\n',
    'project/yaml-syntax: a template expression begins a YAML value without quotes',
  ],
  [
    'a text that is no map',
    'just text\n',
    'project/wrong-value: a property file is a map with keys such as models and sources, but the text `just text` stands there',
  ],
  [
    'a model list that is a map',
    'models:\n  orders: {}\n',
    'project/wrong-value: `models` is a list, but a map stands there',
  ],
  [
    'an unknown list',
    'modles: []\n',
    'project/unknown-key: `modles` is not a key of a property file «models/shop.yml: modles» → did you mean `models`?',
  ],
])('%s is told in words', (_, text, expected) => {
  const [first = ''] = properties(text).problems;
  expect(first.slice(0, expected.length)).toBe(expected);
});

test('older spellings come out as the newest ones', () => {
  const { project, problems } = properties(`
models:
  - name: orders
    tags: daily
    meta: {owner: ann, tier: 1}
    access: public
    docs: {show: false}
    config: {tags: [core], meta: {tier: 2}}
    tests: [unique_combination]
    columns:
      - name: id
        tests: [unique]
        meta: {pii: true}
        tags: [key]
sources:
  - name: raw
    freshness: {warn_after: {count: 1, period: day}}
    loaded_at_field: loaded_at
    tables:
      - name: orders
        freshness: null
exposures:
  - {name: board, type: dashboard, owner: {name: Ann}, enabled: false}
`);
  expect(problems).toEqual([]);
  expect(project.root.properties.models[0]?.value).toEqual({
    name: 'orders',
    config: { tags: ['daily', 'core'], meta: { owner: 'ann', tier: 2 }, access: 'public', docs: { show: false } },
    data_tests: ['unique_combination'],
    columns: [{ name: 'id', data_tests: ['unique'], config: { meta: { pii: true }, tags: ['key'] } }],
  });
  expect(project.root.properties.sources[0]?.value).toEqual({
    name: 'raw',
    config: { freshness: { warn_after: { count: 1, period: 'day' } }, loaded_at_field: 'loaded_at' },
    tables: [{ name: 'orders', config: { freshness: null } }],
  });
  expect(project.root.properties.exposures[0]?.value.config).toEqual({ enabled: false });
});

test('a template may stand for any value of a property file until it is rendered', () => {
  const { problems } = properties(
    `models: [{name: orders, config: {enabled: "{{ var('on') }}", lookback: "{{ var('back') }}"}}]`,
  );
  expect(problems).toEqual([]);
});

test('spans lead into an entry, through older spellings, and stop at the nearest thing written', () => {
  const text = 'models:\n  - name: orders\n    columns:\n      - name: id\n        tests: [unique, not_null]\n';
  const orders = properties(text).project.root.properties.models[0];
  const at = (path: (string | number)[]): string | undefined => {
    const span = orders?.span(path);
    return span && text.slice(span.start, span.end);
  };
  expect(at(['name'])).toBe('orders');
  expect(at(['columns', 0, 'data_tests', 1])).toBe('not_null');
  expect(at(['columns', 0, 'description'])).toBe('name: id\n        tests: [unique, not_null]');
});

test('anchors and merge keys keep their spans', () => {
  const text =
    'anchors:\n  - &core {tags: [core]}\nmodels:\n  - name: orders\n    config:\n      <<: *core\n      alias: all_orders\n';
  const { project, problems } = properties(text);
  expect(problems).toEqual([]);
  const orders = project.root.properties.models[0];
  expect(orders?.value.config).toEqual({ tags: ['core'], alias: 'all_orders' });
  const span = orders?.span(['config', 'alias']);
  expect(span && text.slice(span.start, span.end)).toBe('all_orders');
});

test('two entries for one resource contradict each other', () => {
  const { problems } = parsing({
    files: { 'models/a.yml': 'models: [{name: orders}]', 'models/b.yml': 'models: [{name: orders}]' },
  });
  expect(problems).toEqual([
    'project/described-twice: model `orders` is described twice, here and in models/a.yml «models/b.yml: orders» → merge the two entries into one',
  ]);
});

test('settings are rendered with variables, the environment and the target; hooks keep their templates', () => {
  const { project, problems } = parsing({
    files: {
      'project.yml': `name: shop
targets:
  dev: {path: shop.duckdb, schema: "{{ env_var('USER') }}_dev"}
vars: {suffix: eu}
on-run-start: "{{ log('begin') }}"
models:
  shop:
    +enabled: "{{ env_var('BUILD_SHOP', 'true') }}"
    +schema: "mart_{{ var('suffix') }}"
    +post-hook: "grant select on {{ this }} to all"
`,
    },
    environment: { USER: 'ann' },
    options: { vars: { suffix: 'us' } },
  });
  expect(problems).toEqual([]);
  expect(project.target.schema).toBe('ann_dev');
  expect(project.root.settings.onRunStart).toEqual(["{{ log('begin') }}"]);
  expect(project.root.configTrees.models.rendered).toEqual({
    shop: { '+enabled': true, '+schema': 'mart_us', '+post-hook': 'grant select on {{ this }} to all' },
  });
  expect(project.root.configTrees.models.unrendered).toMatchObject({ shop: { '+schema': "mart_{{ var('suffix') }}" } });
});

test('an environment variable that is not set is told where it is read', () => {
  const { problems } = parsing({
    files: { 'project.yml': `name: shop\ntargets:\n  dev: {path: "{{ env_var('SHOP_BD') }}"}\n` },
    environment: { SHOP_DB: 'x' },
  });
  expect(problems).toEqual([
    `project/missing-environment-variable: the environment variable \`SHOP_BD\` is not set «project.yml: env_var('SHOP_BD')» → did you mean \`SHOP_DB\`?`,
  ]);
});

test('secrets are for targets only, never recorded, and listed to be masked', () => {
  const { project, problems } = parsing({
    files: {
      'project.yml': `name: shop
targets:
  dev: {path: shop.duckdb, secrets: [{type: s3, secret: "{{ env_var('DQL_ENV_SECRET_S3') }}"}]}
models: {shop: {+schema: "{{ env_var('DBT_ENV_SECRET_X') }}"}}
`,
    },
    environment: { DQL_ENV_SECRET_S3: 'hush', DBT_ENV_SECRET_X: 'quiet' },
  });
  expect(project.target.createSecrets).toEqual([{ type: 's3', secret: 'hush' }]);
  expect(project.environmentRead).toEqual({});
  expect(project.secrets).toEqual(['quiet', 'hush']);
  expect(problems).toEqual([
    `project/secret-not-allowed: the secret \`DBT_ENV_SECRET_X\` cannot be read here «project.yml: env_var('DBT_ENV_SECRET_X')» → secrets are for targets and profiles only`,
  ]);
});

test('variables: the command line, the package’s, everybody’s; vars.yml instead of vars', () => {
  const { project } = parsing({
    files: {
      'project.yml': `${PROJECT}vars: {region: eu, calendar: {region: us}}\n`,
      'dbt_packages/calendar/dbt_project.yml': 'name: calendar\nvars: {first_day: monday, region: none}\n',
    },
    options: { vars: { day: '2026-03-01' } },
  });
  expect(project.vars).toEqual({
    commandLine: { day: '2026-03-01' },
    global: { region: 'eu', calendar: { region: 'us' } },
    byPackage: { calendar: { region: 'us' } },
    packageDefaults: { calendar: { first_day: 'monday', region: 'none' } },
  });
  expect(parsing({ files: { 'vars.yml': 'vars:\n  region: eu\n' } }).project.vars.global).toEqual({ region: 'eu' });
  expect(parsing({ files: { 'project.yml': `${PROJECT}vars: {a: 1}\n`, 'vars.yml': 'a: 2\n' } }).problems).toEqual([
    'project/vars-twice: variables are set in vars.yml and under `vars:` of the project file «project.yml: vars» → keep them in one place',
  ]);
});

test('files are sorted into what dbt takes them for', () => {
  const seed = { path: 'seeds/regions.csv', bytes: 3, checksum: 'c', text: 'a\n1' };
  const fixture = { path: 'tests/fixtures/late.csv', bytes: 3, checksum: 'd', text: 'a\n1' };
  const { project } = parsing({
    files: {
      'models/orders.sql': '',
      'models/core/customers.sql': 'select 1',
      'tests/late.sql': 'select 1',
      'tests/generic/positive.sql': '{% test positive() %}{% endtest %}',
      'tests/fixtures/rows.sql': 'select 1',
      'macros/cents.sql': 'x',
      'snapshots/orders.sql': 'x',
      'analyses/why.sql': 'x',
      'models/docs.md': 'x',
      'README.md': 'x',
      'dbt_packages/utils/dbt_project.yml': 'name: utils\n',
      'dbt_packages/utils/macros/star.sql': 'x',
    },
    data: [seed, fixture],
  });
  const { files } = project.root;
  const names = Object.fromEntries(
    Object.entries(files).map(([kind, list]) => [
      kind,
      list.map(({ originalPath }: { originalPath: string }) => originalPath),
    ]),
  );
  expect(names).toEqual({
    models: ['models/core/customers.sql'],
    analyses: ['analyses/why.sql'],
    singularTests: ['tests/late.sql'],
    macros: ['macros/cents.sql', 'tests/generic/positive.sql'],
    snapshots: ['snapshots/orders.sql'],
    docs: ['models/docs.md'],
    seeds: ['seeds/regions.csv'],
    fixtures: ['tests/fixtures/late.csv', 'tests/fixtures/rows.sql'],
  });
  expect(project.packages.map(({ name, folder }) => [name, folder])).toEqual([
    ['shop', ''],
    ['utils', 'dbt_packages/utils'],
  ]);
  expect(project.packages[1]?.files.macros[0]).toMatchObject({
    originalPath: 'macros/star.sql',
    path: 'star.sql',
    file: { path: 'dbt_packages/utils/macros/star.sql' },
  });
});

test('keys that dql does not know in an installed package are one warning', () => {
  const { diagnostics, project } = parsing({
    files: {
      'dbt_packages/utils/dbt_project.yml':
        'name: utils\nodd-key: 1\non-run-end: select 1\nmodels: {+transient: true}\n',
      'dbt_packages/utils/models/a.yml':
        'models: [{name: a, odd: 1, columns: [{name: id, odder: 2, data_tests: [not_null]}]}]',
    },
  });
  // What is beside them counts all the same.
  const [, utils] = project.packages;
  expect(utils?.settings.onRunEnd).toEqual(['select 1']);
  expect(utils?.properties.models.map(({ value }) => value)).toMatchObject([
    { name: 'a', columns: [{ name: 'id', data_tests: ['not_null'] }] },
  ]);
  expect(diagnostics).toMatchObject([
    {
      code: 'project/unknown-key-in-package',
      severity: 'warning',
      message: expect.stringContaining('(and 2 more), in package `utils`'),
    },
  ]);
});

test('a package that needs another dql says so', () => {
  const file = { 'project.yml': `${PROJECT}require-dql-version: [">=0.2.0", "<1.0.0"]\n` };
  expect(parsing({ files: file, options: { version: '0.2.1' } }).problems).toEqual([]);
  expect(parsing({ files: file, options: { version: '0.1.0' } }).problems).toEqual([
    'project/other-version-required: the project requires dql >=0.2.0, <1.0.0, but this is dql 0.1.0 «project.yml: [">=0.2.0", "<1.0.0"]»',
  ]);
});

test('selectors are read with their places; two of a name, or two defaults, are refused', () => {
  const { project, problems } = parsing({
    files: {
      'selectors.yml':
        'selectors:\n  - name: nightly\n    description: runs at night\n    default: true\n    definition: {union: [tag:nightly, "orders+"]}\n',
    },
  });
  expect(problems).toEqual([]);
  expect(project.selectors['nightly']?.value).toEqual({
    name: 'nightly',
    description: 'runs at night',
    isDefault: true,
    definition: { union: ['tag:nightly', 'orders+'] },
  });
  const twice =
    'selectors:\n  - {name: a, default: true, definition: x}\n  - {name: a, definition: x}\n  - {name: b, default: true, definition: x}\n';
  expect(parsing({ files: { 'selectors.yml': twice } }).diagnostics.map(({ code }) => code)).toEqual([
    'project/described-twice',
    'project/several-defaults',
  ]);
});

test('what dql cannot do of a dbt-duckdb profile is said', () => {
  const { problems } = parsing({
    files: { 'project.yml': 'name: shop\ntargets:\n  dev: {path: a.db, plugins: [{module: excel}]}\n' },
  });
  expect(problems).toEqual([
    'project/unsupported-setting: `plugins` of target `dev` belongs to dbt-duckdb’s Python side and has no effect in dql «project.yml: plugins»',
  ]);
});

test('files that could not be read are part of what is wrong', () => {
  const problem: Diagnostic = {
    code: 'disk/unreadable',
    severity: 'error',
    message: 'models/orders.sql cannot be read: permission denied',
  };
  const { diagnostics } = parseProject(
    { root: '/shop', environment: {}, data: [], files: [{ path: 'project.yml', text: PROJECT }], problems: [problem] },
    { now: new Date(0) },
  );
  expect(diagnostics).toEqual([problem]);
});

test('configuration of another engine is a warning, and the entry stays', () => {
  const { project, diagnostics } = properties('models: [{name: orders, config: {file_format: delta}}]');
  expect(diagnostics).toMatchObject([{ code: 'project/other-engine', severity: 'warning' }]);
  expect(project.root.properties.models).toHaveLength(1);
});

test('a target decided by an expression, and a model switched by the target', () => {
  const { project, problems } = parsing({
    files: {
      'project.yml': `name: shop
target: "{{ 'prod' if env_var('CI', '') else 'dev' }}"
targets:
  dev: {path: dev.duckdb}
  prod: {path: prod.duckdb}
models: {shop: {+enabled: "{{ target.name == 'prod' }}"}}
`,
    },
    environment: { CI: '1' },
  });
  expect(problems).toEqual([]);
  expect(project.target.name).toBe('prod');
  expect(project.root.configTrees.models.rendered).toEqual({ shop: { '+enabled': true } });
});

test('a template that is wrong is told inside the value', () => {
  const { problems } = parsing({
    files: { 'project.yml': `${PROJECT}models: {shop: {+schema: "{{ tarjet.name }}"}}\n` },
  });
  expect(problems[0]).toContain('«project.yml: tarjet');
});

test('a package that is listed but not installed is told', () => {
  const listed = { 'packages.yml': 'packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.3.0\n' };
  expect(
    parsing({ files: { ...listed, 'dbt_packages/dbt_utils/dbt_project.yml': 'name: dbt_utils\n' } }).problems,
  ).toEqual([]);
  expect(parsing({ files: listed }).diagnostics).toMatchObject([
    {
      code: 'project/package-not-installed',
      severity: 'warning',
      message: 'not installed in dbt_packages: `dbt_utils`',
    },
  ]);
});

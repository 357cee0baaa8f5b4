import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Configurable, configFor, mergeConfig } from './config-levels.ts';
import { defaultConfig } from './default-config.ts';
import { parseProject } from './parse-project.ts';
import type { JsonObject } from './project.ts';
import { unusedConfigPaths } from './unused-config-paths.ts';

const reading = (project: string, packageProject = 'name: calendar\n') =>
  parseProject(
    {
      root: '/shop',
      environment: {},
      data: [],
      files: [
        { path: 'project.yml', text: `name: shop\ntargets: {dev: {path: shop.duckdb}}\n${project}` },
        { path: 'dbt_packages/calendar/dbt_project.yml', text: packageProject },
      ],
    },
    { now: new Date(0) },
  ).value;

const level = (config: JsonObject) => ({ rendered: config, unrendered: config });

const merged = (project: string, resource: Partial<Configurable>, packageProject?: string) =>
  mergeConfig(
    configFor(reading(project, packageProject), {
      kind: 'models',
      package: 'shop',
      fqn: ['shop', 'staging', 'stg_orders'],
      ...resource,
    }),
  );

test('the tree goes from the root to the leaf, then the property file, then config()', () => {
  const tree =
    'models:\n  +schema: a\n  shop:\n    +materialized: table\n    alias: b\n    staging:\n      +materialized: view\n      stg_orders: {+database: d}\n';
  expect(merged(tree, {}).config).toMatchObject({ schema: 'a', materialized: 'view', alias: 'b', database: 'd' });
  expect(
    merged(tree, { properties: level({ schema: 'p', alias: 'p' }), file: level({ alias: 'f' }) }).config,
  ).toMatchObject({
    schema: 'p',
    alias: 'f',
    materialized: 'view',
  });
});

test('the root project has the last word about a package’s resources', () => {
  const resource = { package: 'calendar', fqn: ['calendar', 'days'], file: level({ materialized: 'view' }) };
  const own = 'name: calendar\nmodels:\n  calendar: {+materialized: incremental, +schema: own}\n';
  expect(merged('', resource, own).config).toMatchObject({ materialized: 'view', schema: 'own' });
  expect(merged('models: {calendar: {+materialized: table}}\n', resource, own).config).toMatchObject({
    materialized: 'table',
    schema: 'own',
  });
});

test('tags and hooks add up, maps are merged, everything else is replaced', () => {
  const { config } = merged(
    `models:
  +tags: daily
  +meta: {owner: ann, tier: 1}
  +pre-hook: "set x = 1"
  shop:
    +tags: [core, daily]
    +meta: {tier: 2}
    +contract: {enforced: true}
    +persist_docs: {relation: true}
`,
    {
      properties: level({ tags: 'yml', persist_docs: { columns: true }, column_types: { id: 'bigint' } }),
      file: level({
        tags: ['sql'],
        pre_hook: ['a', { sql: 'b', transaction: false }, '{"sql": "c", "transaction": false}'],
      }),
    },
  );
  expect(config).toMatchObject({
    tags: ['daily', 'core', 'yml', 'sql'],
    meta: { owner: 'ann', tier: 2 },
    contract: { enforced: true, alias_types: true },
    persist_docs: { columns: true },
    column_types: { id: 'bigint' },
    'pre-hook': [
      { sql: 'set x = 1', transaction: true },
      { sql: 'a', transaction: true },
      { sql: 'b', transaction: false },
      { sql: 'c', transaction: false },
    ],
  });
});

test('grants replace a privilege’s list, and +privilege extends it', () => {
  const tree = 'models:\n  +grants: {select: [ann], insert: bob}\n  shop: {+grants: {+select: cleo, insert: [dan]}}\n';
  expect(merged(tree, {}).config['grants']).toEqual({ select: ['ann', 'cleo'], insert: ['dan'] });
});

test('null takes back what was said so far', () => {
  const tree = 'models:\n  +tags: [daily]\n  +schema: a\n  shop: {+tags: null, +schema: null}\n';
  expect(merged(tree, {}).config).toMatchObject({ tags: [], schema: null });
  expect(merged(tree, { file: level({ tags: 'new' }) }).config['tags']).toEqual(['new']);
});

test('unrendered keeps what was written and nothing more', () => {
  const { config, unrendered } = merged('models: {shop: {+schema: "{{ target.name }}"}}\n', {});
  expect(unrendered).toEqual({ schema: '{{ target.name }}' });
  expect(config['schema']).not.toBeNull();
});

const key = fc.constantFrom('tags', 'meta', 'schema', 'alias', 'quoting', 'post_hook', 'materialized', 'grants');
const text = fc.constantFrom('a', 'b', 'c');
const anyLevel: fc.Arbitrary<JsonObject> = fc.dictionary(key, text).map((keys) =>
  Object.fromEntries(
    Object.entries(keys).map(([name, value]) => {
      if (name === 'meta' || name === 'quoting') return [name, { [value]: value }];
      if (name === 'grants') return [name, { [value]: [value] }];
      return [name, value];
    }),
  ),
);
const of = (...levels: JsonObject[]) =>
  mergeConfig({ kind: 'models', levels: levels.map((rendered) => ({ from: 'file', rendered, unrendered: rendered })) });

test('law: a level that says nothing changes nothing', () => {
  fc.assert(
    fc.property(fc.array(anyLevel), fc.nat(), (levels, where) => {
      const at = levels.length === 0 ? 0 : where % levels.length;
      expect(of(...levels.slice(0, at), {}, ...levels.slice(at))).toEqual(of(...levels));
    }),
  );
});

test('law: merging what was merged is the same as merging one by one', () => {
  fc.assert(
    fc.property(anyLevel, anyLevel, anyLevel, (a, b, c) => {
      expect(of(of(a, b).unrendered, c)).toEqual(of(a, b, c));
      expect(of(a, of(b, c).unrendered)).toEqual(of(a, b, c));
    }),
  );
});

test('law: the last level wins every replaced key, and loses nothing of the added ones', () => {
  fc.assert(
    fc.property(fc.array(anyLevel), anyLevel, (levels, last) => {
      const { config } = of(...levels, last);
      for (const name of ['schema', 'alias', 'materialized'])
        if (name in last) expect(config[name]).toEqual(last[name]);
      const tags = [...levels, last].flatMap((one) => (one['tags'] === undefined ? [] : [one['tags']]));
      expect(new Set(config['tags'] as string[])).toEqual(new Set(tags));
      expect(Object.keys(config['meta'] as object)).toEqual(
        expect.arrayContaining(Object.keys((last['meta'] as object) ?? {})),
      );
    }),
  );
});

test('law: every default is there', () => {
  fc.assert(
    fc.property(anyLevel, (one) => {
      expect(Object.keys(of(one).config)).toEqual(expect.arrayContaining(Object.keys(defaultConfig('models'))));
    }),
  );
});

test('folders in a tree that lead nowhere are told, the outermost once', () => {
  const project = reading(
    'models:\n  shop:\n    stagin: {+tags: a, deep: {+tags: b}}\n    staging: {+tags: c}\n    meta: {owner: ann}\n  shpo: {+tags: d}\n',
  );
  const found = unusedConfigPaths(project, [{ kind: 'models', fqn: ['shop', 'staging', 'stg_orders'] }]);
  expect(found.map(({ message, hint, severity }) => `${severity} ${message} → ${hint}`)).toEqual([
    'warning the configuration `models.shop.stagin` applies to nothing: there is no such folder or models name → did you mean `staging`?',
    'warning the configuration `models.shop.meta` applies to nothing: there is no such folder or models name → write `+meta` if it is a configuration',
    'warning the configuration `models.shpo` applies to nothing: there is no such folder or models name → did you mean `shop`?',
  ]);
});

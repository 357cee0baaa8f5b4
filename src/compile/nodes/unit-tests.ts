import { createHash } from 'node:crypto';
import { didYouMean } from '../../core/nearest.ts';
import type { Json } from '../../core/node-id.ts';
import type { JsonObject, Located, Package, UnitTestProperties } from '../../project/project.ts';
import { pythonRepr } from '../data-tests/python-repr.ts';
import type { UnitTestNode } from '../manifest.ts';
import { textList } from './columns.ts';
import type { Mutable } from './draft.ts';
import { fqnOf, insidePackage, type NodeFactory } from './node-factory.ts';

/** Unit tests; a model with versions gets one for each version that is not excluded. */
export function addUnitTests(factory: NodeFactory): void {
  const { draft } = factory;
  for (const owner of draft.world.project.packages)
    for (const entry of owner.properties.unitTests) {
      const { model, macro, args } = entry.value;
      if ((model === undefined) === (macro === undefined)) {
        draft.report({
          code: 'compile/unit-test-target',
          message: `the unit test \`${entry.value.name}\` needs a \`model\` or a \`macro\`${model === undefined ? '' : ', and has both'}`,
          at: entry.span(['name']),
        });
        continue;
      }
      if (args && macro === undefined)
        draft.report({
          code: 'compile/unit-test-target',
          message: `the unit test \`${entry.value.name}\` gives \`args\`, which only a macro has`,
          at: entry.span(['args']),
          hint: 'to give a model other variables, use `overrides: vars:`',
        });
      if (macro !== undefined) {
        addMacroTest(factory, owner, entry, macro);
        continue;
      }
      const models = [...draft.nodes.values()].filter(
        ({ node }) => node.resource_type === 'model' && node.name === model && node.package_name === owner.name,
      );
      const versioned = models.filter(({ node }) => node.version !== null);
      if (versioned.length === 0) {
        const tested = models[0]?.node.unique_id;
        if (tested === undefined) reportUnknownModel(factory, owner, entry, model ?? '');
        else addUnitTest(factory, owner, entry, { called: model ?? '', version: null, nodes: [tested], macros: [] });
        continue;
      }
      const { include, exclude } = entry.value.versions ?? {};
      for (const { node } of versioned) {
        const version = String(node.version);
        if (include && !include.map(String).includes(version)) continue;
        if (exclude?.map(String).includes(version)) continue;
        addUnitTest(factory, owner, entry, {
          called: model ?? '',
          version: node.version,
          nodes: [node.unique_id],
          macros: [],
        });
      }
    }
}

function reportUnknownModel(
  { draft }: NodeFactory,
  owner: Package,
  entry: Located<UnitTestProperties>,
  model: string,
): void {
  if ([...draft.disabled.keys()].some((id) => id === `model.${owner.name}.${model}`)) return;
  const names = [...draft.nodes.values()]
    .filter(({ node }) => node.resource_type === 'model')
    .map(({ node }) => node.name);
  draft.report({
    code: 'compile/unknown-ref',
    message: `the unit test \`${entry.value.name}\` is about a model \`${model}\`, which does not exist`,
    at: entry.span(['model']),
    hint: didYouMean(model, names),
  });
}

/** dql's own: a macro's text over given rows. */
function addMacroTest(factory: NodeFactory, owner: Package, entry: Located<UnitTestProperties>, macro: string): void {
  const { draft } = factory;
  const { library } = draft.world;
  const found = library.findDotted(macro, owner.name);
  if (found === undefined) {
    draft.report({
      code: 'compile/unknown-macro',
      message: `the unit test \`${entry.value.name}\` is about a macro \`${macro}\`, which does not exist`,
      at: entry.span(['macro']),
      hint: library.suggestion(macro, owner.name),
    });
    return;
  }
  addUnitTest(factory, owner, entry, {
    called: macro,
    version: null,
    nodes: [],
    macros: [found.id],
    args: (entry.value.args ?? {}) as JsonObject, // zod has checked the shape
  });
}

/** What a unit test is about. */
interface Target {
  readonly called: string;
  readonly version: string | number | null;
  readonly nodes: readonly string[];
  readonly macros: readonly string[];
  readonly args?: JsonObject;
}

function addUnitTest(
  factory: NodeFactory,
  owner: Package,
  entry: Located<UnitTestProperties>,
  { called, version, nodes, macros, args }: Target,
): void {
  const { draft } = factory;
  const { value } = entry;
  const inside = insidePackage(owner, entry.file);
  const path = inside.split('/').slice(1).join('/');
  const fqn = [...fqnOf(owner.name, path, called), value.name];
  const rendered = factory.texts.config('unit_tests', value.config, owner.name, () => entry.span(['config']));
  const { config } = factory.configs.for({
    kind: 'unit_tests',
    package: owner.name,
    fqn,
    properties: { rendered, unrendered: value.config ?? {} },
  });
  const given = (value.given ?? []).map((input, index) => ({
    input: input.input,
    ...rowsOf(factory, owner, input, () => entry.span(['given', index])),
  }));
  const expected = rowsOf(factory, owner, value.expect, () => entry.span(['expect']));
  const { materialized: _, ...unitTestConfig } = config;
  const suffix = version === null ? '' : `_v${version}`;
  const node: Mutable<UnitTestNode> = {
    unique_id: `unit_test.${owner.name}.${called}.${value.name}${suffix}`,
    resource_type: 'unit_test',
    name: value.name,
    package_name: owner.name,
    path,
    original_file_path: inside,
    fqn,
    description: factory.texts.describe(value.description, owner.name, () => entry.span(['description'])).text,
    meta: config.meta,
    tags: textList(config['tags']),
    model: called,
    ...(args === undefined ? {} : { args }),
    given,
    expect: expected,
    // zod has checked the shape; its inferred optional keys are what Json has no word for.
    overrides: (value.overrides as JsonObject | null | undefined) ?? null,
    depends_on: { macros, nodes },
    config: unitTestConfig,
    version,
    checksum: createHash('sha256')
      .update(
        [
          called,
          pythonRepr(given),
          pythonRepr({ ...expected }),
          JSON.stringify(value.overrides ?? null),
          ...(args === undefined ? [] : [JSON.stringify(args)]),
        ].join('|'),
      )
      .digest('hex'),
    created_at: factory.createdAt,
  };
  if (config.enabled === false) {
    draft.disable(node);
    return;
  }
  const earlier = draft.unitTests.get(node.unique_id);
  if (earlier === undefined) draft.unitTests.set(node.unique_id, { node, at: entry.span(['name']) });
  else draft.reportTwice(`the unit test \`${value.name}\``, entry.span(['name']), earlier.at);
}

interface WrittenRows {
  readonly rows?: Json | undefined;
  readonly format?: 'dict' | 'csv' | 'sql' | null | undefined;
  readonly fixture?: string | null | undefined;
}

/** Rows as written; a fixture's text takes their place. */
function rowsOf(
  factory: NodeFactory,
  owner: Package,
  { rows, format, fixture }: WrittenRows,
  at: () => ReturnType<Located<unknown>['span']>,
): UnitTestNode['expect'] {
  if (!fixture) return { rows: rows ?? [], format: format ?? 'dict', fixture: null };
  const file = owner.files.fixtures.find((candidate) => candidate.stem === fixture);
  const text = file === undefined ? undefined : 'file' in file ? file.file.text : file.data.text;
  if (text === undefined)
    factory.draft.report({
      code: 'compile/unknown-fixture',
      message: `there is no fixture \`${fixture}\``,
      at: at(),
      hint:
        didYouMean(
          fixture,
          owner.files.fixtures.map(({ stem }) => stem),
        ) ?? 'fixtures are .csv and .sql files in tests/fixtures',
    });
  const isSql = file !== undefined && 'file' in file;
  return { rows: text ?? '', format: format ?? (isSql ? 'sql' : 'csv'), fixture };
}

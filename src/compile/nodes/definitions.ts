/** Macros, docs blocks, groups, exposures, unit tests and what is only kept: everything that has no SQL of its own to parse. */
import { createHash } from 'node:crypto';
import { didYouMean } from '../../core/nearest.ts';
import type { Json } from '../../core/node-id.ts';
import { parseTemplate } from '../../jinja/jinja.ts';
import type { JsonObject, Located, Opaque, Package, UnitTestProperties } from '../../project/project.ts';
import { builtinMacros } from '../builtin-macros/builtin-macros.ts';
import { callInText } from '../data-tests/call-in-text.ts';
import { pythonRepr } from '../data-tests/python-repr.ts';
import type { Macro } from '../macros/macro-library.ts';
import type { ExposureNode, MacroNode, UnitTestNode } from '../manifest.ts';
import { isMap, textList } from './columns.ts';
import type { Draft, Mutable } from './draft.ts';
import { fqnOf, type NodeFactory, patchPath } from './node-factory.ts';
import { NodeEntries } from './property-entries.ts';

/** Parses the macro files of every package into the library. */
export function addMacros(draft: Draft): void {
  const { library, project } = draft.world;
  for (const macro of builtinMacros()) library.add(macro);
  for (const owner of project.packages)
    for (const { file, originalPath } of owner.files.macros) {
      const { value: template, diagnostics } = parseTemplate(file, {});
      draft.diagnostics.push(...diagnostics);
      for (const block of template?.blocks ?? []) {
        if (block.kind === 'docs' || block.kind === 'snapshot' || template === undefined) continue;
        const name =
          block.kind === 'test'
            ? `test_${block.name}`
            : block.kind === 'materialization'
              ? `materialization_${block.name}_${adapterOf(block.options)}`
              : block.name;
        const macro: Macro = {
          id: `macro.${owner.name}.${name}`,
          packageName: owner.name,
          name,
          block,
          template,
          originalPath,
        };
        const earlier = library.add(macro);
        if (earlier !== undefined) draft.reportTwice(`the ${block.kind} \`${block.name}\``, block.at, earlier.block.at);
      }
    }
}

const adapterOf = (options: JsonObject): string =>
  typeof options['adapter'] === 'string' ? options['adapter'] : 'default';

/** The manifest's macros, with what property files say about them. */
export function macroNodes(factory: NodeFactory): void {
  const { draft } = factory;
  const { library, project } = draft.world;
  const entries = new Map(
    project.packages.map((owner) => [owner.name, new NodeEntries(draft, 'macro', owner.properties.macros)] as const),
  );
  for (const macro of library.all()) {
    const owner = project.packages.find(({ name }) => name === macro.packageName);
    const entry =
      entries.get(macro.packageName)?.take(macro.name) ?? entries.get(macro.packageName)?.take(macro.block.name);
    const config =
      owner === undefined
        ? {}
        : factory.texts.config(entry?.value.config, owner.name, () => entry?.span(['config']) ?? macro.block.at);
    const text = (value: string | null | undefined, path: readonly (string | number)[]) =>
      factory.texts.describe(value, macro.packageName, () => entry?.span(path) ?? macro.block.at).text;
    const docs = isMap(config['docs']) ? config['docs'] : {};
    const node: Mutable<MacroNode> = {
      unique_id: macro.id,
      resource_type: 'macro',
      name: macro.name,
      package_name: macro.packageName,
      path: macro.originalPath,
      original_file_path: macro.originalPath,
      macro_sql: macro.block.text,
      depends_on: { macros: macrosOf(draft, macro) },
      description: text(entry?.value.description, ['description']),
      meta: isMap(config['meta']) ? config['meta'] : {},
      docs: {
        show: docs['show'] !== false,
        node_color: typeof docs['node_color'] === 'string' ? docs['node_color'] : null,
      },
      patch_path: entry === undefined || owner === undefined ? null : patchPath(project.packages, entry.file, owner),
      arguments: (entry?.value.arguments ?? []).map((argument, index) => ({
        name: argument.name,
        type: argument.type ?? null,
        description: text(argument.description, ['arguments', index, 'description']),
      })),
      created_at: factory.createdAt,
      supported_languages: macro.block.kind === 'materialization' ? languagesOf(macro.block.options) : null,
    };
    draft.macros.set(macro.id, node);
  }
  for (const [packageName, known] of entries) known.reportUnused(draft, library.namesIn(packageName));
}

const languagesOf = (options: JsonObject): readonly string[] => {
  const languages = textList(options['supported_languages']);
  return languages.length > 0 ? languages : ['sql'];
};

/** The macros a macro calls by name, dispatched implementations included. */
function macrosOf(draft: Draft, macro: Macro): readonly string[] {
  const { library } = draft.world;
  const found = new Set<string>();
  for (const call of macro.block.calls) {
    const called =
      call.name === 'adapter.dispatch'
        ? dispatched(draft, macro, call.positional, call.named)
        : library.findDotted(call.name, macro.packageName, macro.packageName);
    if (called !== undefined && called.id !== macro.id) found.add(called.id);
  }
  return [...found];
}

function dispatched(
  draft: Draft,
  macro: Macro,
  [name, namespace]: readonly (Json | undefined)[],
  named: Readonly<Record<string, Json | undefined>>,
): Macro | undefined {
  const wanted = name ?? named['macro_name'];
  const where = namespace ?? named['macro_namespace'] ?? null;
  if (typeof wanted !== 'string' || (where !== null && typeof where !== 'string')) return undefined;
  return draft.world.library.dispatch(wanted, where, macro.packageName, macro.packageName).macro;
}

/** `{% docs %}` blocks. */
export function addDocs(draft: Draft): void {
  const spans = new Map<string, Macro['block']['at']>();
  for (const owner of draft.world.project.packages)
    for (const { file, originalPath, path } of owner.files.docs) {
      if (!file.text.includes('{%')) continue;
      const { value: template, diagnostics } = parseTemplate(file, { docsOnly: true });
      draft.diagnostics.push(...diagnostics);
      for (const block of template?.blocks ?? []) {
        if (block.kind !== 'docs') continue;
        const id = `doc.${owner.name}.${block.name}`;
        const earlier = spans.get(id);
        if (earlier !== undefined) {
          draft.reportTwice(`the docs block \`${block.name}\``, block.at, earlier);
          continue;
        }
        spans.set(id, block.at);
        draft.docs.set(id, {
          unique_id: id,
          resource_type: 'doc',
          name: block.name,
          package_name: owner.name,
          path,
          original_file_path: originalPath,
          block_contents: block.body.trim(),
        });
      }
    }
}

export function addGroups(factory: NodeFactory): void {
  const { draft } = factory;
  const spans = new Map<string, ReturnType<Located<unknown>['span']>>();
  for (const owner of draft.world.project.packages)
    for (const entry of owner.properties.groups) {
      const { name, owner: people, description, config } = entry.value;
      const id = `group.${owner.name}.${name}`;
      const earlier = spans.get(id);
      if (earlier !== undefined) {
        draft.reportTwice(`the group \`${name}\``, entry.span(['name']), earlier);
        continue;
      }
      spans.set(id, entry.span(['name']));
      draft.groups.set(id, {
        unique_id: id,
        resource_type: 'group',
        name,
        package_name: owner.name,
        path: entry.file,
        original_file_path: entry.file,
        owner: ownerOf(people),
        description: description ?? null,
        config: factory.texts.config(config, owner.name, () => entry.span(['config'])),
      });
    }
}

/** zod lets an owner have any further keys; what YAML said is JSON. */
const ownerOf = (people: string | object): JsonObject =>
  typeof people === 'string' ? { name: people } : (people as JsonObject);

export function addExposures(factory: NodeFactory): void {
  const { draft } = factory;
  for (const owner of draft.world.project.packages)
    for (const entry of owner.properties.exposures) {
      const { value } = entry;
      const inside = insidePackage(owner, entry.file);
      const path = inside.split('/').slice(1).join('/');
      const fqn = fqnOf(owner.name, path, value.name);
      const rendered = factory.texts.config(value.config, owner.name, () => entry.span(['config']));
      const { config } = factory.configs.for({
        kind: 'exposures',
        package: owner.name,
        fqn,
        properties: { rendered, unrendered: value.config ?? {} },
      });
      const refs: ExposureNode['refs'][number][] = [];
      const sources: (readonly [string, string])[] = [];
      for (const [index, text] of (value.depends_on ?? []).entries()) {
        const call = callInText(text);
        if (call?.kind === 'ref') refs.push({ name: call.name, package: call.package, version: call.version });
        else if (call?.kind === 'source') sources.push([call.source, call.table]);
        else if (!/^\s*metric\(/.test(text))
          draft.report({
            code: 'compile/wrong-reference',
            message: `\`${text}\` is no reference`,
            at: entry.span(['depends_on', index]),
            hint: "write ref('orders') or source('shop', 'orders')",
          });
      }
      const { materialized: _, ...exposureConfig } = config;
      const node: Mutable<ExposureNode> = {
        unique_id: `exposure.${owner.name}.${value.name}`,
        resource_type: 'exposure',
        name: value.name,
        package_name: owner.name,
        path,
        original_file_path: inside,
        fqn,
        description: factory.texts.describe(value.description, owner.name, () => entry.span(['description'])).text,
        meta: config.meta,
        tags: textList(config['tags']),
        type: value.type,
        owner: { email: null, name: null, ...ownerOf(value.owner) },
        label: value.label ?? null,
        maturity: value.maturity ?? null,
        url: value.url ?? null,
        depends_on: { macros: [], nodes: [] },
        refs,
        sources,
        config: exposureConfig,
        created_at: factory.createdAt,
      };
      if (config.enabled === false) draft.disable(node);
      else {
        const earlier = draft.exposures.get(node.unique_id);
        if (earlier === undefined) draft.exposures.set(node.unique_id, { node, at: entry.span(['name']) });
        else draft.reportTwice(`the exposure \`${value.name}\``, entry.span(['name']), earlier.at);
      }
    }
}

/** Unit tests; a model with versions gets one for each version that is not excluded. */
export function addUnitTests(factory: NodeFactory): void {
  const { draft } = factory;
  for (const owner of draft.world.project.packages)
    for (const entry of owner.properties.unitTests) {
      const { model } = entry.value;
      const models = [...draft.nodes.values()].filter(
        ({ node }) => node.resource_type === 'model' && node.name === model && node.package_name === owner.name,
      );
      const versioned = models.filter(({ node }) => node.version !== null);
      if (versioned.length === 0) {
        addUnitTest(factory, owner, entry, models[0]?.node.unique_id, null);
        continue;
      }
      const { include, exclude } = entry.value.versions ?? {};
      for (const { node } of versioned) {
        const version = String(node.version);
        if (include && !include.map(String).includes(version)) continue;
        if (exclude?.map(String).includes(version)) continue;
        addUnitTest(factory, owner, entry, node.unique_id, node.version);
      }
    }
}

function addUnitTest(
  factory: NodeFactory,
  owner: Package,
  entry: Located<UnitTestProperties>,
  tested: string | undefined,
  version: string | number | null,
): void {
  const { draft } = factory;
  const { value } = entry;
  if (tested === undefined) {
    const disabled = [...draft.disabled.keys()].some((id) => id === `model.${owner.name}.${value.model}`);
    if (disabled) return;
    const names = [...draft.nodes.values()]
      .filter(({ node }) => node.resource_type === 'model')
      .map(({ node }) => node.name);
    draft.report({
      code: 'compile/unknown-ref',
      message: `the unit test \`${value.name}\` is about a model \`${value.model}\`, which does not exist`,
      at: entry.span(['model']),
      hint: didYouMean(value.model, names),
    });
    return;
  }
  const inside = insidePackage(owner, entry.file);
  const path = inside.split('/').slice(1).join('/');
  const fqn = [...fqnOf(owner.name, path, value.model), value.name];
  const rendered = factory.texts.config(value.config, owner.name, () => entry.span(['config']));
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
    unique_id: `unit_test.${owner.name}.${value.model}.${value.name}${suffix}`,
    resource_type: 'unit_test',
    name: value.name,
    package_name: owner.name,
    path,
    original_file_path: inside,
    fqn,
    description: factory.texts.describe(value.description, owner.name, () => entry.span(['description'])).text,
    meta: config.meta,
    tags: textList(config['tags']),
    model: value.model,
    given,
    expect: expected,
    // zod has checked the shape; its inferred optional keys are what Json has no word for.
    overrides: (value.overrides as JsonObject | null | undefined) ?? null,
    depends_on: { macros: [], nodes: [tested] },
    config: unitTestConfig,
    version,
    checksum: createHash('sha256')
      .update(
        [value.model, pythonRepr(given), pythonRepr({ ...expected }), JSON.stringify(value.overrides ?? null)].join(
          '|',
        ),
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

/** Metrics, semantic models, saved queries and functions: kept as written. */
export function addPassedThrough(draft: Draft): void {
  for (const owner of draft.world.project.packages) {
    const { metrics, semanticModels, savedQueries, functions } = owner.properties;
    keepAll(draft.passedThrough.metrics, 'metric', owner, metrics);
    keepAll(draft.passedThrough.semantic_models, 'semantic_model', owner, semanticModels);
    keepAll(draft.passedThrough.saved_queries, 'saved_query', owner, savedQueries);
    keepAll(draft.passedThrough.functions, 'function', owner, functions);
  }
}

function keepAll(into: Record<string, Json>, type: string, owner: Package, entries: readonly Located<Opaque>[]): void {
  for (const { value, file } of entries) {
    if (value.name === undefined) continue;
    const inside = insidePackage(owner, file);
    const path = inside.split('/').slice(1).join('/');
    into[`${type}.${owner.name}.${value.name}`] = {
      ...(value as JsonObject), // an opaque entry is what YAML said
      unique_id: `${type}.${owner.name}.${value.name}`,
      resource_type: type,
      package_name: owner.name,
      path,
      original_file_path: inside,
      fqn: fqnOf(owner.name, path, value.name),
    };
  }
}

const insidePackage = (owner: Package, file: string): string =>
  owner.folder === '' ? file : file.slice(owner.folder.length + 1);

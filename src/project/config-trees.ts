import type { z } from 'zod';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json } from '../core/node-id.ts';
import { isMap, type JsonMap } from './json.ts';
import type { ConfigKind, ConfigTree } from './project.ts';
import { coerced } from './schema/coerce.ts';
import { check, type Places } from './schema/issues.ts';
import { treeConfigs } from './schema/project-file.ts';
import type { YamlPath } from './yaml/yaml-file.ts';

export const CONFIG_KINDS: readonly ConfigKind[] = [
  'models',
  'seeds',
  'snapshots',
  'sources',
  'analyses',
  'data_tests',
  'unit_tests',
  'exposures',
  'metrics',
  'semantic-models',
  'saved-queries',
  'functions',
];

/** One level of a tree taken apart, dbt's way: a key is configuration if it begins with `+` or its value is no map. */
export function splitLevel(level: JsonMap): Level {
  let split = splits.get(level);
  if (split === undefined) {
    split = takenApart(level);
    splits.set(level, split);
  }
  return split;
}

interface Level {
  readonly config: JsonMap;
  readonly folders: Readonly<Record<string, JsonMap>>;
}

/** Ten thousand resources walk through the same few levels. */
const splits = new WeakMap<JsonMap, Level>();

function takenApart(level: JsonMap): Level {
  const config: Record<string, JsonMap[string]> = {};
  const folders: Record<string, JsonMap> = {};
  for (const [key, value] of Object.entries(level)) {
    if (key.startsWith('+')) config[key.slice(1)] = value;
    else if (isMap(value)) folders[key] = value;
    else config[key] = value;
  }
  return { config, folders };
}

/** The trees of a project file; `tests` counts as `data_tests`. */
export function configTrees(rendered: JsonMap, unrendered: JsonMap): Readonly<Record<ConfigKind, ConfigTree>> {
  const tree = (kind: ConfigKind): ConfigTree => {
    const older = kind === 'data_tests' ? 'tests' : kind;
    const of = (file: JsonMap): JsonMap => {
      const value = file[kind] ?? file[older];
      return isMap(value) ? value : {};
    };
    return { rendered: of(rendered), unrendered: of(unrendered) };
  };
  // Object.fromEntries forgets the literal keys; CONFIG_KINDS holds each of them once.
  return Object.fromEntries(CONFIG_KINDS.map((kind) => [kind, tree(kind)])) as Record<ConfigKind, ConfigTree>;
}

/** Texts that env_var() answered become the numbers and booleans their keys want; see `coerced`. */
export function coerceConfigTrees(rendered: JsonMap, written: JsonMap): JsonMap {
  const file: Record<string, Json> = { ...rendered };
  for (const key of [...CONFIG_KINDS, 'tests'] as const) {
    const [tree, source] = [rendered[key], written[key]];
    if (isMap(tree) && isMap(source))
      file[key] = coerceLevel(treeConfigs[key === 'tests' ? 'data_tests' : key], tree, source);
  }
  return file;
}

function coerceLevel(schema: z.ZodType, rendered: JsonMap, written: JsonMap): JsonMap {
  const level: Record<string, Json> = {};
  for (const [key, value] of Object.entries(rendered)) {
    const source = written[key] ?? null;
    const name = key.replace(/^\+/, '');
    if (!key.startsWith('+') && isMap(value)) level[key] = isMap(source) ? coerceLevel(schema, value, source) : value;
    else level[key] = coerced(schema, { [name]: value }, { [name]: source })[name] ?? null;
  }
  return level;
}

/** Checks every level of every tree of a rendered project file. */
export function checkConfigTrees(file: JsonMap, places: Places): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const key of [...CONFIG_KINDS, 'tests'] as const) {
    const tree = file[key];
    if (isMap(tree)) checkLevel(key === 'tests' ? 'data_tests' : key, tree, [key], places, diagnostics);
  }
  return diagnostics;
}

function checkLevel(kind: ConfigKind, level: JsonMap, path: YamlPath, places: Places, diagnostics: Diagnostic[]): void {
  const { config, folders } = splitLevel(level);
  if (Object.keys(config).length > 0) {
    // `+tags` and `tags` are one key to the schema, so a place is looked up under either spelling.
    const spelled = (inner: YamlPath): YamlPath => {
      const [key, ...rest] = inner.slice(path.length);
      if (typeof key !== 'string') return inner;
      return [...path, `+${key}` in level ? `+${key}` : key, ...rest];
    };
    const found = check(
      treeConfigs[kind],
      // `+grants: {+select: …}` marks keys to append to; the mark is no part of the name.
      withoutPlusInGrants(config),
      { span: (inner) => places.span(spelled(inner)), keySpan: (inner) => places.keySpan(spelled(inner)) },
      { what: `the ${kind} configuration`, path, templates: false },
    );
    diagnostics.push(...found);
  }
  for (const [folder, inner] of Object.entries(folders))
    checkLevel(kind, inner, [...path, folder], places, diagnostics);
}

function withoutPlusInGrants(config: JsonMap): JsonMap {
  const grants = config['grants'];
  if (!isMap(grants)) return config;
  return {
    ...config,
    grants: Object.fromEntries(Object.entries(grants).map(([key, value]) => [key.replace(/^\+/, ''), value])),
  };
}

import { type Checked, type Diagnostic, hasErrors } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import type { SourceFile } from '../core/source.ts';
import { readDataTest } from './data-test.ts';
import { isList, isMap, type JsonMap } from './json.ts';
import { normalize } from './normalize.ts';
import type { Located, PackageProperties } from './project.ts';
import { dataTestConfig } from './schema/configs.ts';
import { check, shown } from './schema/issues.ts';
import { type EntryKind, entrySchemas, propertyFile } from './schema/properties.ts';
import { readYaml, type YamlFile, type YamlPath } from './yaml/yaml-file.ts';

/** What an entry is called in messages. */
const NOUN: Readonly<Record<EntryKind, string>> = {
  models: 'model',
  sources: 'source',
  seeds: 'seed',
  snapshots: 'snapshot',
  analyses: 'analysis',
  macros: 'macro',
  data_tests: 'data test',
  unit_tests: 'unit test',
  exposures: 'exposure',
  groups: 'group',
  metrics: 'metric',
  semantic_models: 'semantic model',
  saved_queries: 'saved query',
  functions: 'function',
};

const KEYS: ReadonlySet<string> = new Set(Object.keys(propertyFile.shape));
const isEntryKind = (key: string): key is EntryKind => Object.hasOwn(entrySchemas, key);

type Found = { readonly [kind in EntryKind]: Located<JsonMap>[] };

/** What nobody knows harms nobody: in a package it is only warned of, and the rest of its entry counts. */
const UNKNOWN_KEY = 'project/unknown-key';

/** Reads and checks every property file of a package. Entries of a wrong shape are left out, so nothing downstream meets one. */
export function readPropertyFiles(files: readonly SourceFile[]): Checked<PackageProperties> {
  const diagnostics: Diagnostic[] = [];
  const found: Found = {
    models: [],
    sources: [],
    seeds: [],
    snapshots: [],
    analyses: [],
    macros: [],
    data_tests: [],
    unit_tests: [],
    exposures: [],
    groups: [],
    metrics: [],
    semantic_models: [],
    saved_queries: [],
    functions: [],
  };
  for (const file of files) {
    const yaml = readYaml(file);
    diagnostics.push(...yaml.diagnostics);
    if (yaml.value !== undefined) diagnostics.push(...readFile(yaml.value, found));
  }
  diagnostics.push(...describedTwice(found));
  return { value: trusted(found), diagnostics };
}

/** The one door where checked maps get their types: `check` has compared each with the schema its type is inferred from. */
function trusted(found: Found): PackageProperties {
  const {
    data_tests: dataTests,
    unit_tests: unitTests,
    semantic_models: semanticModels,
    saved_queries: savedQueries,
    ...rest
  } = found;
  return { ...rest, dataTests, unitTests, semanticModels, savedQueries } as unknown as PackageProperties;
}

function readFile(yaml: YamlFile, found: Found): readonly Diagnostic[] {
  const content = yaml.value;
  if (content === null) return [];
  if (!isMap(content)) {
    return [
      {
        code: 'project/wrong-value',
        severity: 'error',
        message: `a property file is a map with keys such as models and sources, but ${shown(content)} stands there`,
        at: yaml.span(),
      },
    ];
  }
  const diagnostics: Diagnostic[] = [];
  if ('tests' in content && 'data_tests' in content) diagnostics.push(bothSpellings(yaml, []));
  for (const [key, list] of Object.entries(content)) {
    if (!KEYS.has(key)) {
      diagnostics.push({
        code: 'project/unknown-key',
        severity: 'error',
        message: `\`${key}\` is not a key of a property file`,
        at: yaml.keySpan([key]),
        label: 'unknown key',
        hint: didYouMean(key, KEYS) ?? 'put YAML anchors and the like under `anchors:`',
      });
      continue;
    }
    if (key === 'version') {
      if (list !== 2 && list !== null && list !== '2') {
        diagnostics.push({
          code: 'project/wrong-value',
          severity: 'error',
          message: `the version of a property file is 2, but ${shown(list)} stands there`,
          at: yaml.span([key]),
          hint: 'write `version: 2` or leave it out',
        });
      }
      continue;
    }
    const kind = key === 'tests' ? 'data_tests' : key;
    if (!isEntryKind(kind) || list === null) continue;
    if (!isList(list)) {
      diagnostics.push({
        code: 'project/wrong-value',
        severity: 'error',
        message: `\`${key}\` is a list, but ${shown(list)} stands there`,
        at: yaml.span([key]),
        hint: `begin each ${NOUN[kind]} with a dash: \`- name: …\``,
      });
      continue;
    }
    for (const [index, entry] of list.entries()) {
      diagnostics.push(...readEntry(kind, entry, [key, index], yaml, found));
    }
  }
  return diagnostics;
}

function readEntry(kind: EntryKind, entry: Json, path: YamlPath, yaml: YamlFile, found: Found): readonly Diagnostic[] {
  const name = isMap(entry) && typeof entry['name'] === 'string' ? entry['name'] : undefined;
  const what = name === undefined ? `a ${NOUN[kind]}` : `${NOUN[kind]} \`${name}\``;
  const problems = [...check(entrySchemas[kind], entry, yaml, { what, path })];
  if (isMap(entry)) problems.push(...checkTests(entry, path, yaml, what));
  if (hasErrors(problems.filter(({ code }) => code !== UNKNOWN_KEY)) || !isMap(entry)) return problems;
  found[kind].push({
    value: normalize(kind, entry),
    file: yaml.file.path,
    span: (inside = []) => yaml.span([...path, ...inside]),
  });
  return problems;
}

/** Checks the shape and configuration of every test of an entry: its own, its columns', its versions', its tables'. */
function checkTests(entry: JsonMap, path: YamlPath, yaml: YamlFile, what: string): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (entry['tests'] !== undefined && entry['data_tests'] !== undefined) problems.push(bothSpellings(yaml, path));
  for (const key of ['data_tests', 'tests']) {
    const tests = entry[key];
    if (!isList(tests)) continue;
    for (const [index, item] of tests.entries()) {
      // A bare name has nothing to check; other scalars were refused by the schema.
      if (!isMap(item)) continue;
      problems.push(...checkTest(item, [...path, key, index], yaml, what));
    }
  }
  for (const key of ['columns', 'versions', 'tables']) {
    const inner = entry[key];
    if (!isList(inner)) continue;
    for (const [index, item] of inner.entries()) {
      if (isMap(item)) problems.push(...checkTests(item, [...path, key, index], yaml, what));
    }
  }
  return problems;
}

function checkTest(item: JsonMap, path: YamlPath, yaml: YamlFile, what: string): readonly Diagnostic[] {
  const test = readDataTest(item);
  if ('problem' in test) {
    return [
      {
        code: 'project/wrong-test',
        severity: 'error',
        message: `${test.problem} (${what})`,
        at: yaml.span(path),
        hint: test.hint,
      },
    ];
  }
  if (Object.keys(test.config).length === 0) return [];
  return check(dataTestConfig, test.config, yaml, {
    what: `the config of test \`${test.test}\``,
    path: [...path, ...test.configPath],
  });
}

const bothSpellings = (yaml: YamlFile, path: YamlPath): Diagnostic => ({
  code: 'project/both-spellings',
  severity: 'error',
  message: '`tests` and `data_tests` both stand here; they mean the same',
  at: yaml.keySpan([...path, 'tests']),
  hint: 'move everything under `data_tests`',
});

/** Two entries for one resource would contradict each other. */
function describedTwice(found: Found): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const kind of [
    'models',
    'seeds',
    'snapshots',
    'analyses',
    'macros',
    'data_tests',
    'exposures',
    'groups',
    'unit_tests',
  ] as const) {
    const first = new Map<string, Located<JsonMap>>();
    for (const entry of found[kind]) {
      const name =
        kind === 'unit_tests'
          ? `${String(entry.value['model'])}.${String(entry.value['name'])}`
          : String(entry.value['name']);
      const earlier = first.get(name);
      if (earlier === undefined) first.set(name, entry);
      else diagnostics.push(twice(`${NOUN[kind]} \`${name}\``, entry, ['name'], earlier));
    }
  }
  const tables = new Map<string, Located<JsonMap>>();
  for (const source of found.sources) {
    const list = source.value['tables'];
    for (const [index, table] of (isList(list) ? list : []).entries()) {
      const name = `${String(source.value['name'])}.${isMap(table) ? String(table['name']) : ''}`;
      const earlier = tables.get(name);
      if (earlier === undefined) tables.set(name, source);
      else diagnostics.push(twice(`source table \`${name}\``, source, ['tables', index, 'name'], earlier));
    }
  }
  return diagnostics;
}

const twice = (what: string, entry: Located<JsonMap>, path: YamlPath, earlier: Located<JsonMap>): Diagnostic => ({
  code: 'project/described-twice',
  severity: 'error',
  message: `${what} is described twice, here and in ${earlier.file}`,
  at: entry.span(path),
  label: 'second description',
  hint: 'merge the two entries into one',
});

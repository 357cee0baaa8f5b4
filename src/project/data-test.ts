import type { Json } from '../core/node-id.ts';
import { isMap, type JsonMap } from './json.ts';
import type { DataTestItem, JsonObject } from './project.ts';

/** One item of `data_tests:` in a single form. Values are as written; Jinja is not rendered. */
export interface DataTest {
  /** As written: `unique`, `dbt_utils.accepted_range`. */
  readonly test: string;
  /** A name of the user's own. */
  readonly name?: string;
  readonly description?: string;
  readonly arguments: JsonObject;
  readonly config: JsonObject;
  /** Path inside the item where the arguments are written, for spans; an argument may also stand one level up. */
  readonly argumentsPath: readonly string[];
  readonly configPath: readonly string[];
}

/** Keys that dbt reads as configuration when they stand beside the arguments. */
const CONFIG_BESIDE_ARGUMENTS = [
  'severity',
  'tags',
  'enabled',
  'where',
  'limit',
  'warn_if',
  'error_if',
  'fail_calc',
  'store_failures',
  'store_failures_as',
  'meta',
  'database',
  'schema',
  'alias',
  'group',
  'sql_header',
] as const;

/** Reads an item, or says in words why it is no test. */
export function readDataTest(item: DataTestItem): DataTest | { readonly problem: string; readonly hint?: string } {
  if (typeof item === 'string') return { test: item, arguments: {}, config: {}, argumentsPath: [], configPath: [] };
  const found = bodyOf(item);
  if ('problem' in found) return found;
  const { test, body, path } = found;
  const rest: Record<string, Json> = { ...body };
  const take = (key: string): Json | undefined => {
    const value = rest[key];
    delete rest[key];
    return value;
  };
  const name = take('name');
  const description = take('description');
  const config = take('config') ?? {};
  const named = take('arguments') ?? {};
  if (!isMap(config)) return { problem: `\`config\` of the test \`${test}\` is a map of settings` };
  if (!isMap(named)) return { problem: `\`arguments\` of the test \`${test}\` is a map of arguments` };
  if (name !== undefined && typeof name !== 'string') return { problem: `\`name\` of the test \`${test}\` is a text` };
  if (description !== undefined && description !== null && typeof description !== 'string') {
    return { problem: `\`description\` of the test \`${test}\` is a text` };
  }
  const beside: Record<string, Json> = {};
  for (const key of CONFIG_BESIDE_ARGUMENTS) {
    const value = take(key);
    if (value !== undefined) beside[key] = value;
  }
  const twice = Object.keys(beside).find((key) => key in config);
  if (twice !== undefined)
    return { problem: `\`${twice}\` of the test \`${test}\` is written twice, beside \`config\` and in it` };
  return {
    test,
    ...(name === undefined ? {} : { name }),
    ...(typeof description === 'string' ? { description } : {}),
    arguments: { ...named, ...rest },
    config: { ...beside, ...config },
    argumentsPath: 'arguments' in body ? [...path, 'arguments'] : path,
    configPath: 'config' in body ? [...path, 'config'] : path,
  };
}

type Body = { readonly test: string; readonly body: JsonMap; readonly path: readonly string[] };

function bodyOf(item: JsonMap): Body | { readonly problem: string; readonly hint?: string } {
  const explicit = item['test_name'];
  if (explicit !== undefined) {
    if (typeof explicit !== 'string') return { problem: '`test_name` is the name of a test' };
    const { test_name: _, ...body } = item;
    return { test: explicit, body, path: [] };
  }
  const keys = Object.keys(item);
  const [test] = keys;
  if (test === undefined) return { problem: 'this test has no name' };
  if (keys.length > 1) {
    return {
      problem: `a test is one name with its settings below it, but ${keys.map((key) => `\`${key}\``).join(', ')} stand side by side`,
      hint: `indent what belongs to \`${test}\` by two more spaces`,
    };
  }
  const body = item[test] ?? {};
  if (!isMap(body)) return { problem: `the settings of the test \`${test}\` are a map of arguments, name and config` };
  return { test, body, path: [test] };
}

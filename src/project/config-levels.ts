import type { Json } from '../core/node-id.ts';
import { splitLevel } from './config-trees.ts';
import { defaultConfig } from './default-config.ts';
import { isMap, type JsonMap, listOf } from './json.ts';
import type { ConfigKind, JsonObject, Package, Project } from './project.ts';

/** What one place says about a resource's configuration. */
export interface ConfigLevel {
  readonly from: 'project' | 'properties' | 'file' | 'root-project';
  readonly rendered: JsonObject;
  /** As written, for state:modified; the same as `rendered` where nothing was rendered. */
  readonly unrendered: JsonObject;
}

export interface Configurable {
  readonly kind: ConfigKind;
  /** Name of the resource's package. */
  readonly package: string;
  /** [package, folders…, name(, vN)] */
  readonly fqn: readonly string[];
  /** `config:` of the property file. */
  readonly properties?: Pick<ConfigLevel, 'rendered' | 'unrendered'> | undefined;
  /** `{{ config() }}` in the file. */
  readonly file?: Pick<ConfigLevel, 'rendered' | 'unrendered'> | undefined;
}

/** Levels in the order they apply: a later one wins. */
export interface ConfigLevels {
  readonly kind: ConfigKind;
  readonly levels: readonly ConfigLevel[];
}

/**
 * dbt's precedence: the tree of the resource's own package from root to leaf, its property file, its own config(), and for a
 * resource of an installed package the root project's tree once more.
 */
export function configFor(project: Project, resource: Configurable): ConfigLevels {
  const own = project.packages.find((candidate) => candidate.name === resource.package);
  const levels: ConfigLevel[] = own === undefined ? [] : treeLevels(own, resource, 'project');
  if (resource.properties !== undefined) levels.push({ from: 'properties', ...resource.properties });
  if (resource.file !== undefined) levels.push({ from: 'file', ...resource.file });
  if (own !== undefined && own !== project.root) levels.push(...treeLevels(project.root, resource, 'root-project'));
  return { kind: resource.kind, levels };
}

function treeLevels(owner: Package, { kind, fqn }: Configurable, from: 'project' | 'root-project'): ConfigLevel[] {
  const levels: ConfigLevel[] = [];
  let { rendered, unrendered }: { rendered: JsonMap; unrendered: JsonMap } = owner.configTrees[kind];
  for (let depth = 0; ; depth++) {
    const level = splitLevel(rendered);
    if (Object.keys(level.config).length > 0)
      levels.push({ from, rendered: level.config, unrendered: splitLevel(unrendered).config });
    const step = fqn[depth];
    const next = step === undefined || !Object.hasOwn(level.folders, step) ? undefined : level.folders[step];
    if (step === undefined || next === undefined) return levels;
    const written = unrendered[step];
    rendered = next;
    unrendered = isMap(written) ? written : {};
  }
}

/** How two levels of a key become one. Keys not named here: the later value replaces the earlier. */
const MERGED: Readonly<Record<string, (earlier: Json, later: Json) => Json>> = {
  tags: (earlier, later) => [...new Set([...listOf(earlier), ...listOf(later)])],
  packages: (earlier, later) => [...listOf(earlier), ...listOf(later)],
  'pre-hook': (earlier, later) => [...listOf(earlier), ...hooks(later)],
  'post-hook': (earlier, later) => [...listOf(earlier), ...hooks(later)],
  meta: update,
  quoting: update,
  column_types: update,
  docs: update,
  contract: update,
  grants: appendByKey,
};

/** Spellings of one key; the manifest's is on the right. */
const SPELLINGS: Readonly<Record<string, string>> = { pre_hook: 'pre-hook', post_hook: 'post-hook' };

/**
 * Merges levels with dbt's rules: tags, hooks and packages add up; meta, quoting, column_types, docs and contract are merged key by
 * key; grants replace a key's list, or extend it for `+key`; everything else is replaced. `null` takes back what was said so far.
 * `config` has every default filled in, `unrendered` only what somebody wrote.
 */
export function mergeConfig({ kind, levels }: ConfigLevels): {
  readonly config: JsonObject;
  readonly unrendered: JsonObject;
} {
  const defaults = defaultConfig(kind);
  const said = merge(levels.map((level) => level.rendered));
  const config: Record<string, Json> = { ...defaults };
  for (const [key, value] of Object.entries(said)) {
    if (value === null) config[key] = defaults[key] ?? null;
    else config[key] = MERGED[key]?.(empty(defaults[key]), value) ?? value;
  }
  return { config, unrendered: merge(levels.map((level) => level.unrendered)) };
}

/** Adding to the default: for lists that is nothing, for maps the default's keys stay. */
const empty = (value: Json | undefined): Json => (value === undefined || Array.isArray(value) ? [] : value);

function merge(levels: readonly JsonObject[]): JsonObject {
  const merged: Record<string, Json> = {};
  for (const level of levels) {
    for (const [written, value] of Object.entries(level)) {
      const key = SPELLINGS[written] ?? written;
      const rule = MERGED[key];
      merged[key] = value === null || rule === undefined ? value : rule(merged[key] ?? null, value);
    }
  }
  return merged;
}

function update(earlier: Json, later: Json): Json {
  return isMap(earlier) && isMap(later) ? { ...earlier, ...later } : later;
}

function appendByKey(earlier: Json, later: Json): Json {
  if (!isMap(later)) return later;
  const merged: Record<string, Json> = isMap(earlier) ? { ...earlier } : {};
  for (const [written, value] of Object.entries(later)) {
    const key = written.replace(/^\+/, '');
    const extend = key !== written;
    merged[key] = extend ? [...listOf(merged[key]), ...listOf(value)] : listOf(value);
  }
  return merged;
}

/** Hooks in one form: `{sql, transaction, index}`; dbt also takes the map as JSON text. */
function hooks(value: Json): readonly Json[] {
  return listOf(value).map((hook) => {
    const read = typeof hook === 'string' ? hookText(hook) : hook;
    return isMap(read) ? { transaction: true, index: null, ...read } : read;
  });
}

function hookText(text: string): JsonMap {
  if (!/^\s*\{\s*"/.test(text)) return { sql: text };
  try {
    const parsed: Json = JSON.parse(text);
    return isMap(parsed) && typeof parsed['sql'] === 'string' ? parsed : { sql: text };
  } catch {
    // Not JSON after all: SQL or Jinja that begins with a brace.
    return { sql: text };
  }
}

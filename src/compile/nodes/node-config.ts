import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json } from '../../core/node-id.ts';
import type { Span } from '../../core/source.ts';
import { checkConfig } from '../../project/check-config.ts';
import { configFor, mergeConfig } from '../../project/config-levels.ts';
import type { ConfigKind, JsonObject, Project } from '../../project/project.ts';
import type { NodeConfig } from '../manifest.ts';

export interface ConfigSources {
  readonly kind: ConfigKind;
  readonly package: string;
  readonly fqn: readonly string[];
  readonly properties?: { readonly rendered: JsonObject; readonly unrendered: JsonObject } | undefined;
  readonly file?: { readonly rendered: JsonObject; readonly unrendered: JsonObject } | undefined;
}

export interface MergedConfig {
  readonly config: NodeConfig;
  readonly unrendered: JsonObject;
}

const isEmpty = (map: JsonObject | undefined): boolean => {
  for (const _ in map) return false;
  return true;
};

const differing = (said: ConfigSources['file']): JsonObject | undefined =>
  said === undefined || said.rendered === said.unrendered ? undefined : said.unrendered;

/** Merges a node's configuration, remembering what whole folders have in common. */
export class NodeConfigs {
  private readonly project: Project;
  private readonly byFolder = new Map<string, MergedConfig>();
  private readonly namesInTrees: ReadonlySet<string>;

  constructor(project: Project) {
    this.project = project;
    this.namesInTrees = namesInTrees(project);
  }

  for(sources: ConfigSources): MergedConfig {
    const { fqn, kind, properties, file } = sources;
    if (this.namesInTrees.has(fqn.at(-1) ?? '')) return this.merge(sources);
    // No tree names this node, so it shares its folder's configuration with all that say the same.
    const said =
      isEmpty(properties?.rendered) && isEmpty(file?.rendered)
        ? ''
        : JSON.stringify([properties?.rendered, differing(properties), file?.rendered, differing(file)]);
    const key = `${kind}\0${sources.package}\0${fqn.slice(0, -1).join('\0')}\0${said}`;
    let merged = this.byFolder.get(key);
    if (merged === undefined) {
      merged = this.merge(sources);
      this.byFolder.set(key, merged);
    }
    return merged;
  }

  private merge({ kind, package: packageName, fqn, properties, file }: ConfigSources): MergedConfig {
    const levels = configFor(this.project, { kind, package: packageName, fqn, properties, file });
    const { config, unrendered } = mergeConfig(levels);
    // The defaults of every kind that has nodes hold `enabled`, `tags` and `meta`; checkConfig has checked what users wrote.
    return { config: { materialized: '', ...config } as NodeConfig, unrendered };
  }
}

/** Merges one config() call over earlier ones with dbt's rules, without defaults. */
export function mergeCalls(kind: ConfigKind, before: JsonObject, call: JsonObject): JsonObject {
  if (isEmpty(before) && !('tags' in call) && !HOOK_KEYS.some((key) => key in call)) return call;
  const level = (values: JsonObject) => ({ from: 'file', rendered: values, unrendered: values }) as const;
  return mergeConfig({ kind, levels: [level(before), level(call)] }).unrendered;
}

const HOOK_KEYS = ['pre_hook', 'post_hook', 'pre-hook', 'post-hook'];

/** Checks config() calls of a file; equal ones are checked once. */
export class CallChecker {
  private readonly seen = new Map<string, readonly Diagnostic[]>();

  check(kind: ConfigKind, values: JsonObject, at: Span, what: string): readonly Diagnostic[] {
    if (isEmpty(values)) return [];
    const key = `${kind}${JSON.stringify(values)}`;
    const known = this.seen.get(key);
    if (known !== undefined) return known.map((diagnostic) => ({ ...diagnostic, at }));
    const plain = Object.fromEntries(
      Object.entries(values).filter(([key, value]) => value !== null && !HOOK_KEYS.includes(key)),
    );
    const { diagnostics } = checkConfig(
      kind,
      { rendered: plain, written: plain },
      { span: () => at, keySpan: () => at },
      what,
    );
    this.seen.set(key, diagnostics);
    return diagnostics;
  }
}

/** Every key of the configuration trees that may be a folder or a node. */
function namesInTrees(project: Project): ReadonlySet<string> {
  const names = new Set<string>();
  const collect = (value: Json | undefined): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      names.add(key);
      collect(inner);
    }
  };
  for (const { configTrees } of project.packages)
    for (const { rendered } of Object.values(configTrees)) collect(rendered);
  return names;
}

import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json } from '../../core/node-id.ts';
import type { SourceFile, Span } from '../../core/source.ts';
import type {
  ColumnProperties,
  ConfigKind,
  ConstraintProperties,
  JsonObject,
  Located,
  Package,
  ResourceFile,
  Target,
} from '../../project/project.ts';
import type { GraphNode, NodeConfig } from '../manifest.ts';
import { type ParseContext, type ParseResult, parseSql, type SqlText, sha256 } from '../templates/parse-sql.ts';
import type { ParsedTemplate } from '../templates/parsed-template.ts';
import { blankNode } from './blank-node.ts';
import { manifestColumns, manifestConstraints } from './columns.ts';
import { type Draft, type DraftNode, fileSpan, type Mutable } from './draft.ts';
import { CallChecker, mergeCalls, NodeConfigs } from './node-config.ts';
import { PropertyTexts } from './property-text.ts';

/** What a property file may say about any node. */
export interface AnyProperties {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly config?: JsonObject | null | undefined;
  readonly columns?: readonly ColumnProperties[] | null | undefined;
  readonly constraints?: readonly ConstraintProperties[] | null | undefined;
}

export interface SqlNodeSpec {
  readonly kind: ConfigKind;
  readonly type: 'model' | 'analysis' | 'test' | 'snapshot' | 'operation';
  readonly package: Package;
  readonly name: string;
  readonly uniqueId: string;
  readonly path: string;
  readonly originalPath: string;
  readonly fqn: readonly string[];
  readonly sql: SqlText;
  readonly at: Span;
  readonly properties?: Located<AnyProperties> | undefined;
  /** Where in the property entry `properties` was found, for spans: `['versions', 1]`. */
  readonly propertiesPath?: readonly (string | number)[];
  /** What people call it in messages: `model`. */
  readonly what: string;
}

/** Makes nodes from files and property entries: parses, merges configuration, fills columns and descriptions. */
export class NodeFactory {
  readonly draft: Draft;
  readonly texts: PropertyTexts;
  readonly configs: NodeConfigs;
  private readonly calls = new CallChecker();
  private readonly worldHash: string;

  constructor(draft: Draft, worldHash: string) {
    this.draft = draft;
    this.texts = new PropertyTexts(draft);
    this.configs = new NodeConfigs(draft.world.project);
    this.worldHash = worldHash;
  }

  get createdAt(): number {
    return this.draft.world.options.generatedAt.getTime() / 1000;
  }

  /** A node with SQL of its own. */
  sqlNode(spec: SqlNodeSpec): DraftNode {
    const { kind, fqn, properties } = spec;
    const packageName = spec.package.name;
    const written = properties?.value.config ?? {};
    const rendered = this.texts.config(kind, written, packageName, () => this.place(spec, ['config']));
    const said = properties === undefined ? undefined : { rendered, unrendered: written };
    const configWith = (calls: JsonObject, unrendered: JsonObject = calls) =>
      this.configs.for({ kind, package: packageName, fqn, properties: said, file: { rendered: calls, unrendered } });
    const model = () => parseTimeModel(spec, this.draft.world.project.target, this.projectConfig(spec));
    const context: ParseContext = {
      world: this.draft.world,
      packageName,
      name: spec.name,
      model,
      config: (calls) => configWith(calls).config,
      merge: (before, call) => mergeCalls(kind, before, call),
      worldHash: this.worldHash,
      ...(spec.type === 'operation' ? { extra: NO_RESULTS } : {}),
    };
    const { parsed, diagnostics } = this.parse(spec.sql, context);
    const { config, unrendered } = configWith(parsed.config, parsed.unrenderedConfig);
    // Who does not want a part of a package need not give the variables that it reads.
    const isHeard = ({ code }: Diagnostic) => config.enabled || code !== 'compile/unknown-var';
    const wrong = this.calls.check(kind, parsed.config, this.configSpan(spec), `${spec.what} \`${spec.name}\``);
    const isOurs = spec.package === this.draft.world.project.root;
    this.draft.diagnostics.push(...diagnostics.filter(isHeard), ...(isOurs ? wrong : wrong.flatMap(forgiven)));
    const node = blankNode({
      resource_type: spec.type,
      unique_id: spec.uniqueId,
      name: spec.name,
      package_name: packageName,
      path: spec.path,
      original_file_path: spec.originalPath,
      fqn: spec.fqn,
      raw_code: spec.sql.text.trim(),
      checksum: { name: 'sha256', checksum: checksumOf(spec.sql.file.text) },
      config,
      unrendered_config: unrendered,
      created_at: this.createdAt,
    });
    const inHooks = hookTextsOf(config).map(
      (text) => this.parse({ file: spec.sql.file, text, offset: 0 }, context).parsed,
    );
    const hookRefs = inHooks.flatMap(({ refs }) => refs).filter(({ name }) => name !== spec.name);
    const hookSources = inHooks.flatMap(({ sources }) => sources);
    node.refs = [...parsed.refs, ...hookRefs].map(({ name, package: from, version }) => ({
      name,
      package: from,
      version,
    }));
    node.sources = [...parsed.sources, ...hookSources].map(({ source, table }) => [source, table] as const);
    this.describe(node, spec.package, properties, spec.propertiesPath);
    const span = ([start, end]: readonly [number, number]) => ({ file: spec.sql.file.path, start, end });
    return {
      node,
      at: spec.at,
      parsed,
      refSpans: [...parsed.refs.map((ref) => span(ref.at)), ...hookRefs.map(() => this.configSpan(spec))],
      sourceSpans: [
        ...parsed.sources.map((source) => span(source.at)),
        ...hookSources.map(() => this.configSpan(spec)),
      ],
      offset: spec.sql.offset + spec.sql.text.length - spec.sql.text.trimStart().length,
    };
  }

  /** What the project says of a node, without its own file and its entry. */
  private projectConfig({ kind, fqn, package: { name } }: SqlNodeSpec): NodeConfig {
    return this.configs.for({ kind, package: name, fqn, properties: undefined, file: { rendered: {}, unrendered: {} } })
      .config;
  }

  /** Description, columns, constraints and where they are written. */
  describe(
    node: Mutable<GraphNode>,
    owner: Package,
    properties: Located<AnyProperties> | undefined,
    path: readonly (string | number)[] = [],
  ): void {
    if (properties === undefined) return;
    const { value } = properties;
    const at = (inner: readonly (string | number)[]) => properties.span([...path, ...inner]);
    const description = this.texts.describe(value.description, owner.name, () => at(['description']));
    const columns = manifestColumns(value.columns, this.texts, owner.name, at);
    node.description = description.text;
    node.doc_blocks = [...new Set([...description.docs, ...columns.docs])];
    node.columns = columns.columns;
    node.constraints = manifestConstraints(value.constraints);
    node.patch_path = patchPath(this.draft.world.project.packages, properties.file, owner);
  }

  /** Facts of a piece of SQL: the last run's where they still hold, else parsed now. */
  private parse(sql: SqlText, context: ParseContext): ParseResult {
    const hash = sha256(sql.offset === 0 ? sql.text : `${sql.offset}\0${sql.text}`);
    const key = `${context.packageName}\0${sql.file.path}\0${hash}`;
    const known = this.draft.world.options.reuse?.get(key);
    const result =
      known !== undefined && this.stillHolds(known) ? { parsed: known, diagnostics: [] } : parseSql(sql, hash, context);
    // What went wrong must be said again next time, so files with errors are parsed again.
    if (result.diagnostics.length === 0) this.draft.parsedTemplates.set(key, result.parsed);
    return result;
  }

  private stillHolds(known: ParsedTemplate): boolean {
    if (known.world === '') return true;
    const { environment } = this.draft.world.project;
    return (
      known.world === this.worldHash &&
      Object.entries(known.envRead).every(([name, value]) => (environment[name] ?? null) === value)
    );
  }

  private place(spec: SqlNodeSpec, path: readonly (string | number)[]): Span {
    return spec.properties?.span([...(spec.propertiesPath ?? []), ...path]) ?? spec.at;
  }

  private configSpan({ sql }: SqlNodeSpec): Span {
    const call = /\bconfig\s*\(/.exec(sql.text);
    const start = sql.offset + (call?.index ?? 0);
    return { file: sql.file.path, start, end: start + (call === null ? 0 : 'config'.length) };
  }
}

/** What a node's hooks read it depends on, as in dbt. What is wrong in them is told when they run. */
const hookTextsOf = (config: NodeConfig): readonly string[] =>
  [config['pre-hook'], config['post-hook']]
    .flat()
    .flatMap((hook: unknown) => (typeof hook === 'object' && hook !== null && 'sql' in hook ? String(hook.sql) : []))
    .filter((text) => text.includes('{'));

/** A user cannot repair an installed package. */
function forgiven(diagnostic: Diagnostic): readonly Diagnostic[] {
  if (diagnostic.code === 'project/other-engine') return [];
  if (diagnostic.code !== 'project/unknown-key') return [diagnostic];
  return [{ ...diagnostic, code: 'project/unknown-key-in-package', severity: 'warning' }];
}

/** A project's default `where` is for generic tests, as in dbt: a query of its own may read nothing that has such a column. */
export function dropInheritedWhere({ node, parsed }: DraftNode, said: object | null | undefined): void {
  const isOwn = [parsed?.config, said].some((config) => config && 'where' in config);
  if (!isOwn && typeof node.config['where'] === 'string') node.config = { ...node.config, where: null };
}

/** What on-run hooks see before anything ran. */
export const NO_RESULTS = { results: [], schemas: [], database_schemas: [] } as const;

/** A file's checksum as dbt writes it, so that either's manifest can be the other's `--state`: blank ends do not count. */
export const checksumOf = (text: string): string => sha256(text.trim());

export const wholeFile = (file: SourceFile): SqlText => ({ file, text: file.text, offset: 0 });

/** `[package, folders…, name]` from a path inside the resource folder. */
export const fqnOf = (packageName: string, path: string, name: string): readonly string[] => [
  packageName,
  ...path.split('/').slice(0, -1),
  name,
];

export function patchPath(packages: readonly Package[], file: string, owner: Package): string {
  const from = packages.find(({ folder }) => folder !== '' && file.startsWith(`${folder}/`)) ?? packages[0] ?? owner;
  return `${from.name}://${from.folder === '' ? file : file.slice(from.folder.length + 1)}`;
}

export const resourceSpan = (resource: ResourceFile): Span => fileSpan(resource.file.path);

/** What a template knows of its node while it is read: not yet what its own config() calls and its entry say, as in dbt. */
function parseTimeModel(spec: SqlNodeSpec, target: Target, config: NodeConfig): Json {
  const { database, schema } = target;
  return {
    unique_id: spec.uniqueId,
    resource_type: spec.type,
    name: spec.name,
    alias: spec.name,
    database,
    schema,
    package_name: spec.package.name,
    path: spec.path,
    original_file_path: spec.originalPath,
    fqn: spec.fqn,
    raw_code: spec.sql.text,
    language: 'sql',
    config,
    tags: config.tags,
    meta: config.meta,
  };
}

/** A path relative to the project as a path inside the package. */
export const insidePackage = (owner: Package, file: string): string =>
  owner.folder === '' ? file : file.slice(owner.folder.length + 1);

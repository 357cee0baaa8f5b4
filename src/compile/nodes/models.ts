import { didYouMean } from '../../core/nearest.ts';
import type { Json } from '../../core/node-id.ts';
import type { Located, ModelProperties, ModelVersion, Package, ResourceFile } from '../../project/project.ts';
import { isMap, versionColumns } from './columns.ts';
import { type AnyProperties, fqnOf, type NodeFactory, resourceSpan, wholeFile } from './node-factory.ts';
import type { NodeEntries } from './property-entries.ts';

interface VersionEntry {
  readonly properties: Located<ModelProperties>;
  readonly version: ModelVersion;
  readonly index: number;
  readonly latest: string | number;
}

/** Models of a package, with their versions. */
export function addModels(factory: NodeFactory, owner: Package, entries: NodeEntries<ModelProperties>): void {
  const versions = versionsByStem(factory, owner, entries);
  for (const file of owner.files.models) {
    const version = versions.get(file.stem);
    if (version === undefined) addModel(factory, owner, file, entries.take(file.stem));
    else addVersion(factory, owner, file, version);
  }
}

function addModel(
  factory: NodeFactory,
  owner: Package,
  file: ResourceFile,
  properties: Located<ModelProperties> | undefined,
): void {
  const draft = factory.sqlNode({
    kind: 'models',
    type: 'model',
    what: 'model',
    package: owner,
    name: file.stem,
    uniqueId: `model.${owner.name}.${file.stem}`,
    path: file.path,
    originalPath: file.originalPath,
    fqn: fqnOf(owner.name, file.path, file.stem),
    sql: wholeFile(file.file),
    at: resourceSpan(file),
    properties,
  });
  draft.node.deprecation_date = properties?.value.deprecation_date ?? null;
  draft.node.time_spine = timeSpine(properties?.value);
  factory.draft.addNode(draft, 'model');
}

function addVersion(factory: NodeFactory, owner: Package, file: ResourceFile, entry: VersionEntry): void {
  const { properties, version, index, latest } = entry;
  const { name } = properties.value;
  const path = ['versions', index] as const;
  const config = { ...properties.value.config, ...version.config };
  const value: AnyProperties = {
    name,
    description: version.description ?? properties.value.description,
    config,
    columns: versionColumns(properties.value.columns ?? [], version.columns),
    constraints: version.constraints ?? properties.value.constraints,
  };
  const draft = factory.sqlNode({
    kind: 'models',
    type: 'model',
    what: 'model',
    package: owner,
    name,
    uniqueId: `model.${owner.name}.${name}.v${version.v}`,
    path: file.path,
    originalPath: file.originalPath,
    fqn: [...fqnOf(owner.name, file.path, name), `v${version.v}`],
    sql: wholeFile(file.file),
    at: resourceSpan(file),
    properties: { ...properties, value },
    propertiesPath: path,
  });
  draft.node.version = version.v;
  draft.node.latest_version = latest;
  draft.node.deprecation_date = version.deprecation_date ?? properties.value.deprecation_date ?? null;
  draft.node.time_spine = timeSpine(properties.value);
  factory.draft.addNode(draft, 'model version');
}

/** Which file holds which version: `defined_in`, else `<name>_v<v>`, else for the latest version the plain name. */
function versionsByStem(
  factory: NodeFactory,
  owner: Package,
  entries: NodeEntries<ModelProperties>,
): ReadonlyMap<string, VersionEntry> {
  const stems = new Set(owner.files.models.map((file) => file.stem));
  const found = new Map<string, VersionEntry>();
  for (const properties of entries.all()) {
    const { name, versions } = properties.value;
    if (!versions || versions.length === 0) continue;
    entries.take(name);
    const latest = properties.value.latest_version ?? latestOf(versions);
    for (const [index, version] of versions.entries()) {
      const wanted = version.defined_in ?? `${name}_v${version.v}`;
      const stem = stems.has(wanted) || String(version.v) !== String(latest) ? wanted : name;
      if (stems.has(stem)) found.set(stem, { properties, version, index, latest });
      else
        factory.draft.report({
          code: 'compile/missing-version-file',
          severity: 'warning',
          message: `version ${version.v} of the model \`${name}\` has no file \`${wanted}.sql\``,
          at: properties.span(['versions', index]),
          hint: didYouMean(wanted, stems) ?? 'name the file with `defined_in:`',
        });
    }
    if (!versions.some((version) => String(version.v) === String(latest)))
      factory.draft.report({
        code: 'compile/unknown-version',
        message: `\`latest_version: ${latest}\` of the model \`${name}\` is none of its versions`,
        at: properties.span(['latest_version']),
        hint: `its versions are ${versions.map((version) => version.v).join(', ')}`,
      });
  }
  return found;
}

/** The highest version: as numbers when all are, else as text. */
export function latestOf(versions: readonly ModelVersion[]): string | number {
  const all = versions.map((version) => version.v);
  const numeric = all.every((v) => Number.isFinite(Number(v)));
  return all.reduce((best, v) => ((numeric ? Number(v) > Number(best) : String(v) > String(best)) ? v : best));
}

function timeSpine(said: ModelProperties | undefined): Json {
  const written = said?.time_spine as Json | undefined; // an opaque entry is what YAML said
  return isMap(written) ? { custom_granularities: [], ...written } : null;
}

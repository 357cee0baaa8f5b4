/** Seeds, snapshots, analyses, singular tests and hooks: what else has a place of its own beside models. */
import { parseTemplate } from '../../jinja/jinja.ts';
import type {
  AnalysisProperties,
  Located,
  Package,
  SeedProperties,
  SingularTestProperties,
  SnapshotProperties,
} from '../../project/project.ts';
import { callInText } from '../data-tests/call-in-text.ts';
import { blankNode } from './blank-node.ts';
import { fileSpan, ownId } from './draft.ts';
import { checksumOf, dropInheritedWhere, fqnOf, type NodeFactory, resourceSpan, wholeFile } from './node-factory.ts';
import type { NodeEntries } from './property-entries.ts';

/** Files above this size are told apart by their path, as in dbt. */
const LARGEST_HASHED_SEED = 1024 * 1024;

export function addSeeds(factory: NodeFactory, owner: Package, entries: NodeEntries<SeedProperties>): void {
  const { project } = factory.draft.world;
  for (const { data, stem, path, originalPath } of owner.files.seeds) {
    if (!originalPath.endsWith('.csv')) continue;
    const properties = entries.take(stem);
    const fqn = fqnOf(owner.name, path, stem);
    const written = properties?.value.config ?? {};
    const rendered = factory.texts.config(
      'seeds',
      written,
      owner.name,
      () => properties?.span(['config']) ?? fileSpan(data.path),
    );
    const { config, unrendered } = factory.configs.for({
      kind: 'seeds',
      package: owner.name,
      fqn,
      properties: properties === undefined ? undefined : { rendered, unrendered: written },
    });
    const large = data.bytes > LARGEST_HASHED_SEED;
    const node = blankNode({
      resource_type: 'seed',
      unique_id: `seed.${owner.name}.${stem}`,
      name: stem,
      package_name: owner.name,
      path,
      original_file_path: originalPath,
      fqn,
      raw_code: '',
      checksum: large
        ? { name: 'path', checksum: originalPath }
        : { name: 'sha256', checksum: data.text === undefined ? data.checksum : checksumOf(data.text) },
      config,
      unrendered_config: unrendered,
      created_at: factory.createdAt,
    });
    node.root_path = [project.folder, owner.folder].filter((part) => part !== '').join('/');
    factory.describe(node, owner, properties);
    factory.draft.addNode({ node, at: fileSpan(data.path), parsed: null, refSpans: [], sourceSpans: [] }, 'seed');
  }
}

export function addAnalyses(factory: NodeFactory, owner: Package, entries: NodeEntries<AnalysisProperties>): void {
  for (const file of owner.files.analyses) {
    const path = `analysis/${file.path}`;
    const draft = factory.sqlNode({
      kind: 'analyses',
      type: 'analysis',
      what: 'analysis',
      package: owner,
      name: file.stem,
      uniqueId: `analysis.${owner.name}.${file.stem}`,
      path,
      originalPath: file.originalPath,
      fqn: fqnOf(owner.name, path, file.stem),
      sql: wholeFile(file.file),
      at: resourceSpan(file),
      properties: entries.take(file.stem),
    });
    factory.draft.addNode(draft, 'analysis');
  }
}

export function addSingularTests(
  factory: NodeFactory,
  owner: Package,
  entries: NodeEntries<SingularTestProperties>,
): void {
  for (const file of owner.files.singularTests) {
    const properties = entries.take(file.stem);
    const draft = factory.sqlNode({
      kind: 'data_tests',
      type: 'test',
      what: 'test',
      package: owner,
      name: file.stem,
      uniqueId: `test.${owner.name}.${file.stem}`,
      path: file.path,
      originalPath: file.originalPath,
      fqn: fqnOf(owner.name, file.path, file.stem),
      sql: wholeFile(file.file),
      at: resourceSpan(file),
      properties,
    });
    dropInheritedWhere(draft, properties?.value.config);
    const id = ownId(draft.node.config);
    if (id !== undefined) draft.node.unique_id = `test.${owner.name}.${id}`;
    factory.draft.addNode(draft, 'test');
  }
}

/** Snapshots written as blocks in files, and those written as YAML with a `relation:`. */
export function addSnapshots(factory: NodeFactory, owner: Package, entries: NodeEntries<SnapshotProperties>): void {
  for (const file of owner.files.snapshots) {
    const { value: template, diagnostics } = parseTemplate(file.file, {});
    factory.draft.diagnostics.push(...diagnostics);
    for (const block of template?.blocks ?? []) {
      if (block.kind !== 'snapshot') continue;
      const path = file.path;
      const draft = factory.sqlNode({
        kind: 'snapshots',
        type: 'snapshot',
        what: 'snapshot',
        package: owner,
        name: block.name,
        uniqueId: `snapshot.${owner.name}.${block.name}`,
        path,
        originalPath: file.originalPath,
        fqn: [...fqnOf(owner.name, path, file.stem), block.name],
        sql: { file: file.file, text: block.body, offset: block.bodyStart },
        at: block.at,
        properties: entries.take(block.name),
      });
      factory.draft.addNode(draft, 'snapshot');
    }
  }
  for (const entry of entries.all()) if (entry.value.relation) addYamlSnapshot(factory, owner, entry, entries);
}

function addYamlSnapshot(
  factory: NodeFactory,
  owner: Package,
  entry: Located<SnapshotProperties>,
  entries: NodeEntries<SnapshotProperties>,
): void {
  const { name, relation } = entry.value;
  const call = callInText(relation ?? '');
  if (call === undefined || call.kind === 'this') {
    factory.draft.report({
      code: 'compile/wrong-snapshot-relation',
      message: `the relation of the snapshot \`${name}\` is no reference`,
      at: entry.span(['relation']),
      hint: "write ref('orders') or source('shop', 'orders')",
    });
    return;
  }
  entries.take(name);
  const inside = owner.folder === '' ? entry.file : entry.file.slice(owner.folder.length + 1);
  const path = inside.split('/').slice(1).join('/');
  const sql = `select * from {{ ${relation} }}`;
  const draft = factory.sqlNode({
    kind: 'snapshots',
    type: 'snapshot',
    what: 'snapshot',
    package: owner,
    name,
    uniqueId: `snapshot.${owner.name}.${name}`,
    path: path.replace(/[^/]*$/, `${name}.sql`),
    originalPath: inside,
    fqn: fqnOf(owner.name, path, name),
    sql: wholeFile({ path: entry.file, text: sql }),
    at: entry.span(['name']),
    properties: entry,
  });
  // The text stands in YAML, so its offsets mean nothing there.
  const spans = { refSpans: [entry.span(['relation'])], sourceSpans: [entry.span(['relation'])] };
  factory.draft.addNode({ ...draft, ...spans }, 'snapshot');
}

/** `on-run-start` and `on-run-end` as operations: `operation.shop.shop-on-run-start-0`. */
export function addHooks(factory: NodeFactory, owner: Package): void {
  const { onRunStart, onRunEnd } = owner.settings;
  for (const [when, hooks] of [
    ['on-run-start', onRunStart],
    ['on-run-end', onRunEnd],
  ] as const)
    for (const [index, text] of hooks.entries()) {
      const name = `${owner.name}-${when}-${index}`;
      const at = owner.file.span([when, index]);
      const path = `hooks/${name}.sql`;
      const draft = factory.sqlNode({
        kind: 'models',
        type: 'operation',
        what: 'hook',
        package: owner,
        name,
        uniqueId: `operation.${owner.name}.${name}`,
        path,
        originalPath: './dbt_project.yml',
        fqn: fqnOf(owner.name, path, name),
        sql: wholeFile({ path: owner.file.file, text }),
        at,
      });
      const { node } = draft;
      node.config = { ...node.config, materialized: 'view' };
      node.tags = [when];
      node.checksum = { name: 'sha256', checksum: checksumOf(text) };
      factory.draft.addNode(
        { ...draft, refSpans: draft.refSpans.map(() => at), sourceSpans: draft.sourceSpans.map(() => at) },
        'hook',
      );
    }
}

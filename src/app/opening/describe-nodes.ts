import type { Compiler } from '../../compile/compile.ts';
import { type GraphNode, type Manifest, nodeOf } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { type Path, positionAt, type SourceFile, type Span } from '../../core/source.ts';
import type { Describe, NodeDescription } from '../../report/describe.ts';

/**
 * What reporters may know of a node, looked up in the manifest when asked.
 * @param database the target's own: relations elsewhere are told with theirs
 */
export function describeNodes(
  manifest: Manifest,
  database: string,
  targetPath: string,
  placeOf: Compiler['placeOf'],
  files: readonly SourceFile[],
): Describe {
  const texts = new Map<Path, string>();
  const textOf = (path: Path): string | undefined => {
    if (texts.size === 0) for (const file of files) texts.set(file.path, file.text);
    return texts.get(path);
  };
  return (id) => {
    const facts = factsOf(manifest, database, id, targetPath);
    if (!facts) return undefined;
    let found: Placed | undefined;
    // Looked up only when it is asked for: there are many tests, and finding a place in YAML takes time.
    const place = () => {
      found ??= placed(placeOf(id), facts.file, textOf);
      return found;
    };
    const { file: _, ...description } = facts;
    return {
      ...description,
      get path() {
        return place().path;
      },
      get line() {
        return place().line;
      },
      get column() {
        return place().column;
      },
    };
  };
}

type Placed = Pick<NodeDescription, 'path' | 'line' | 'column'>;

/** The file below the project's folder, of a package's node, too; the line where it is one of many in its file. */
function placed(at: Span | undefined, file: Path, textOf: (path: Path) => string | undefined): Placed {
  const text = at === undefined || at.end === 0 ? undefined : textOf(at.file);
  return at === undefined || text === undefined
    ? { path: at?.file ?? file }
    : { path: at.file, ...positionAt(text, at.start) };
}

function factsOf(
  manifest: Manifest,
  database: string,
  id: NodeId,
  targetPath: string,
): (NodeDescription & { readonly file: Path }) | undefined {
  const node = nodeOf(manifest, id);
  if (!node) return undefined;
  const parents = manifest.parent_map[id] ?? [];
  const common = {
    name: node.name,
    kind: node.resource_type,
    file: node.original_file_path,
    parents,
    owner: ownerOf(manifest, id),
  };
  if (node.resource_type === 'source')
    return { ...common, name: `${node.source_name}.${node.name}`, relation: `${node.schema}.${node.identifier}` };
  if (node.resource_type === 'exposure') return common;
  if (node.resource_type === 'unit_test') return { ...common, tests: node.depends_on.nodes[0] };
  const isTest = node.resource_type === 'test';
  return {
    ...common,
    materialized: isTest ? undefined : node.config.materialized,
    relation: isTest || node.relation_name === null ? undefined : relationText(node, database),
    compiledPath: !COMPILED.includes(node.resource_type)
      ? undefined
      : `${targetPath}/compiled/${node.package_name}/${compiledFile(node)}`,
    tests: isTest ? (node.attached_node ?? parents[0]) : undefined,
    testedColumn: node.column_name ?? undefined,
    check: node.test_metadata?.name,
    ...(isTest ? wordsOf(node) : {}),
    severity: isTest ? severityOf(String(node.config['severity'] ?? 'error')) : undefined,
  };
}

/** What the project says about a test, in whichever place. */
export const wordsOf = ({ description, config, meta }: GraphNode) => ({
  description: [description, config['description']].find(isText),
  hint: [config['hint'], meta['hint']].find(isText),
});
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What leaves SQL in `target/compiled`. */
const COMPILED: readonly string[] = ['model', 'test', 'snapshot', 'analysis'];

/** `main.orders`, or, where it lies in another database than the target's own, `lake.main.orders`. */
export const relationText = (node: Pick<GraphNode, 'database' | 'schema' | 'alias'>, database: string): string =>
  [...(node.database === database ? [] : [node.database]), node.schema, node.alias].join('.');

/** Generic tests and snapshots may live in YAML: dbt gives each a file of its own below it. */
export const compiledFile = ({ original_file_path, path }: Pick<GraphNode, 'original_file_path' | 'path'>): string =>
  /\.ya?ml$/.test(original_file_path) ? `${original_file_path}/${path}` : original_file_path;

function ownerOf(manifest: Manifest, id: NodeId): string | undefined {
  const node = manifest.nodes[id];
  const owner = node?.meta['owner'] ?? node?.config['owner'];
  if (typeof owner === 'string') return owner;
  const group = Object.values(manifest.groups).find((candidate) => candidate.name === node?.group);
  const name = group?.owner['name'] ?? group?.owner['email'];
  return typeof name === 'string' ? name : undefined;
}

function severityOf(text: string): 'error' | 'warn' | 'info' {
  const severity = text.toLowerCase();
  return severity === 'warn' || severity === 'info' ? severity : 'error';
}

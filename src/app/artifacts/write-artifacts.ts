/** Writes what a command leaves in target/: dbt's artifacts, the compiled SQL, and what the next command can use. */
import { relative } from 'node:path';
import type { Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { type FileToWrite, writeTarget } from '../../disk/write-target.ts';
import { publicName, versionName } from '../../ledger/names.ts';
import type { NodeFacts } from '../../plan/fingerprint.ts';
import type { RunResults } from '../../run/results.ts';
import { publicCompiler, withBranches } from '../opening/branches.ts';
import { compiledFile } from '../opening/describe-nodes.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { type FactsCache, factsFile } from '../opening/parsed-sql.ts';
import { dbtManifest } from './dbt-manifest.ts';
import { runResultsFile } from './run-results.ts';

export interface RunArtifacts {
  readonly opened: OpenedProject;
  readonly results: RunResults;
  readonly facts: ReadonlyMap<NodeId, NodeFacts>;
  /** Written when it grew. */
  readonly cache: FactsCache | undefined;
}

/** Answers what it wrote. */
export function writeRunArtifacts({ opened, results, facts, cache }: RunArtifacts): readonly FileToWrite[] {
  const compiled = new Map<NodeId, string>();
  for (const [id, { publicSql }] of facts)
    if (publicSql !== undefined && opened.manifest.nodes[id]?.resource_type !== 'seed') compiled.set(id, publicSql);
  for (const result of results.results)
    if (result.compiled_code !== null && opened.manifest.nodes[result.unique_id]?.resource_type === 'test')
      compiled.set(result.unique_id, result.compiled_code);
  const late = results.results.filter(
    ({ unique_id: id, compiled_code: code }) => code !== null && facts.has(id) && !compiled.has(id),
  );
  if (late.length > 0) {
    const named = withPublicNames(opened.manifest);
    for (const { unique_id: id, compiled_code: code } of late)
      if (code !== null && opened.manifest.nodes[id]?.resource_type !== 'seed') compiled.set(id, named(code));
  }
  // A test runs as it was compiled: its one file is in `compiled`.
  const executed = results.results.flatMap((result) =>
    result.compiled_code === null || opened.manifest.nodes[result.unique_id]?.resource_type === 'test'
      ? []
      : [fileOf(opened, 'run', result.unique_id, result.compiled_code)].flat(),
  );
  const files = [
    ...compiledFiles(opened, compiled),
    ...executed,
    manifestFile(opened, compiled),
    ...opened.learnt(),
    runResultsFile(results),
    ...(cache ? [factsFile(cache)] : []),
  ];
  writeTarget(opened.targetFolder, files);
  return files;
}

/** SQL of a node that was rendered at its turn, over versions of that run, as readers would write it. */
function withPublicNames({ nodes }: Manifest): (sql: string) => string {
  const names = new Map<string, string>();
  for (const node of Object.values(nodes))
    if (node.relation_name !== null) names.set(versionName(node, 0).replace(NUMBER, ''), publicName(node));
  return (sql) => sql.replace(VERSION, (object) => names.get(object.replace(NUMBER, '')) ?? object);
}

const NUMBER = /\d+"$/;
const VERSION = /"(?:[^"]|"")+"\."_dql"\."(?:[^"]|"")+@\d+"/g;

export const manifestFile = (opened: OpenedProject, compiled: ReadonlyMap<NodeId, string>): FileToWrite => ({
  path: 'manifest.json',
  text: JSON.stringify(manifestWith(opened.manifest, compiled, opened)),
});

export const compiledFiles = (opened: OpenedProject, compiled: ReadonlyMap<NodeId, string>): readonly FileToWrite[] =>
  [...compiled].flatMap(([id, sql]) => fileOf(opened, 'compiled', id, sql));

function fileOf(
  { manifest }: OpenedProject,
  folder: 'compiled' | 'run',
  id: NodeId,
  sql: string,
): readonly FileToWrite[] {
  const node = manifest.nodes[id];
  if (!node || !['model', 'test', 'snapshot', 'analysis'].includes(node.resource_type)) return [];
  return [
    {
      path: `${folder}/${node.package_name}/${compiledFile(node)}`,
      text: `${sql}\n`,
      isPlain: true,
    },
  ];
}

/** The manifest with the compiled SQL of what this command compiled. */
function manifestWith(
  manifest: Manifest,
  compiled: ReadonlyMap<NodeId, string>,
  opened: OpenedProject,
): ReturnType<typeof dbtManifest> {
  const folder = relative(opened.project.folder, opened.targetFolder);
  const compile = publicCompiler(opened);
  const nodes = Object.fromEntries(
    Object.entries(manifest.nodes).map(([id, node]) => {
      const sql = compiled.get(id);
      if (sql === undefined) return [id, node];
      const path = `${folder}/compiled/${node.package_name}/${compiledFile(node)}`;
      return [id, withBranches({ ...node, compiled: true, compiled_code: sql, compiled_path: path }, compile)];
    }),
  );
  return dbtManifest(manifest, nodes);
}

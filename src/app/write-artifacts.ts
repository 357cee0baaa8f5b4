/** Writes what a command leaves in target/: dbt's artifacts, the compiled SQL, and what the next command can use. */
import { relative } from 'node:path';
import type { Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import { type FileToWrite, writeTarget } from '../disk/write-target.ts';
import type { NodeFacts } from '../plan/fingerprint.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import { publicCompiler, withBranches } from './branches.ts';
import { dbtManifest } from './dbt-manifest.ts';
import { compiledFile } from './describe-nodes.ts';
import type { OpenedProject } from './open-project.ts';
import type { FactsCache } from './sql-facts.ts';

export interface RunArtifacts {
  /** Writes a node's SQL as it was compiled and carried out: while the engine is busy with others, this thread has time. */
  finished(result: NodeResult): void;
  /** Writes the rest. Throws when the disk refuses. */
  write(results: RunResults, cache: FactsCache | undefined): void;
}

/** @param facts of the nodes to build, with their SQL by public names */
export function runArtifacts(opened: OpenedProject, facts: ReadonlyMap<NodeId, NodeFacts>): RunArtifacts {
  const compiled = new Map<NodeId, string>();
  for (const [id, { publicSql }] of facts)
    if (publicSql !== undefined && opened.manifest.nodes[id]?.resource_type !== 'seed') compiled.set(id, publicSql);
  const written = new Set<NodeId>();
  const filesOf = ({ unique_id: id, compiled_code: code }: NodeResult): readonly FileToWrite[] => {
    // A test runs as it was compiled: its one file is in `compiled`.
    const isTest = opened.manifest.nodes[id]?.resource_type === 'test';
    if (isTest && code !== null) compiled.set(id, code);
    const sql = compiled.get(id);
    return [
      ...(sql === undefined ? [] : fileOf(opened, 'compiled', id, sql)),
      ...(isTest || code === null ? [] : fileOf(opened, 'run', id, code)),
    ];
  };
  return {
    finished(result) {
      try {
        writeTarget(opened.targetFolder, filesOf(result));
        written.add(result.unique_id);
      } catch {
        // The run goes on; a disk that refuses is met again, and told, when it is over.
      }
    },
    write(results, cache) {
      const left = results.results.filter(({ unique_id }) => !written.has(unique_id));
      const unasked = [...compiled].filter(([id]) => !written.has(id));
      writeTarget(opened.targetFolder, [
        ...compiledFiles(opened, new Map(unasked)),
        ...left.flatMap(filesOf),
        manifestFile(opened, compiled),
        ...opened.learnt(),
        { path: 'run_results.json', text: JSON.stringify(results, withTexts, 1) },
        ...(cache ? [{ path: '.dql/sql-facts.json', text: JSON.stringify(Object.fromEntries(cache)) }] : []),
      ]);
    },
  };
}

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
      path: `${folder}/${node.package_name}/${compiledFile(node.original_file_path, node.path, node.resource_type === 'test')}`,
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
      const path = `${folder}/compiled/${node.package_name}/${compiledFile(node.original_file_path, node.path, node.resource_type === 'test')}`;
      return [id, withBranches({ ...node, compiled: true, compiled_code: sql, compiled_path: path }, compile)];
    }),
  );
  return dbtManifest(manifest, nodes);
}

/** Artifacts are JSON: bigints of samples and answers become text. */
const withTexts = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** Earlier states of the project: what the ledger keeps of each run, a folder of artifacts, another warehouse's ledger. */

import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Manifest } from '../../compile/manifest.ts';
import { DqlError } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import type { Connection } from '../../engine/engine.ts';
import { openWarehouse } from '../../engine/open.ts';
import { ledgerVersion } from '../../ledger/open-ledger.ts';
import { readLedger } from '../../ledger/read-ledger.ts';
import type { TestRunRecord } from '../../ledger/records.ts';
import { lastManifestId, readState, type StateRecord, writeState } from '../../ledger/states.ts';
import type { Project } from '../../project/project.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { nothingBuilt, waitingForLock, warehousePath } from '../warehouse/open-target.ts';
import { filesOf } from './attach-target.ts';
import { publicCompiler, withBranches } from './branches.ts';
import type { EarlierState, OpenedProject } from './opened-project.ts';

/** The manifest's id, and SQL that keeps this run's manifest in the ledger; nearly nothing when the last run had the same. */
export async function keepState(
  opened: OpenedProject,
  connection: Connection,
  database: string,
  run: Omit<StateRecord, 'manifest_id'>,
): Promise<{ readonly manifestId: string; readonly sql: string }> {
  const manifest_id = opened.manifestId();
  const isKnown = (await lastManifestId(connection, database, run.target)) === manifest_id;
  const content = isKnown ? undefined : packed(withCompiledCode(opened));
  return { manifestId: manifest_id, sql: writeState(database, { ...run, manifest_id }, content) };
}

const packed = (manifest: Manifest): string => gzipSync(JSON.stringify(manifest)).toString('base64');

// Written by `packed`.
const unpacked = (content: string): Manifest =>
  JSON.parse(gunzipSync(Buffer.from(content, 'base64')).toString()) as Manifest;

/** Without what differs from run to run. */
function lasting(manifest: Manifest): Manifest {
  const settled = <T extends object>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(record).map(([id, node]) => [id, { ...node, created_at: 0 }]));
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      generated_at: '',
      invocation_id: '',
      invocation_started_at: '',
      run_started_at: '',
    },
    nodes: settled(manifest.nodes),
    sources: settled(manifest.sources),
    exposures: settled(manifest.exposures),
    macros: settled(manifest.macros),
    unit_tests: settled(manifest.unit_tests),
  };
}

/** Every model with its SQL over public names, selected or not. One that asks the warehouse stays without. */
function withCompiledCode(opened: OpenedProject): Manifest {
  const compile = publicCompiler(opened);
  const manifest = lasting(opened.manifest);
  const nodes = Object.entries(manifest.nodes).map(([id, node]) => {
    if (node.resource_type !== 'model' && node.resource_type !== 'snapshot') return [id, node];
    const outcome = compile(id, false);
    if (outcome.kind !== 'compiled') return [id, node];
    return [id, withBranches({ ...node, compiled: true, compiled_code: outcome.sql }, compile)];
  });
  return { ...manifest, nodes: Object.fromEntries(nodes) };
}

/** How long another process is waited for that holds the file. */
export type Waiting = Pick<CommonOptions, 'lockTimeout'> & Pick<Hooks, 'onEvent' | 'signal'>;

/**
 * What `--state` names: a folder with a manifest.json, or a warehouse file, whose ledger knows what was published last.
 * Rejects with DqlError when it is neither.
 */
export async function stateAt(given: string, project: Project, waiting: Waiting): Promise<EarlierState> {
  const { folder: projectFolder } = project;
  const path = isAbsolute(given) ? given : join(projectFolder, given);
  // Reports are read on other machines.
  const inside = relative(projectFolder, path);
  const label = inside === '' || inside.startsWith('..') ? given : inside;
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts?.isDirectory() && existsSync(join(path, 'manifest.json'))) {
    const manifest = readArtifact<Manifest>(path, 'manifest.json');
    if (manifest) return { label, manifest };
  }
  if (facts?.isFile() && !path.endsWith('.json'))
    return { ...(await stateOfWarehouse(project, { given, path }, waiting)), label };
  throw new DqlError([
    {
      code: 'select/no-state',
      severity: 'error',
      message: facts ? `--state ${given} holds no manifest.json` : `--state ${given} does not exist`,
      hint: 'give the folder of an earlier run’s artifacts, e.g. a copy of production’s target/, or production’s warehouse file',
    },
  ]);
}

/** What a target of this project published last, also in a file that several share. Rejects with DqlError when there is nothing. */
export async function stateOfTarget(project: Project, waiting: Waiting): Promise<EarlierState> {
  const path = warehousePath(project);
  if (path === ':memory:' || !existsSync(path)) throw new DqlError([nothingBuilt(project)]);
  const { name } = project.target;
  return {
    ...(await stateOfWarehouse(project, { given: name, path, target: name }, waiting)),
    attached: filesOf(project),
  };
}

interface StateFile {
  /** As the user calls it. */
  readonly given: string;
  readonly path: string;
  /** Of those that share the file; the last that published, where nobody says. */
  readonly target?: string;
}

async function stateOfWarehouse(
  project: Project,
  { given, path, target }: StateFile,
  waiting: Waiting,
): Promise<EarlierState> {
  const warehouse = await waitingForLock(
    { ...project.target, name: given, path: relative(project.folder, path) },
    { readOnly: true, ...waiting },
    () => openWarehouse('duckdb', { path, readOnly: true, instanceSettings: {} }),
    (_, error) => ({
      code: 'select/no-state',
      severity: 'error',
      message: `--state ${given} cannot be read: ${error.message.split('\n')[0]}`,
      hint: 'give a folder with a manifest.json, or a DuckDB file that dql built',
    }),
  );
  try {
    const connection = await warehouse.connect();
    const { database } = warehouse;
    const isThere = (await ledgerVersion(connection, database)) > 0;
    const kept = isThere ? await readState(connection, database, { target }) : undefined;
    const tests = kept
      ? (await readLedger(connection, [database], kept.target)).tests
      : new Map<NodeId, TestRunRecord>();
    connection.close();
    if (kept) {
      const failed = [...tests.values()].filter(({ status }) => ['fail', 'error', 'runtime error'].includes(status));
      return {
        label: given,
        manifest: unpacked(kept.content),
        warehouse: path,
        database,
        failing: new Set(failed.map(({ test }) => test)),
      };
    }
  } finally {
    await warehouse.close();
  }
  throw new DqlError([
    {
      code: 'select/no-state',
      severity: 'error',
      message: `--state ${given} is a warehouse in which dql never published anything`,
      hint: 'run `dql build` on it first',
    },
  ]);
}

/**
 * What was published last in this target, or what one run had; undefined when the ledger does not know.
 * @param now the project as it is: where it is still the same, nothing large is unpacked
 */
export async function stateInLedger(
  connection: Connection,
  database: string,
  wanted: { readonly target: string; readonly run?: string | undefined },
  now?: OpenedProject,
): Promise<EarlierState | undefined> {
  if ((await ledgerVersion(connection, database)) === 0) return undefined;
  const kept = await readState(connection, database, wanted);
  return (
    kept && {
      label: wanted.run === undefined ? `what target ${kept.target} shows` : `run ${kept.run_id.slice(0, 8)}`,
      manifest: now && kept.manifest_id === now.manifestId() ? now.manifest : unpacked(kept.content),
    }
  );
}

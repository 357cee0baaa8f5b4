/** Opens the target's warehouse: for writing under a lock that is waited for, or for reading only. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import { EngineError } from '../../core/engine-error.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import { makeFolder } from '../../disk/make-folder.ts';
import type { Warehouse } from '../../engine/engine.ts';
import { loadEngine, openWarehouse } from '../../engine/open.ts';
import type { Target } from '../../project/project.ts';
import type { RunEvent } from '../../run/results.ts';
import { isSetLater, prepareTarget } from './prepare-target.ts';

export interface OpenOptions {
  readonly readOnly: boolean;
  /** Seconds to wait while another process holds the file. Default: what the target says. */
  readonly lockTimeout?: number | undefined;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** What has to be known of a project to open its warehouse. */
export interface OpenableProject {
  /** Absolute. */
  readonly folder: string;
  readonly root: { readonly name: string };
  readonly target: Pick<
    Target,
    | 'name'
    | 'path'
    | 'database'
    | 'threads'
    | 'lockTimeout'
    | 'settings'
    | 'configOptions'
    | 'extensions'
    | 'createSecrets'
    | 'attach'
  >;
}

type OpenableTarget = OpenableProject['target'];

/** No more of a project than that; equal texts are opened alike. */
export function openable({ folder, root: { name: project }, target }: OpenableProject): OpenableProject {
  const { name, path, database, threads, lockTimeout } = target;
  const { settings, configOptions, extensions, createSecrets, attach } = target;
  return {
    folder,
    root: { name: project },
    target: { name, path, database, threads, lockTimeout, settings, configOptions, extensions, createSecrets, attach },
  };
}

/** The absolute path of the target's file, or `:memory:`. */
export const warehousePath = (project: OpenableProject): string =>
  project.target.path === ':memory:' || isAbsolute(project.target.path)
    ? project.target.path
    : join(project.folder, project.target.path);

/** Rejects with DqlError (exit code 2) when the file is held by another process or cannot be read. */
async function openTarget(project: OpenableProject, options: OpenOptions): Promise<Warehouse> {
  const path = warehousePath(project);
  if (options.readOnly && path !== ':memory:' && !existsSync(path)) throw new DqlError([nothingBuilt(project)]);
  if (path !== ':memory:') makeFolderOf(project.target, dirname(path));
  const open = () =>
    openWarehouse('duckdb', {
      path,
      readOnly: options.readOnly && path !== ':memory:',
      instanceSettings: instanceSettings(project),
    });
  const warehouse = await waitingForLock(project.target, options, open, cannotOpen);
  try {
    // Attached files have locks of their own.
    await waitingForLock(project.target, options, () => prepare(warehouse, project, options.readOnly), refused);
  } catch (error) {
    await warehouse.close();
    throw error;
  }
  return warehouse;
}

/** The target's warehouse, to be written to by a command. */
export const openToWrite = (
  project: OpenableProject,
  { lockTimeout }: Pick<OpenOptions, 'lockTimeout'>,
  { onEvent, signal }: Pick<OpenOptions, 'onEvent' | 'signal'>,
): Promise<Warehouse> => openTarget(project, { readOnly: false, lockTimeout, onEvent, signal });

/** READ_ONLY; rejects where there is no file. */
export const openToRead = (
  project: OpenableProject,
  { lockTimeout }: Pick<OpenOptions, 'lockTimeout'>,
  { onEvent, signal }: Pick<OpenOptions, 'onEvent' | 'signal'>,
): Promise<Warehouse> => openTarget(project, { readOnly: true, lockTimeout, onEvent, signal });

/**
 * Begins to open the target's file, so that `openTarget` finds it open: the engine reads thousands of tables on a thread of its own
 * while the project is compiled on this one. A file that is not there, or held by another process, is left to `openTarget`.
 * @returns when it has begun, what lets go of the file: to be called when `openTarget` has it, or when it is not needed after all
 */
export async function beginOpening(project: OpenableProject, readOnly = false): Promise<() => Promise<void>> {
  const path = warehousePath(project);
  if (path === ':memory:' || !existsSync(path)) return async () => {};
  // Loading it takes several turns of the event loop, and whoever reads a project next leaves none.
  await loadEngine('duckdb');
  const opening = openWarehouse('duckdb', { path, readOnly, instanceSettings: instanceSettings(project) }).catch(
    () => undefined, // openTarget meets the same, and tells it
  );
  await setImmediate();
  return async () => {
    await (await opening)?.close();
  };
}

function makeFolderOf(target: OpenableTarget, folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new DqlError([
      {
        code: 'target/no-folder',
        severity: 'error',
        message: `target \`${target.name}\` (${target.path}) cannot be opened: the folder ${folder} cannot be made`,
        notes: [error instanceof Error ? error.message : String(error)],
        hint: 'give the target a path in a folder that you may write to',
      },
    ]);
  }
}

/**
 * For commands that only look: the file read-only, or, where nothing was built yet, an empty warehouse of its name that lives for
 * this command. Nothing is created on disk.
 */
export async function openForLooking(
  project: OpenableProject,
  options: Pick<OpenOptions, 'lockTimeout'>,
  hooks: Pick<OpenOptions, 'onEvent' | 'signal'>,
): Promise<Warehouse> {
  const path = warehousePath(project);
  if (path !== ':memory:' && existsSync(path)) return openToRead(project, options, hooks);
  const { database } = project.target;
  const nowhere = { ...project, target: { ...project.target, path: ':memory:' } };
  const warehouse = await openToRead(nowhere, options, hooks);
  const named = database !== warehouse.database;
  if (named) {
    const connection = await warehouse.connect();
    await connection.run(`attach ':memory:' as ${quotedIdentifier(database)}`);
    connection.close();
  }
  return {
    ...warehouse,
    database,
    readOnly: true,
    connect: async () => {
      const connection = await warehouse.connect();
      if (named) await connection.run(`use ${quotedIdentifier(database)}`);
      return connection;
    },
  };
}

/** Opens what another process may hold, again and again, as long as may be waited. Rejects with DqlError. */
export async function waitingForLock<T>(
  target: OpenableTarget,
  options: OpenOptions,
  open: () => Promise<T>,
  why: (target: OpenableTarget, error: EngineError) => Diagnostic,
): Promise<T> {
  const startedAt = Date.now();
  const { lockTimeout = target.lockTimeout } = options;
  for (let told = false; ; ) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const waited = (Date.now() - startedAt) / 1000;
      if (error.kind !== 'locked') throw new DqlError([why(target, error)]);
      if (waited >= lockTimeout || options.signal.aborted) throw new DqlError([locked(target, error, lockTimeout)]);
      if (!told) options.onEvent({ type: 'waiting-for-lock', ...heldFile(error), seconds: lockTimeout });
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Which file, and `/usr/bin/node (PID 4711)`, where the engine tells. */
function heldFile({ message }: EngineError): { readonly file: string | null; readonly holder: string | null } {
  const [, file = null, holder = null] = /^the file (.+) is held by (.+)$/.exec(message) ?? [];
  return { file, holder };
}

/** What the file is opened with; the rest is set by `prepare`. */
function instanceSettings(project: OpenableProject): Readonly<Record<string, string>> {
  const settings = Object.fromEntries(
    Object.entries({ ...project.target.configOptions, ...project.target.settings }).flatMap(([name, value]) =>
      isSetLater(name) ? [] : [[name, String(value)]],
    ),
  );
  const offline: Record<string, string> =
    project.target.extensions.length + project.target.createSecrets.length > 0
      ? { autoinstall_known_extensions: 'true', autoload_known_extensions: 'true' }
      : {};
  return { ...offline, ...settings };
}

let lastPrepared: Promise<void> = Promise.resolve();

/** One after the other: a command may open its file twice at once, and the second finds attached what the first was attaching. */
function prepare(warehouse: Warehouse, project: OpenableProject, readOnly: boolean): Promise<void> {
  const prepared = lastPrepared.then(async () => {
    const connection = await warehouse.connect();
    try {
      await prepareTarget(connection, project, readOnly);
    } finally {
      connection.close();
    }
  });
  lastPrepared = prepared.catch(() => {}); // told to who waits for this one
  return prepared;
}

const locked = (target: OpenableTarget, error: EngineError, seconds: number): Diagnostic => ({
  code: 'target/locked',
  severity: 'error',
  message: `target \`${target.name}\` (${target.path}) is in use: ${error.message}`,
  hint:
    seconds > 0
      ? `waited ${seconds} seconds; wait longer with --lock-timeout, or end the other process`
      : 'wait for it with --lock-timeout 60, or end the other process',
});

function refused(target: OpenableTarget, error: EngineError): Diagnostic {
  const [, absent] = /^Extension "(\w+)" is an existing extension\.\s+Install it first/m.exec(error.message) ?? [];
  return {
    code: 'target/refused',
    severity: 'error',
    message: error.message,
    hint:
      absent === undefined
        ? `see \`settings\`, \`extensions\`, \`secrets\` and \`attach\` of target \`${target.name}\``
        : `add \`extensions: [${absent}]\` to target \`${target.name}\`, and it is installed`,
  };
}

const cannotOpen = (target: OpenableTarget, error: EngineError): Diagnostic => ({
  code: 'target/cannot-open',
  severity: 'error',
  message: `target \`${target.name}\` (${target.path}) cannot be opened: ${error.message.split('\n')[0]}`,
  hint: /newer|version|serializ|storage/i.test(error.message)
    ? 'the file was written by another version of DuckDB; nothing was changed'
    : 'check that the file is a DuckDB database and that you may write to its folder',
});

export const nothingBuilt = (project: OpenableProject): Diagnostic => ({
  code: 'target/nothing-built',
  severity: 'error',
  message:
    project.target.path === ':memory:'
      ? 'a `:memory:` warehouse lives for one command: there is no earlier run to look at'
      : `target \`${project.target.name}\` has no warehouse yet: ${project.target.path} does not exist`,
  hint: project.target.path === ':memory:' ? 'give the target a `path` in project.yml' : 'run `dql build` first',
});

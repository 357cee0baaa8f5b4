/**
 * The last run, kept in the target folder. Where every file, option, variable, input and the warehouse itself are as that run left them,
 * the next run like it has nothing to do, and says so without compiling the project: `last-run.json` holds what must be as it was,
 * `last-answer.json` what is told then.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import { fileMark } from '../../disk/file-mark.ts';
import { findProjectRoot, PROJECT_FILES } from '../../disk/find-project-root.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import { type FileToWrite, writeTarget } from '../../disk/write-target.ts';
import type { ProjectFiles } from '../../project/project.ts';
import type { NodeDescription } from '../../report/describe.ts';
import type { NodeResult } from '../../run/results.ts';
import type { CommonOptions } from '../contract.ts';
import { filesHash } from '../opening/project-hash.ts';
import { attachedFile } from '../warehouse/attached-file.ts';
import { type OpenableProject, warehousePath } from '../warehouse/open-target.ts';
import type { CommandShape } from './command-shapes.ts';

/** What has to be as it was. */
export interface LastRun {
  /** The version of dql that wrote this: another one may keep other things. */
  readonly program: string;
  /** The command, its options and the project's files; see `runKey`. */
  readonly key: string;
  /** Variables that were read, and what they came to. */
  readonly variables: readonly string[];
  readonly environment: string;
  /** Marks by absolute path of files outside the project and of what the run left in the target folder; null: there was none. */
  readonly marks: Readonly<Record<string, string | null>>;
  readonly patterns: Readonly<Record<string, readonly string[]>>;
  /** ISO 8601: by then old versions may be due, which only a whole run collects. */
  readonly until: string;
  /** The target that was asked for by name. */
  readonly asked: string | null;
  /** Where the warehouse is, and how it is opened. */
  readonly project: OpenableProject;
  /** Marks of its files. */
  readonly warehouse: string;
  /** The run's place in the ledger. */
  readonly sequence: number;
}

/** What a run tells when there is nothing to do. */
export interface KeptAnswer {
  readonly results: readonly NodeResult[];
  /** Of what is built. */
  readonly codeFingerprints: Readonly<Record<NodeId, string>>;
  readonly described: Readonly<Record<NodeId, NodeDescription>>;
  readonly warnings: readonly Diagnostic[];
  /** The manifest in the ledger. */
  readonly manifestId: string;
  /** What manifest.json begins with, and how long that is. */
  readonly manifestHead: { readonly metadata: Readonly<Record<string, Json>>; readonly bytes: number };
}

const RUN = '.dql/last-run.json';
const ANSWER = '.dql/last-answer.json';

/** A day: versions are kept for days. */
const LASTS_MS = 24 * 60 * 60 * 1000;

export const lastsUntil = (now: Date): string => new Date(now.getTime() + LASTS_MS).toISOString();

/** False where nothing may be read from or left in the target folder. */
export const isKept = ({ partialParse, writeJson }: CommonOptions): boolean => partialParse && writeJson;

/** The last run of the target that is asked for, as it was kept, and where; nothing else of it was compared yet. */
export function readLastRun(
  options: CommonOptions,
): { readonly last: LastRun; readonly targetFolder: string } | undefined {
  const root = isKept(options) ? findProjectRoot(options.projectDir) : undefined;
  if (root === undefined) return undefined;
  const path = options.targetPath ?? writtenTargetPath(root) ?? 'target';
  const targetFolder = isAbsolute(path) ? path : join(root, path);
  const last = readArtifact<LastRun>(targetFolder, RUN);
  const isOurs = last?.program === options.version && last.asked === (options.target ?? null);
  return isOurs ? { last, targetFolder } : undefined;
}

/** As the project file says in one line. Where it is said in another way the last run is not found, and nothing else is lost. */
function writtenTargetPath(root: string): string | undefined {
  const file = PROJECT_FILES.map((name) => join(root, name)).find((path) => existsSync(path));
  const [, path] =
    /^target-path:\s*(["']?)([^"'#{}]+?)\1\s*$/m.exec(file ? readFileSync(file, 'utf8') : '')?.slice(1) ?? [];
  return path;
}

/** The answer that belongs to a last run: its mark is among that run's. */
export const readAnswer = (targetFolder: string): KeptAnswer =>
  JSON.parse(readFileSync(join(targetFolder, ANSWER), 'utf8')) as KeptAnswer; // written by keepLastRun

/**
 * Keeps a run as it ends, while its warehouse is still open and up to date: from now on nobody may have written to it.
 * @param answer absent: what is kept already
 */
export function keepLastRun(targetFolder: string, run: Omit<LastRun, 'warehouse'>, answer?: KeptAnswer): void {
  const warehouse = warehouseMarks(run.project);
  if (warehouse === undefined) return;
  const path = join(targetFolder, ANSWER);
  if (answer) writeTarget(targetFolder, [{ path: ANSWER, text: JSON.stringify(answer) }]);
  const last: LastRun = { ...run, marks: { ...run.marks, [path]: fileMark(path) ?? null }, warehouse };
  const file: FileToWrite = { path: RUN, text: JSON.stringify(last) };
  writeTarget(targetFolder, [file]);
}

/** False where the warehouse is, to the byte, as a run of this project left it. */
export function isTouched(options: CommonOptions, project: OpenableProject): boolean {
  const found = readLastRun(options);
  return found === undefined || warehouseMarks(project) !== found.last.warehouse;
}

/** What manifest.json begins with; the rest is the project. */
export const manifestHead = (metadata: Readonly<Record<string, Json>>): string =>
  JSON.stringify({ metadata }).slice(0, -1);

/** Equal for commands that are told the same over the same files. */
export function runKey({ command }: CommandShape, options: CommonOptions, files: ProjectFiles): string {
  // The time, the words it was called with, which of its options they gave and how long it waits change nothing that is computed; variables
  // are compared by name.
  const { now, invocationCommand, lockTimeout, environment, given, ...told } = options;
  return filesHash(files, [command, told, files.root]);
}

/** True while nothing outside the project and the warehouse is another than it was. */
export async function isAsItWas({ marks, patterns }: LastRun): Promise<boolean> {
  for (const [path, mark] of Object.entries(marks)) if ((fileMark(path) ?? null) !== mark) return false;
  for (const [pattern, files] of Object.entries(patterns)) {
    const { filesAt } = await import('../warehouse/outside.ts');
    if (filesAt(pattern).join('\n') !== files.join('\n')) return false;
  }
  return true;
}

/**
 * Marks of the warehouse's file and of the files attached to it. undefined where a database is no file, or has a log that is not yet
 * part of it.
 */
export function warehouseMarks(project: OpenableProject): string | undefined {
  const marks: string[] = [];
  const attached = project.target.attach.map((attachment) =>
    (attachment.type ?? 'duckdb').toLowerCase() === 'duckdb' ? attachedFile(attachment, project.folder) : undefined,
  );
  for (const path of [warehousePath(project), ...attached]) {
    const mark = path === undefined || existsSync(`${path}.wal`) ? undefined : fileMark(path);
    if (mark === undefined) return undefined;
    marks.push(`${path} ${mark}`);
  }
  return marks.join('\n');
}

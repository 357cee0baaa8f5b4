/** Whether the disks have room for what a plan builds, as far as earlier builds tell; before anything is written. */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Connection } from '../../engine/engine.ts';
import { homeOf, type VersionRecord } from '../../ledger/records.ts';
import type { BuildTask, Plan } from '../../plan/plan.ts';
import { type DiskUse, diskUse, sizeOnDisk } from './version-sizes.ts';

export interface SpaceRequest {
  readonly connection: Connection;
  readonly plan: Plan;
  /** What a task's node shows now. */
  readonly publishedOf: (task: BuildTask) => VersionRecord | undefined;
  readonly fullRefresh: boolean;
}

interface Disk {
  /** A file on it, for people. */
  readonly path: string;
  free: number;
  /** Bytes that are certainly written, and those that depend on what parents come to as well. */
  certain: number;
  possible: number;
}

/**
 * An error for each disk that what is built cannot fit on, a warning where it may not. A node counts as large as it is now, an incremental
 * one as large as its last change twice; a first build has no size, and nothing is said of it. While there is room for everything once
 * more nothing is measured.
 */
export async function checkSpace({
  connection,
  plan,
  publishedOf,
  fullRefresh,
}: SpaceRequest): Promise<readonly Diagnostic[]> {
  const tasks = plan.tasks.flatMap((task) => {
    const version = task.kind === 'build' ? publishedOf(task) : undefined;
    return task.kind === 'build' && version && ['build', 'decide'].includes(task.decision.action)
      ? [{ version, isCertain: task.decision.action === 'build' }]
      : [];
  });
  if (tasks.length === 0) return [];
  const use = await diskUse(connection);
  const disks = disksOf(use);
  const everything =
    [...use.values()].reduce((sum, { bytes }) => sum + bytes, 0) + sumOf(tasks.map(({ version }) => version.bytes));
  if ([...disks.values()].every(({ free }) => free > everything)) return [];
  for (const { version, isCertain } of tasks) {
    const { physical } = version;
    const disk = diskAt(
      disks,
      physical.kind === 'external' ? physical.location : (use.get(homeOf(version))?.path ?? null),
    );
    if (!disk) continue;
    const slice = physical.kind === 'delta' && !fullRefresh ? physical.undo : undefined;
    const bytes =
      slice === undefined
        ? await sizeOnDisk(connection, version, use)
        : 2 * (await sizeOnDisk(connection, version, use, slice));
    disk.possible += bytes;
    if (isCertain) disk.certain += bytes;
  }
  return [...disks.values()].flatMap((disk) =>
    disk.certain > disk.free ? [noRoom(disk)] : disk.possible > disk.free ? [maybeNoRoom(disk)] : [],
  );
}

/** By device. What is free inside a database file is written first. */
function disksOf(use: ReadonlyMap<string, DiskUse>): Map<number, Disk> {
  const disks = new Map<number, Disk>();
  for (const { path, reusable } of use.values()) {
    const disk = diskAt(disks, path);
    if (disk) disk.free += reusable;
  }
  return disks;
}

function diskAt(disks: Map<number, Disk>, path: string | null): Disk | undefined {
  const facts = path === null ? undefined : statSync(dirname(path), { throwIfNoEntry: false });
  if (path === null || !facts) return undefined;
  const known = disks.get(facts.dev);
  if (known) return known;
  const { bavail, bsize } = statfsSync(dirname(path));
  const disk: Disk = { path, free: bavail * bsize, certain: 0, possible: 0 };
  disks.set(facts.dev, disk);
  return disk;
}

const sumOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e3)} kB`;
}

const noRoom = ({ path, certain, free }: Disk): Diagnostic => ({
  code: 'run/no-space',
  severity: 'error',
  message: `this builds about ${sizeText(certain)}, and the disk of ${path} has ${sizeText(free)} free`,
  hint: 'free some space, drop old versions with `dql clean --versions`, or build less with --select; nothing was changed',
});

const maybeNoRoom = ({ path, possible, free }: Disk): Diagnostic => ({
  code: 'run/little-space',
  severity: 'warning',
  message: `this may build up to ${sizeText(possible)}, and the disk of ${path} has ${sizeText(free)} free`,
  hint: 'a full disk loses nothing that is published, but ends the run',
});

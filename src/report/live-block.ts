import { count, seconds, thousands } from './amounts.ts';
import type { Paint } from './colour.ts';
import { clip, padStart, widthOf } from './width.ts';

export interface Running {
  readonly name: string;
  /** Seconds since it started. */
  readonly since: number;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Seconds since the run started. */
  readonly elapsed: number;
  /** The oldest first. */
  readonly running: readonly Running[];
  /** What is going on when no node runs: "publishing 12 nodes". */
  readonly doing: string | undefined;
}

const BAR = 24;

/** What is redrawn below the finished lines: the nodes that run, then a bar with how many are left. Never higher than `rows` - 1. */
export function liveBlock(progress: Progress, colours: Paint, size: { columns: number; rows: number }): string {
  const room = Math.max(1, size.rows - 3);
  const shown = progress.running.slice(0, progress.running.length > room ? room - 1 : room);
  const more = progress.running.length - shown.length;
  const lines = shown.map(({ name, since }) => {
    const time = padStart(seconds(since), 7);
    return `  ${colours.cyan('Running ')} [${time}] ${clip(name, Math.max(8, size.columns - 24))}`;
  });
  if (more > 0) lines.push(`  … and ${thousands(more)} more running`);
  const filled = progress.total === 0 ? BAR : Math.round((progress.done / progress.total) * BAR);
  const words = [
    `${thousands(progress.done)}/${thousands(progress.total)}`,
    progress.failed > 0 ? `${thousands(progress.failed)} failed` : '',
    `${thousands(Math.max(0, progress.total - progress.done))} left`,
    seconds(progress.elapsed),
    progress.doing ?? '',
  ].filter(Boolean);
  const bar = `${'━'.repeat(filled)}${'╌'.repeat(BAR - filled)}`;
  const status = clip(words.join(' · '), Math.max(8, size.columns - widthOf(bar) - 4));
  lines.push(`  ${progress.failed > 0 ? colours.red(bar) : colours.green(bar)} ${status}`);
  return lines.join('\n');
}

/** Said in a pipe that has been silent for long: CI systems end silent jobs. */
export const heartbeat = (progress: Progress): string =>
  `still running after ${seconds(progress.elapsed)}: ${progress.running
    .slice(0, 5)
    .map(({ name, since }) => `${name} (${seconds(since)})`)
    .join(', ')}; ${count(progress.total - progress.done, 'node')} left`;

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export interface GitFacts {
  readonly sha: string | null;
  /** True when tracked files differ from the commit, or untracked ones are there. */
  readonly dirty: boolean | null;
}

const STATUS = ['status', '--porcelain=v2', '--branch', '--no-ahead-behind', '--untracked-files=normal', '--', '.'];

/** Which commit the project is at; nulls where there is no git, no repository or no commit yet. */
export async function gitFacts(folder: string): Promise<GitFacts> {
  const lines = !isInRepository(folder) ? [] : await linesOf(['-C', folder, ...STATUS]);
  const sha = lines.map((line) => /^# branch\.oid ([0-9a-f]+)$/.exec(line)?.[1]).find((found) => found !== undefined);
  return sha === undefined
    ? { sha: null, dirty: null }
    : { sha, dirty: lines.some((line) => line !== '' && !line.startsWith('#')) };
}

/** Where there is none git need not be asked: starting a process takes longer than most of what a run with nothing to do does. */
function isInRepository(folder: string): boolean {
  if (process.env['GIT_DIR'] !== undefined) return true;
  for (let place = resolve(folder); ; place = dirname(place)) {
    if (existsSync(join(place, '.git'))) return true;
    if (place === dirname(place)) return false;
  }
}

const execute = promisify(execFile);

async function linesOf(args: readonly string[]): Promise<readonly string[]> {
  try {
    const { stdout } = await execute('git', args, { timeout: 5000, maxBuffer: Number.POSITIVE_INFINITY });
    return stdout.split('\n');
  } catch {
    return []; // no git, or no repository: there is nothing to say
  }
}

/** Who runs this, for the ledger; null where the system does not say. */
export function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null; // a user id without an entry
  }
}

import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

export interface GitFacts {
  readonly sha: string | null;
  /** True when tracked files differ from the commit, or untracked ones are there. */
  readonly dirty: boolean | null;
}

/** Which commit the project is at; nulls where there is no git or no repository. */
export async function gitFacts(folder: string): Promise<GitFacts> {
  const [sha, status] = await Promise.all([
    git(folder, ['rev-parse', 'HEAD']),
    git(folder, ['status', '--porcelain', '--untracked-files=normal', '--', '.']),
  ]);
  return sha === null ? { sha: null, dirty: null } : { sha, dirty: status === null ? null : status !== '' };
}

const execute = promisify(execFile);

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await execute('git', ['-C', folder, ...args], { encoding: 'utf8', timeout: 5000 });
    return stdout.trim();
  } catch {
    return null; // no git, no repository, or no commit yet: all mean that there is nothing to say
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

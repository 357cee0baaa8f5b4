import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';

export interface GitFacts {
  readonly sha: string | null;
  /** True when tracked files differ from the commit, or untracked ones are there. */
  readonly dirty: boolean | null;
}

/** Which commit the project is at; nulls where there is no git or no repository. */
export function gitFacts(folder: string): GitFacts {
  const sha = git(folder, ['rev-parse', 'HEAD']);
  if (sha === null) return { sha: null, dirty: null };
  const status = git(folder, ['status', '--porcelain', '--untracked-files=normal', '--', '.']);
  return { sha, dirty: status === null ? null : status !== '' };
}

function git(folder: string, args: readonly string[]): string | null {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    }).trim();
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

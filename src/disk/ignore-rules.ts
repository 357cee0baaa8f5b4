/** The patterns of .dbtignore and .dqlignore: gitignore's, without character classes' rarer corners. */

interface Rule {
  readonly pattern: RegExp;
  readonly negated: boolean;
  readonly folderOnly: boolean;
}

export type IsIgnored = (path: string, isFolder: boolean) => boolean;

/** Whether a path (relative to the project, forward slashes) is ignored; the last rule that fits decides, as in git. */
export function ignoreRules(text: string): IsIgnored {
  const rules = text.split(/\r?\n/).flatMap((line) => rule(line) ?? []);
  if (rules.length === 0) return () => false;
  return (path, isFolder) => {
    let ignored = false;
    for (const { pattern, negated, folderOnly } of rules) {
      if (folderOnly && !isFolder) continue;
      if (pattern.test(path)) ignored = !negated;
    }
    return ignored;
  };
}

function rule(line: string): Rule | undefined {
  let text = line.replace(/(?<!\\)\s+$/, '');
  if (text === '' || text.startsWith('#')) return undefined;
  const negated = text.startsWith('!');
  if (negated) text = text.slice(1);
  const folderOnly = text.endsWith('/');
  if (folderOnly) text = text.slice(0, -1);
  // A slash inside ties the pattern to the project's root; without one it fits at any depth.
  const anchored = text.includes('/');
  if (text.startsWith('/')) text = text.slice(1);
  return { pattern: new RegExp(`^${anchored ? '' : '(?:.*/)?'}${expression(text)}$`), negated, folderOnly };
}

function expression(glob: string): string {
  return glob.replace(
    /\\(.)|\*\*\/|\/\*\*$|\*|\?|\[(!?)([^\]]+)\]|[.+^${}()|[\]\\]/g,
    (found, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      if (found === '**/') return '(?:.*/)?';
      if (found === '/**') return '/.*';
      if (found === '*') return '[^/]*';
      if (found === '?') return '[^/]';
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll('\\', '\\\\')}]`;
      return `\\${found}`;
    },
  );
}

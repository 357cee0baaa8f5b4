/** Python's `fnmatch` on POSIX, case-sensitive: `*` anything, `?` one character, `[seq]`, `[!seq]`. dbt's wildcards are these. */
export function wildcard(pattern: string): (text: string) => boolean {
  if (!hasWildcard(pattern)) return (text) => text === pattern;
  const known = compiled.get(pattern);
  const regex = known ?? new RegExp(`^(?:${translated(pattern)})$`, 'su');
  if (known === undefined) remember(pattern, regex);
  return (text) => regex.test(text);
}

/** True when the text has one of the four characters that dbt takes for a wildcard. */
export const hasWildcard = (text: string): boolean => /[*?[\]]/.test(text);

/** Patterns come from what people type, so there are few; the bound only guards a program that makes them up. */
const compiled = new Map<string, RegExp>();
function remember(pattern: string, regex: RegExp): void {
  if (compiled.size > 500) compiled.clear();
  compiled.set(pattern, regex);
}

function translated(pattern: string): string {
  let out = '';
  for (let at = 0; at < pattern.length; ) {
    const character = pattern.charAt(at);
    at += 1;
    if (character === '*') out += out.endsWith('.*') ? '' : '.*';
    else if (character === '?') out += '.';
    else if (character !== '[') out += escaped(character);
    else {
      const end = endOfSet(pattern, at);
      if (end === -1) out += '\\[';
      else {
        out += set(pattern.slice(at, end));
        at = end + 1;
      }
    }
  }
  return out;
}

/** The index of the `]` that closes a set opened just before `start`; a `]` in first place is a member. -1 when it never closes. */
function endOfSet(pattern: string, start: number): number {
  const first = pattern.charAt(start) === '!' ? start + 1 : start;
  return pattern.indexOf(']', pattern.charAt(first) === ']' ? first + 1 : first);
}

function set(inside: string): string {
  const negated = inside.startsWith('!');
  const members = [...(negated ? inside.slice(1) : inside)];
  const ranges: string[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = members[at] ?? '';
    const to = members[at + 2];
    if (members[at + 1] === '-' && to !== undefined) {
      // A range that runs backwards matches nothing, as in Python.
      if (from <= to) ranges.push(`${escapedInSet(from)}-${escapedInSet(to)}`);
      at += 2;
    } else ranges.push(escapedInSet(from));
  }
  if (ranges.length === 0) return negated ? '.' : '(?!)';
  return `[${negated ? '^' : ''}${ranges.join('')}]`;
}

/** Inside a set a dash and a circumflex have meanings, outside they may not even be escaped. */
const escaped = (character: string): string => (/[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character);
const escapedInSet = (character: string): string => (character === '-' ? '\\-' : escaped(character));

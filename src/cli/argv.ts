import type { Flag } from './flags.ts';

export interface SplitArguments {
  /** `build`, `source freshness`; undefined when none was named. */
  readonly command: string | undefined;
  /** What stands where a command should, when none of that name exists. */
  readonly unknown: string | undefined;
  /** Everything else, flags that stood before the command included. */
  readonly rest: readonly string[];
}

/**
 * Finds the command among its flags: they may stand before or after it, as in dbt. Flags with several values that stand before
 * it take everything up to the next flag or the name of a command.
 */
export function splitArguments(
  argv: readonly string[],
  commands: readonly string[],
  flags: readonly Flag[],
): SplitArguments {
  const takes = arity(flags);
  const firstWords = new Set(commands.map((name) => name.split(' ')[0]));
  const before: string[] = [];
  let index = 0;
  for (; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-') || word === '-') break;
    before.push(word);
    if (word.includes('=')) continue;
    const wants = takes(word);
    if (wants === 'none') continue;
    do {
      const next = argv[index + 1];
      if (next === undefined || (wants === 'many' && (next.startsWith('-') || firstWords.has(next)))) break;
      before.push(next);
      index += 1;
    } while (wants === 'many');
  }
  const first = argv[index];
  if (first === undefined) return { command: undefined, unknown: undefined, rest: before };
  const two = `${first} ${argv[index + 1] ?? ''}`;
  const name = commands.includes(two) ? two : commands.includes(first) ? first : undefined;
  const after = argv.slice(index + (name === two ? 2 : 1));
  if (name) return { command: name, unknown: undefined, rest: [...before, ...after] };
  return { command: undefined, unknown: firstWords.has(first) ? two.trim() : first, rest: [...before, ...after] };
}

function arity(flags: readonly Flag[]): (word: string) => 'none' | 'one' | 'many' {
  const known = new Map<string, 'none' | 'one' | 'many'>();
  for (const { spelling } of flags) {
    const wants = spelling.includes('...') ? 'many' : /[<[]/.test(spelling) ? 'one' : 'none';
    for (const [name] of spelling.matchAll(/--?[a-z][a-z-]*/gi)) known.set(name, wants);
  }
  return (word) => {
    const exact = known.get(word);
    if (exact) return exact;
    // `-qt prod` and `-tprod`: the last letter of a group decides, a value stuck to its flag wants nothing.
    if (!/^-[a-z]{2,}$/i.test(word)) return 'none';
    const letters = [...word.slice(1)].map((letter) => known.get(`-${letter}`) ?? 'none');
    return letters.slice(0, -1).every((wants) => wants === 'none') ? (letters.at(-1) ?? 'none') : 'none';
  };
}

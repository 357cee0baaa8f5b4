import { valueError } from '../../values/template-error.ts';

/** Python's flags by bit. */
export const FLAGS = { IGNORECASE: 2, MULTILINE: 8, DOTALL: 16, VERBOSE: 64, ASCII: 256, UNICODE: 32 } as const;

const INLINE: Readonly<Record<string, number>> = { i: 2, m: 8, s: 16, x: 64, a: 256, u: 32, L: 4 };

/** A Python regular expression as a JavaScript one that finds from an index on (`g`) and gives positions of groups (`d`). */
export function compilePattern(source: string, flags: number): RegExp {
  const [leading = ''] = /^(?:\(\?[aiLmsux]+\))*/.exec(source) ?? [];
  const all = [...leading].reduce((sum, letter) => sum | (INLINE[letter] ?? 0), flags);
  const letters = `dg${all & FLAGS.IGNORECASE ? 'i' : ''}`;
  const body = source.slice(leading.length);
  try {
    return new RegExp(translated(body, all, true), `${letters}u`);
  } catch {
    // Python takes `{`, `}` and `]` that mean nothing as they are, which JavaScript's stricter mode does not.
    try {
      return new RegExp(translated(body, all, false), letters);
    } catch (error) {
      if (error instanceof SyntaxError) throw valueError(`\`${source}\` is no regular expression: ${error.message}.`);
      throw error;
    }
  }
}

const TOKEN =
  /\\[\s\S]|\(\?P<(\w+)>|\(\?P=(\w+)\)|\(\?#[^)]*\)|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|([*+?}])\+|\{,(\d+)\}|[.^$]|\s+|#[^\n]*/g;

const START = '(?<![\\s\\S])';
const END = '(?![\\s\\S])';

/** @param strict whether the result is read in JavaScript's stricter mode, which alone knows classes of all scripts' letters */
function translated(source: string, flags: number, strict: boolean): string {
  const is = (flag: number) => (flags & flag) !== 0;
  const classes = strict && !is(FLAGS.ASCII) ? SCRIPTS : {};
  return source.replace(TOKEN, (token, name, reference, possessive, upTo) => {
    if (token === '\\A') return START;
    if (token === '\\Z') return END;
    // Lines end in `\n` alone; without MULTILINE `$` also stands before the last of them.
    if (token === '.') return is(FLAGS.DOTALL) ? '[\\s\\S]' : '[^\\n]';
    if (token === '^') return is(FLAGS.MULTILINE) ? `(?:${START}|(?<=\\n))` : START;
    if (token === '$') return is(FLAGS.MULTILINE) ? `(?=\\n|${END})` : `(?=\\n?${END})`;
    if (name !== undefined) return `(?<${name}>`;
    if (reference !== undefined) return `\\k<${reference}>`;
    if (token.startsWith('(?#')) return '';
    if (possessive !== undefined) return possessive;
    if (upTo !== undefined) return `{0,${upTo}}`;
    if (token.startsWith('\\')) return classes[token] ?? (strict ? token.replace(MEANS_ITSELF, '$1') : token);
    if (token.startsWith('[')) return characterClass(token, classes);
    if (/^\s/.test(token) || token.startsWith('#')) return is(FLAGS.VERBOSE) ? '' : token;
    return token;
  });
}

/** An escaped sign that needs no escape, which JavaScript's stricter mode refuses. */
const MEANS_ITSELF = /^\\([^A-Za-z0-9^$\\.*+?()[\]{}|/])$/;

/** What Python's classes hold beyond ASCII. */
const WORD = '\\p{L}\\p{N}_';
const SCRIPTS: Readonly<Record<string, string>> = {
  '\\w': `[${WORD}]`,
  '\\W': `[^${WORD}]`,
  '\\d': '\\p{Nd}',
  '\\D': '\\P{Nd}',
  '\\b': `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
  '\\B': `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`,
};

/** A closing bracket that comes first in a class is itself in Python, and so is every opening one. */
function characterClass(token: string, classes: Readonly<Record<string, string>>): string {
  const [, open = '[', rest = ''] = /^(\[\^?)([\s\S]*)\]$/.exec(token) ?? [];
  const inside = (part: string): string => {
    if (part === '[') return '\\[';
    if (part === '\\w') return classes[part]?.slice(1, -1) ?? part;
    if (part === '\\d' || part === '\\D') return classes[part] ?? part;
    return part.replace(MEANS_ITSELF, (_, sign: string) => (sign === '-' ? '\\-' : sign));
  };
  const body = rest.replace(/\\[\s\S]|\[/g, inside).replace(/^\]/, '\\]');
  return `${open}${body}]`;
}

import { valueError } from '../../values/template-error.ts';

/** Python's flags by bit. */
export const FLAGS = { IGNORECASE: 2, MULTILINE: 8, DOTALL: 16, VERBOSE: 64, ASCII: 256, UNICODE: 32 } as const;

const INLINE: Readonly<Record<string, number>> = { i: 2, m: 8, s: 16, x: 64, a: 256, u: 32, L: 4 };

/** A Python regular expression as a JavaScript one that finds from an index on (`g`) and gives positions of groups (`d`). */
export function compilePattern(source: string, flags: number): RegExp {
  const leading = /^\(\?([aiLmsux]+)\)/.exec(source);
  const all = [...(leading?.[1] ?? '')].reduce((sum, letter) => sum | (INLINE[letter] ?? 0), flags);
  const body = translated(leading === null ? source : source.slice(leading[0].length), (all & FLAGS.VERBOSE) !== 0);
  const letters = `dg${all & FLAGS.IGNORECASE ? 'i' : ''}${all & FLAGS.MULTILINE ? 'm' : ''}${all & FLAGS.DOTALL ? 's' : ''}`;
  try {
    return new RegExp(body, `${letters}u`);
  } catch {
    // Python allows escapes such as `\-` that JavaScript's stricter mode does not.
    try {
      return new RegExp(body, letters);
    } catch (error) {
      if (error instanceof SyntaxError) throw valueError(`\`${source}\` is no regular expression: ${error.message}.`);
      throw error;
    }
  }
}

const TOKEN =
  /\\[\s\S]|\(\?P<(\w+)>|\(\?P=(\w+)\)|\(\?#[^)]*\)|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|([*+?}])\+|\{,(\d+)\}|\s+|#[^\n]*/g;

function translated(source: string, verbose: boolean): string {
  return source.replace(TOKEN, (token, name, reference, possessive, upTo) => {
    if (token === '\\A') return '(?<![\\s\\S])';
    if (token === '\\Z') return '(?![\\s\\S])';
    if (name !== undefined) return `(?<${name}>`;
    if (reference !== undefined) return `\\k<${reference}>`;
    if (token.startsWith('(?#')) return '';
    if (possessive !== undefined) return possessive;
    if (upTo !== undefined) return `{0,${upTo}}`;
    if (token.startsWith('[')) return characterClass(token);
    if (/^\s/.test(token) || token.startsWith('#')) return verbose ? '' : token;
    return token;
  });
}

/** A closing bracket that comes first in a class is itself in Python, and so is every opening one. */
function characterClass(token: string): string {
  const [, open = '[', rest = ''] = /^(\[\^?)([\s\S]*)\]$/.exec(token) ?? [];
  const body = rest.replace(/\\[\s\S]|\[/g, (part) => (part === '[' ? '\\[' : part)).replace(/^\]/, '\\]');
  return `${open}${body}]`;
}

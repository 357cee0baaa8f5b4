/**
 * The words of `--select` and `--exclude` → SelectionTree. dbt's way: a space is a union, a comma an intersection that binds tighter.
 * What stands in double quotes is not taken apart: `tag:"late night"`. Besides, an argument may be an expression with `and`, `or`, `not` and parentheses: `tag:nightly and not (path:models/raw or orders)`.
 */

import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import { isBad, methodProblem, parseCriterion } from './criterion.ts';
import { METHOD_NAMES } from './methods.ts';
import { combined, type SelectionTree, without } from './selection-tree.ts';

/** The words of one option as a file of that name, so that diagnostics can point into them and frames can be drawn. */
export const argumentFile = (option: string, words: readonly string[]): SourceFile => ({
  path: option,
  text: words.join(' '),
});

/** The union of all words. No word at all selects nothing: what that means is the caller's to say. */
export function parseSelection(option: string, words: readonly string[]): Checked<SelectionTree> {
  const reader = new Reader(option);
  const { text } = argumentFile(option, words);
  // A shell that was given no quotes hands the operators over one by one, so they hold across words.
  if (words.some((word) => isOperator(word.trim())))
    return { value: reader.expression(text, 0), diagnostics: reader.found };
  const parts: SelectionTree[] = [];
  let offset = 0;
  for (const word of words) {
    parts.push(isExpression(word) ? reader.expression(word, offset) : reader.union(word, offset));
    offset += word.length + 1;
  }
  const value = combined(
    'union',
    parts.flatMap((part) => (part.kind === 'union' && part.recheck === undefined ? part.parts : [part])),
  );
  return { value, diagnostics: reader.found };
}

interface Token {
  readonly kind: 'and' | 'or' | 'not' | '(' | ')' | 'term';
  readonly text: string;
  readonly start: number;
}

const isOperator = (word: string): boolean => /^(?:and|or|not|\(|\))$/i.test(word);
const isExpression = (text: string): boolean => tokens(text, 0).some((token) => token.kind !== 'term');

/** Parentheses group only around a term: a `)` that closes a `(` inside the term belongs to it, as in `path:models/a(1).sql`. */
function tokens(text: string, offset: number): readonly Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(WORD)) {
    let word = match[0];
    let start = match.index + offset;
    while (word.startsWith('(')) {
      found.push({ kind: '(', text: '(', start });
      word = word.slice(1);
      start += 1;
    }
    const closing: Token[] = [];
    while (word.endsWith(')') && count(word, ')') > count(word, '(')) {
      word = word.slice(0, -1);
      closing.unshift({ kind: ')', text: ')', start: start + word.length });
    }
    const kind = /^and$/i.test(word) ? 'and' : /^or$/i.test(word) ? 'or' : /^not$/i.test(word) ? 'not' : 'term';
    if (word !== '') found.push({ kind, text: word, start });
    found.push(...closing);
  }
  return found;
}

/** Up to the next blank that no quotes enclose; a quote that is never closed is a letter like others. */
const WORD = /(?:"(?:[^"]|"")*"|\S)+/g;

/** Between commas. */
const PIECE = /(?:"(?:[^"]|"")*"|[^,])+|(?<=,|^)(?=,|$)/g;

const count = (text: string, character: string): number => text.split(character).length - 1;

class Reader {
  readonly found: Diagnostic[] = [];
  readonly #file: string;
  constructor(file: string) {
    this.#file = file;
  }

  /** dbt's grammar: `a b,c` is a ∪ (b ∩ c). */
  union(text: string, offset: number): SelectionTree {
    const terms = [...text.matchAll(WORD)];
    return combined(
      'union',
      terms.map((term) => this.intersection(term[0], offset + term.index)),
    );
  }

  intersection(text: string, offset: number): SelectionTree {
    const pieces = [...text.matchAll(PIECE)];
    return combined(
      'intersection',
      pieces.map((piece) => this.criterion(piece[0], offset + piece.index, pieces.length > 1)),
    );
  }

  criterion(text: string, start: number, inIntersection: boolean): SelectionTree {
    if (text === '' && inIntersection) {
      this.#wrong(
        'select/empty-part',
        'a comma joins two parts, and one of them is missing',
        Math.max(0, start - 1),
        start,
        {
          hint: 'write `tag:nightly,orders` without blanks around the comma, or leave the comma out',
        },
      );
      return { kind: 'nothing' };
    }
    const parsed = parseCriterion(text);
    if (isBad(parsed)) {
      this.#wrong(parsed.code, parsed.message, start + parsed.start, start + parsed.end, { hint: parsed.hint });
      return { kind: 'nothing' };
    }
    const problem = methodProblem(parsed, METHOD_NAMES);
    if (problem !== undefined) {
      const at = start + text.indexOf(parsed.method);
      const end = at + [parsed.method, ...parsed.arguments].join('.').length;
      this.#wrong(problem.code, problem.message, at, end, problem);
      return { kind: 'nothing' };
    }
    return {
      kind: 'criterion',
      criterion: {
        ...parsed,
        at: { file: this.#file, start, end: start + text.length },
      },
    };
  }

  /** `or` binds least, then `and`, then `not`. */
  expression(text: string, offset: number): SelectionTree {
    const all = tokens(text, offset);
    const end = offset + text.length;
    let next = 0;
    const peek = (): Token | undefined => all[next];
    const missing = (before: Token | undefined): SelectionTree => {
      const beside = before ?? all[next - 1];
      const [from, to] = beside === undefined ? [offset, end] : [beside.start, beside.start + beside.text.length];
      const where = beside === undefined ? 'here' : `${before === undefined ? 'after' : 'before'} \`${beside.text}\``;
      this.#wrong('select/bad-expression', `something to select is missing ${where}`, from, to, {});
      return { kind: 'nothing' };
    };
    const either = (): SelectionTree => {
      const parts = [both()];
      while (peek()?.kind === 'or') {
        next += 1;
        parts.push(both());
      }
      return combined('union', parts);
    };
    const both = (): SelectionTree => {
      const parts = [operand()];
      while (peek()?.kind === 'and') {
        next += 1;
        parts.push(operand());
      }
      return intersected(parts);
    };
    const operand = (): SelectionTree => {
      const token = peek();
      if (token === undefined || token.kind === 'and' || token.kind === 'or' || token.kind === ')')
        return missing(token);
      next += 1;
      if (token.kind === 'not') return without({ kind: 'everything' }, operand());
      if (token.kind === 'term') return this.intersection(token.text, token.start);
      const inner = either();
      if (peek()?.kind === ')') next += 1;
      else this.#wrong('select/bad-expression', 'this `(` is never closed', token.start, token.start + 1, {});
      return inner;
    };
    const tree = either();
    const left = peek();
    if (left !== undefined && this.found.length === 0)
      this.#wrong(
        'select/bad-expression',
        left.kind === ')' ? 'this `)` closes nothing' : `an operator is missing before \`${left.text}\``,
        left.start,
        left.start + left.text.length,
        left.kind === ')'
          ? {}
          : {
              hint: `write \`or ${left.text}\` for both, \`and ${left.text}\` for what is in both`,
            },
      );
    return tree;
  }

  #wrong(
    code: string,
    message: string,
    start: number,
    end: number,
    more: { readonly hint?: string | undefined },
  ): void {
    const at = { file: this.#file, start, end: Math.max(end, start + 1) };
    this.found.push({
      code,
      severity: 'error',
      message,
      at,
      ...(more.hint === undefined ? {} : { hint: more.hint }),
    });
  }
}

/** `a and not b` is a difference, as `--exclude` is one. */
function intersected(parts: readonly SelectionTree[]): SelectionTree {
  const isNot = (part: SelectionTree) =>
    part.kind === 'difference' && part.parts.length === 2 && part.parts[0]?.kind === 'everything';
  const kept = parts.filter((part) => !isNot(part));
  const away = parts.filter(isNot).flatMap((part) => (part.kind === 'difference' ? part.parts.slice(1) : []));
  if (away.length === 0 || kept.length === 0) return combined('intersection', parts);
  return {
    kind: 'difference',
    parts: [combined('intersection', kept), ...away],
    recheck: 'eager',
  };
}

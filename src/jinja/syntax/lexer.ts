import nunjucks from 'nunjucks/src/lexer.js';
import { decodeString } from './string-literal.ts';
import { SyntaxFailure } from './syntax-failure.ts';

/** nunjucks carries two numbers through its parser as `lineno` and `colno`; ours are the offsets where a token starts and ends. */
export interface Token {
  readonly type: TokenType;
  readonly value: string;
  readonly lineno: number;
  readonly colno: number;
  /** Of a literal: its value. Of `docs`: the node's measures. */
  readonly literal?: string | number | { readonly bodyStart: number; readonly bodyEnd: number };
}

export type TokenType =
  | 'data'
  | 'block-start'
  | 'block-end'
  | 'variable-start'
  | 'variable-end'
  | 'string'
  | 'int'
  | 'float'
  | 'symbol'
  | 'operator'
  | 'docs';

export interface LexerOptions {
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  readonly keepTrailingNewline: boolean;
  /** Only `{% docs %}` counts; every other tag is text, as in Markdown that speaks about Jinja. */
  readonly docsOnly: boolean;
}

/** Integers past it are kept as digits. */
const MOST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

const NewTokenizer = nunjucks.lex('').constructor;

const WHITESPACE = /\s+/y;
const UNICODE_NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const FLOAT = /\d+(?:_\d+)*(?:(?:\.\d+(?:_\d+)*)?e[+-]?\d+(?:_\d+)*|\.\d+(?:_\d+)*)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const SINGLE = new Set('-+/*%~[](){}><=.:|,;');
const DOUBLE = new Set(['//', '**', '==', '!=', '>=', '<=']);
const RAW_BEGIN = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const RAW_END = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\})/y;
const DOCS_BEGIN = /\{%[-+]?\s*docs\s+([A-Za-z_]\w*)\s*[-+]?%\}/y;
const DOCS_END = /\{%[-+]?\s*enddocs\s*[-+]?%\}/y;
const NEWLINE = /\r\n|\r|\n/g;
const CLOSERS: Readonly<Record<string, string>> = {
  '(': ')',
  '[': ']',
  '{': '}',
};

/** nunjucks' tokenizer with Jinja2 3.1's rules for whitespace control, raw blocks, numbers, strings and brackets. */
export class Lexer extends NewTokenizer {
  private readonly options: LexerOptions;
  private queue: Token[] = [];
  private brackets: { readonly open: string; readonly at: number }[] = [];
  private tagStart = 0;
  private variable = false;
  private lineStarting = true;

  constructor(text: string, options: LexerOptions) {
    super(text);
    this.options = options;
    this.queue = [];
    this.brackets = [];
    if (!options.keepTrailingNewline) {
      const trailing = text.endsWith('\r\n') ? 2 : text.endsWith('\n') || text.endsWith('\r') ? 1 : 0;
      this.len = text.length - trailing;
      this.str = text.slice(0, this.len);
    }
  }

  override nextToken(): Token | null {
    for (;;) {
      const waiting = this.queue.shift();
      if (waiting !== undefined) return waiting;
      if (this.in_code) return this.codeToken();
      if (this.index >= this.len) return null;
      this.readText();
    }
  }

  /** Leaves the tag that could not be understood, so that later mistakes can be reported as well. */
  recover(): boolean {
    const close = this.variable ? '}}' : '%}';
    const end = this.str.indexOf(close, this.index);
    if (this.in_code && end < 0) return false;
    if (this.in_code) this.index = end + 2;
    this.in_code = false;
    this.brackets = [];
    return true;
  }

  /** Reads text up to the next tag and queues what it finds. */
  private readText(): void {
    const from = this.index;
    let at = this.nextTag(from);
    while (this.options.docsOnly && at >= 0 && !this.isDocsOrHidden(at)) at = this.nextTag(at + 2);
    if (at < 0) {
      this.data(from, this.len);
      this.index = this.len;
      return;
    }
    const sign = this.str[at + 2] ?? '';
    const kind = this.str[at + 1];
    this.data(from, this.endOfText(from, at, sign, kind === '{'));
    if (kind === '#') this.skipComment(at);
    else if (kind === '%' && this.isTag(at, 'raw') && this.readRaw(at)) return;
    else if (kind === '%' && this.isTag(at, 'docs') && this.readDocs(at)) return;
    else this.openTag(at, kind === '{', sign);
  }

  private nextTag(from: number): number {
    for (let at = this.str.indexOf('{', from); at >= 0; at = this.str.indexOf('{', at + 1)) {
      const next = this.str.charCodeAt(at + 1);
      if (next === 0x7b || next === 0x25 || next === 0x23) return at;
    }
    return -1;
  }

  private isDocsOrHidden(at: number): boolean {
    if (this.str[at + 1] === '#') return this.str.indexOf('#}', at) >= 0;
    return matchAt(DOCS_BEGIN, this.str, at) !== null || matchAt(RAW_BEGIN, this.str, at) !== null;
  }

  /** Where the text before a tag ends, after `-` or lstrip took its whitespace. */
  private endOfText(from: number, at: number, sign: string, variable: boolean): number {
    if (sign === '-') return trimmedEnd(this.str, from, at);
    if (sign === '+' || variable || !this.options.lstripBlocks) return at;
    let lineStart = at;
    while (lineStart > from && isBlank(this.str.charCodeAt(lineStart - 1))) lineStart--;
    const atLineStart = lineStart > from ? isNewline(this.str.charCodeAt(lineStart - 1)) : this.lineStarting;
    return atLineStart ? lineStart : at;
  }

  private data(from: number, to: number): void {
    if (to <= from) return;
    const text = this.str.slice(from, to);
    const value = text.includes('\r') ? text.replace(NEWLINE, '\n') : text;
    this.queue.push({ type: 'data', value, lineno: from, colno: to });
  }

  private openTag(at: number, variable: boolean, sign: string): void {
    const end = at + (sign === '-' || sign === '+' ? 3 : 2);
    this.queue.push({
      type: variable ? 'variable-start' : 'block-start',
      value: this.str.slice(at, end),
      lineno: at,
      colno: end,
    });
    this.index = end;
    this.in_code = true;
    this.tagStart = at;
    this.variable = variable;
  }

  private skipComment(at: number): void {
    const sign = this.str[at + 2] ?? '';
    const end = this.str.indexOf('#}', at + (sign === '-' || sign === '+' ? 3 : 2));
    if (end < 0)
      throw new SyntaxFailure('jinja/unclosed-comment', 'This comment is never closed.', at, at + 2, {
        label: 'opened here',
        hint: 'add `#}` where the comment ends',
      });
    this.afterTag(end + 2, end > at + 2 ? (this.str[end - 1] ?? '') : '');
  }

  /** Moves behind a closed comment, block or raw block and takes the whitespace it asks for. */
  private afterTag(end: number, sign: string): void {
    this.index = end;
    if (sign === '-') this.index = afterSpace(this.str, end);
    else if (sign !== '+' && this.options.trimBlocks) {
      if (this.str.startsWith('\r\n', end)) this.index = end + 2;
      else if (isNewline(this.str.charCodeAt(end))) this.index = end + 1;
    }
    this.lineStarting = isNewline(this.str.charCodeAt(this.index - 1));
  }

  private isTag(at: number, name: string): boolean {
    const sign = this.str.charAt(at + 2);
    return this.str.startsWith(name, afterSpace(this.str, at + (sign === '-' || sign === '+' ? 3 : 2)));
  }

  private readRaw(at: number): boolean {
    const begin = matchAt(RAW_BEGIN, this.str, at);
    if (begin === null) return false;
    const from = at + begin[0].length;
    this.lineStarting = isNewline(this.str.charCodeAt(from - 1));
    for (let tag = this.str.indexOf('{%', from); tag >= 0; tag = this.str.indexOf('{%', tag + 2)) {
      const found = matchAt(RAW_END, this.str, tag);
      if (found === null) continue;
      this.data(from, this.endOfText(from, tag, found[1] ?? '', false));
      const close = this.str.indexOf('%}', tag);
      this.afterTag(close + 2, this.str[close - 1] ?? '');
      return true;
    }
    throw new SyntaxFailure('jinja/unclosed-block', 'This `raw` block is never closed.', at, from, {
      label: 'opened here',
      hint: 'add `{% endraw %}` where it ends',
    });
  }

  private readDocs(at: number): boolean {
    const begin = matchAt(DOCS_BEGIN, this.str, at);
    if (begin === null) return false;
    const bodyStart = at + begin[0].length;
    for (let tag = this.str.indexOf('{%', bodyStart); tag >= 0; tag = this.str.indexOf('{%', tag + 2)) {
      const found = matchAt(DOCS_END, this.str, tag);
      if (found === null) continue;
      const end = tag + found[0].length;
      const literal = { bodyStart, bodyEnd: tag };
      this.queue.push({
        type: 'docs',
        value: begin[1] ?? '',
        lineno: at,
        colno: end,
        literal,
      });
      this.afterTag(end, this.str[end - 3] ?? '');
      return true;
    }
    throw new SyntaxFailure('jinja/unclosed-block', `The docs block \`${begin[1]}\` is never closed.`, at, bodyStart, {
      label: 'opened here',
      hint: 'add `{% enddocs %}` where it ends',
    });
  }

  private codeToken(): Token {
    this.index = afterSpace(this.str, this.index);
    const start = this.index;
    if (start >= this.len) this.failUnclosed();
    if (this.brackets.length === 0) {
      const close = this.tagEnd(start);
      if (close !== undefined) return close;
    }
    const character = this.str.charCodeAt(start);
    if (isDigit(character)) return this.numberToken(start);
    if (isNameStart(character)) return this.nameToken(start);
    if (character === 0x22 || character === 0x27) return this.stringToken(start);
    return this.operatorToken(start);
  }

  private nameToken(start: number): Token {
    let end = start;
    let code = this.str.charCodeAt(end);
    while (code <= 127 && (isNameStart(code) || isDigit(code))) code = this.str.charCodeAt(++end);
    // Letters of other alphabets go the slow way.
    if (code > 127) {
      const name = matchAt(UNICODE_NAME, this.str, start)?.[0];
      if (name === undefined) return this.operatorToken(start);
      end = start + name.length;
    }
    this.index = end;
    return { type: 'symbol', value: this.str.slice(start, end), lineno: start, colno: end };
  }

  private failUnclosed(): never {
    const open = this.brackets.at(-1);
    if (open !== undefined)
      throw new SyntaxFailure('jinja/unclosed-bracket', `\`${open.open}\` is never closed.`, open.at, open.at + 1, {
        label: 'opened here',
        hint: `add \`${CLOSERS[open.open]}\``,
      });
    const tag = this.variable ? '{{' : '{%';
    throw new SyntaxFailure(
      'jinja/unclosed-tag',
      `This \`${tag}\` is never closed.`,
      this.tagStart,
      this.tagStart + 2,
      {
        label: 'opened here',
        hint: `add \`${this.variable ? '}}' : '%}'}\``,
      },
    );
  }

  private tagEnd(start: number): Token | undefined {
    const close = this.variable ? '}}' : '%}';
    const first = this.str[start] ?? '';
    const signed = first === '-' || (first === '+' && !this.variable);
    const at = signed ? start + 1 : start;
    if (!this.str.startsWith(close, at)) return undefined;
    this.in_code = false;
    const end = at + 2;
    if (this.variable) {
      this.index = end;
      if (signed) this.index = afterSpace(this.str, end);
      this.lineStarting = isNewline(this.str.charCodeAt(this.index - 1));
      return { type: 'variable-end', value: close, lineno: start, colno: end };
    }
    this.afterTag(end, signed ? first : '');
    return { type: 'block-end', value: close, lineno: start, colno: end };
  }

  private numberToken(start: number): Token {
    // `x.0.0` is two indexes, not one float.
    const float = this.str[start - 1] === '.' ? null : matchAt(FLOAT, this.str, start);
    const text = float?.[0] ?? matchAt(INTEGER, this.str, start)?.[0] ?? '0';
    this.index = start + text.length;
    const digits = text.replaceAll('_', '');
    const exact = float === null ? BigInt(digits) : 0n;
    const literal = float !== null ? Number(digits) : exact > MOST_EXACT ? String(exact) : Number(exact);
    return {
      type: float === null ? 'int' : 'float',
      value: text,
      lineno: start,
      colno: this.index,
      literal,
    };
  }

  private stringToken(start: number): Token {
    const quote = this.str.charCodeAt(start);
    let at = start + 1;
    while (at < this.len && this.str.charCodeAt(at) !== quote) at += this.str.charCodeAt(at) === 0x5c ? 2 : 1;
    if (at >= this.len)
      throw new SyntaxFailure('jinja/unclosed-string', 'This string is never closed.', start, start + 1, {
        label: 'opened here',
        hint: `add the closing \`${this.str[start]}\``,
      });
    this.index = at + 1;
    const literal = decodeString(this.str.slice(start + 1, at), start + 1);
    return {
      type: 'string',
      value: this.str.slice(start, at + 1),
      lineno: start,
      colno: at + 1,
      literal,
    };
  }

  private operatorToken(start: number): Token {
    const operator = operatorAt(this.str, start);
    if (operator === undefined) {
      const character = String.fromCodePoint(this.str.codePointAt(start) ?? 0);
      throw new SyntaxFailure(
        'jinja/unexpected-character',
        `\`${character}\` has no meaning inside a tag.`,
        start,
        start + character.length,
      );
    }
    if (operator in CLOSERS) this.brackets.push({ open: operator, at: start });
    else if (operator === ')' || operator === ']' || operator === '}') this.closeBracket(operator, start);
    this.index = start + operator.length;
    return {
      type: 'operator',
      value: operator,
      lineno: start,
      colno: this.index,
    };
  }

  private closeBracket(bracket: string, at: number): void {
    const open = this.brackets.pop();
    if (open !== undefined && CLOSERS[open.open] === bracket) return;
    if (open === undefined)
      throw new SyntaxFailure('jinja/unexpected-bracket', `\`${bracket}\` closes nothing.`, at, at + 1, {
        hint: bracket === '}' ? 'a dict at the end of a tag needs a `}` of its own: `{{ {…} }}`' : undefined,
      });
    this.brackets = [];
    throw new SyntaxFailure(
      'jinja/unclosed-bracket',
      `\`${open.open}\` is not closed: expected \`${CLOSERS[open.open]}\`, found \`${bracket}\`.`,
      open.at,
      open.at + 1,
      { label: 'opened here', hint: `add \`${CLOSERS[open.open]}\`` },
    );
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function operatorAt(text: string, at: number): string | undefined {
  const double = text.slice(at, at + 2);
  if (DOUBLE.has(double)) return double;
  const single = text.charAt(at);
  return SINGLE.has(single) ? single : undefined;
}

/** The first index that holds no whitespace. */
function afterSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) at++;
    else if (code > 127) return at + (matchAt(WHITESPACE, text, at)?.[0].length ?? 0);
    else return at;
  }
}

/** What may begin a name; anything beyond ASCII is looked at more closely later. */
const isNameStart = (code: number) =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127;

const isDigit = (code: number) => code >= 48 && code <= 57;
const isNewline = (code: number) => code === 10 || code === 13;
const isBlank = (code: number) => code === 32 || code === 9 || code === 11 || code === 12;

function trimmedEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && (isBlank(text.charCodeAt(end - 1)) || isNewline(text.charCodeAt(end - 1)))) end--;
  // Rare whitespace (no-break spaces and the like) goes the slow way.
  return end > from && text.charCodeAt(end - 1) > 127 ? from + text.slice(from, end).trimEnd().length : end;
}

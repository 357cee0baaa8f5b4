import nunjucks from 'nunjucks/src/parser.js';
import type { Lexer, Token } from './lexer.ts';
import { SyntaxFailure } from './syntax-failure.ts';

/** nunjucks' parser reading our lexer's tokens, and saying what it expected in words. */
export class TokenReader extends nunjucks.Parser {
  declare peeked: Token | null;
  protected readonly lexer: Lexer;
  /** Where the last token taken ends. */
  protected lastEnd = 0;

  constructor(lexer: Lexer) {
    super(lexer);
    this.lexer = lexer;
  }

  // The inherited method also skips whitespace tokens, which our lexer never makes.
  override nextToken(): Token | null {
    const token = this.peeked ?? this.lexer.nextToken();
    this.peeked = null;
    if (token !== null) this.lastEnd = token.colno;
    return token;
  }
  override peekToken(): Token | null {
    this.peeked ??= this.lexer.nextToken();
    return this.peeked;
  }
  /** After a mistake: the token looked at belongs to what was given up. */
  protected forgetToken(): void {
    this.peeked = null;
  }
  override error(message: string, start?: number, end?: number): Error {
    const at = start ?? this.peekToken()?.lineno ?? this.lexer.len;
    return new SyntaxFailure('jinja/syntax', message, at, end ?? at + 1);
  }

  protected isOperator(value: string): boolean {
    const token = this.peekToken();
    return token?.type === 'operator' && token.value === value;
  }
  protected skipOperator(value: string): boolean {
    return this.isOperator(value) && this.nextToken() !== null;
  }
  override skipSymbol(name: string): boolean {
    const token = this.peekToken();
    return token?.type === 'symbol' && token.value === name && this.nextToken() !== null;
  }
  protected expectOperator(value: string, why: string): void {
    const token = this.peekToken();
    if (!this.skipOperator(value)) this.failAt(`Expected \`${value}\` ${why}, found ${describe(token)}.`, token);
  }
  protected expectSymbol(what: string): Token {
    const token = this.peekToken();
    if (token?.type !== 'symbol') return this.failAt(`Expected ${what}, found ${describe(token)}.`, token);
    this.nextToken();
    return token;
  }

  protected failAt(
    message: string,
    token: Token | null | undefined,
    more: {
      readonly code?: string;
      readonly hint?: string | undefined;
      readonly label?: string;
    } = {},
  ): never {
    const start = token?.lineno ?? this.lexer.len;
    throw new SyntaxFailure(more.code ?? 'jinja/syntax', message, start, token?.colno ?? start, more);
  }
}

/** A token as a person would name it. */
export function describe(token: Token | null | undefined): string {
  if (token === null || token === undefined) return 'the end of the file';
  if (token.type === 'block-end' || token.type === 'variable-end') return `the end of the tag, \`${token.value}\``;
  return token.type === 'data' ? 'text' : `\`${token.value}\``;
}

// nunjucks publishes no types for its lexer and parser. Only what this room inherits is declared.

declare module 'nunjucks/src/lexer.js' {
  export interface Tokenizer {
    str: string;
    index: number;
    len: number;
    in_code: boolean;
    nextToken(): unknown;
  }
  const lexer: {
    lex(text: string): Tokenizer & { constructor: new (text: string) => Tokenizer };
  };
  export default lexer;
}

declare module 'nunjucks/src/parser.js' {
  export interface Token {
    readonly type: string;
    readonly value: string;
    readonly lineno: number;
    readonly colno: number;
  }
  export class Parser {
    constructor(tokens: { nextToken(): unknown });
    tokens: { nextToken(): unknown };
    peeked: Token | null;
    breakOnBlocks: readonly string[] | null;
    nextToken(): Token | null;
    peekToken(): Token | null;
    pushToken(token: Token | null): void;
    fail(message: string, start?: number, end?: number): never;
    error(message: string, start?: number, end?: number): Error;
    skip(type: string): boolean;
    skipValue(type: string, value: string): boolean;
    skipSymbol(name: string): boolean;
    parseExpression(): object;
    parseInlineIf(): object;
    parseOr(): object;
    parseAnd(): object;
    parseNot(): object;
    parseUntilBlocks(...names: string[]): {
      readonly children: readonly object[];
    };
    parseNodes(): object[];
    parseStatement(): object | null;
    parseAsRoot(): { readonly children: readonly object[] };
  }
  const parser: { readonly Parser: typeof Parser };
  export default parser;
}

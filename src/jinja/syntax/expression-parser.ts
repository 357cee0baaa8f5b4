import type { Token, TokenType } from './lexer.ts';
import type { Arguments, BinaryOperator, CallNode, CompareOperator, Expression, FilterNode, Literal } from './nodes.ts';
import { startOf } from './nodes.ts';
import { describe, TokenReader } from './token-reader.ts';

const COMPARE: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const NO_ARGUMENTS: Arguments = {
  positional: [],
  named: [],
  star: undefined,
  starStar: undefined,
};

/** Python gives up at about this depth, too. */
const DEEPEST = 200;

/**
 * nunjucks' parser with Jinja2's expressions. Reading tokens, `or`, `and` and the walk over nodes are inherited; every level
 * where nunjucks binds differently or knows less is overridden.
 */
export class ExpressionParser extends TokenReader {
  private depth = 0;

  override parseExpression(): Expression {
    if (++this.depth > DEEPEST)
      this.failAt('This is nested too deeply.', this.peekToken(), {
        code: 'jinja/too-deep',
      });
    const node = this.parseInlineIf();
    this.depth--;
    return node;
  }

  override parseInlineIf(): Expression {
    let node = this.parseWithoutCondition();
    while (this.skipSymbol('if')) {
      const condition = this.parseWithoutCondition();
      const otherwise = this.skipSymbol('else') ? this.parseExpression() : undefined;
      node = {
        typename: 'Conditional',
        body: node,
        condition,
        otherwise,
        start: startOf(node),
        end: this.lastEnd,
      };
    }
    return node;
  }

  /** An expression without the inline `if`. The inherited parser's `or` and `and` are made of what `parseNot` answers. */
  protected parseWithoutCondition(): Expression {
    return this.parseOr() as Expression;
  }

  override parseNot(): Expression {
    const token = this.peekToken();
    if (token === null || !this.skipSymbol('not')) return this.parseComparison();
    if (++this.depth > DEEPEST)
      this.failAt('This is nested too deeply.', token, {
        code: 'jinja/too-deep',
      });
    const target = this.parseNot();
    this.depth--;
    return {
      typename: 'Negation',
      target,
      start: token.lineno,
      end: this.lastEnd,
    };
  }

  private parseComparison(): Expression {
    const first = this.parseSum();
    const rest: { operator: CompareOperator; value: Expression }[] = [];
    for (;;) {
      const operator = this.takeCompareOperator();
      if (operator === undefined) break;
      rest.push({ operator, value: this.parseSum() });
    }
    if (rest.length === 0) return first;
    return {
      typename: 'Comparison',
      first,
      rest,
      start: startOf(first),
      end: this.lastEnd,
    };
  }

  private takeCompareOperator(): CompareOperator | undefined {
    const token = this.peekToken();
    if (token === null) return undefined;
    if (token.type === 'operator') {
      if (!COMPARE.has(token.value)) return undefined;
      this.nextToken();
      return token.value as CompareOperator; // as: COMPARE holds exactly these
    }
    if (this.skipSymbol('in')) return 'in';
    if (!this.skipSymbol('not')) return undefined;
    if (this.skipSymbol('in')) return 'not in';
    return this.failAt('After `not` here only `in` can follow.', this.peekToken());
  }

  private parseLeftToRight(operators: readonly string[], parseSide: () => Expression): Expression {
    let left = parseSide();
    for (;;) {
      const token = this.peekToken();
      if (token?.type !== 'operator' || !operators.includes(token.value)) return left;
      this.nextToken();
      const right = parseSide();
      const operator = token.value as BinaryOperator; // as: `operators` holds only these
      left = {
        typename: 'Binary',
        operator,
        left,
        right,
        start: startOf(left),
        end: this.lastEnd,
      };
    }
  }

  private parseSum(): Expression {
    return this.parseLeftToRight(SUM, this.parseConcatenation);
  }
  private readonly parseConcatenation = (): Expression => {
    const first = this.parseProduct();
    if (!this.isOperator('~')) return first;
    const items = [first];
    while (this.skipOperator('~')) items.push(this.parseProduct());
    return {
      typename: 'Concat',
      items,
      start: startOf(first),
      end: this.lastEnd,
    };
  };
  private parseProduct(): Expression {
    return this.parseLeftToRight(PRODUCT, this.parsePower);
  }
  private readonly parsePower = (): Expression => this.parseLeftToRight(POWER, this.parseSigned);
  private readonly parseSigned = (): Expression => this.parseFilters(this.parseUnaryOperand());

  private parseUnaryOperand(): Expression {
    const token = this.peekToken();
    if (token?.type !== 'operator' || (token.value !== '-' && token.value !== '+'))
      return this.parsePostfix(this.parseAtom());
    this.nextToken();
    if (++this.depth > DEEPEST)
      this.failAt('This is nested too deeply.', token, {
        code: 'jinja/too-deep',
      });
    const target = this.parseUnaryOperand();
    this.depth--;
    return {
      typename: 'Unary',
      operator: token.value,
      target,
      start: token.lineno,
      end: this.lastEnd,
    };
  }

  protected parseAtom(): Expression {
    const token = this.nextToken();
    if (token === null) return this.failAt('An expression is missing.', null);
    const at = { start: token.lineno, end: token.colno };
    switch (token.type) {
      case 'symbol':
        return CONSTANTS.has(token.value)
          ? { typename: 'Constant', value: CONSTANTS.get(token.value) ?? null, ...at }
          : { typename: 'Name', name: token.value, ...at };
      case 'string':
        return this.parseStrings(token);
      case 'int':
      case 'float':
        return numberNode(token);
      case 'operator':
        if (token.value === '(') return this.parseParentheses(token);
        if (token.value === '[') return this.parseList(token);
        if (token.value === '{') return this.parseMapping(token);
    }
    return this.failAt(`Expected an expression, found ${describe(token)}.`, token);
  }

  /** Adjacent strings are one. */
  private parseStrings(first: Token): Literal {
    let value = String(first.literal);
    while (this.peekToken()?.type === 'string') value += String(this.nextToken()?.literal);
    return {
      typename: 'Constant',
      value,
      start: first.lineno,
      end: this.lastEnd,
    };
  }

  private parseParentheses(open: Token): Expression {
    if (this.skipOperator(')'))
      return {
        typename: 'Tuple',
        items: [],
        start: open.lineno,
        end: this.lastEnd,
      };
    const inner = this.parseTuple([')']);
    this.expectOperator(')', 'to close the parenthesis');
    return inner;
  }

  private parseList(open: Token): Expression {
    const items = this.parseItems(']', () => this.parseExpression());
    return { typename: 'List', items, start: open.lineno, end: this.lastEnd };
  }

  private parseMapping(open: Token): Expression {
    const pairs = this.parseItems('}', () => {
      const key = this.parseExpression();
      this.expectOperator(':', 'between a key and its value');
      return { key, value: this.parseExpression() };
    });
    return {
      typename: 'Mapping',
      pairs,
      start: open.lineno,
      end: this.lastEnd,
    };
  }

  /** Items between commas up to a closing bracket; a comma may follow the last. */
  private parseItems<T>(close: string, parseOne: () => T): readonly T[] {
    const items: T[] = [];
    while (!this.skipOperator(close)) {
      if (items.length > 0) {
        this.expectOperator(',', `or \`${close}\``);
        if (this.skipOperator(close)) break;
      }
      items.push(parseOne());
    }
    return items;
  }

  /** One expression, or several with commas between, which make a tuple. */
  protected parseTuple(ends: readonly string[], withCondition = true): Expression {
    const start = this.peekToken()?.lineno ?? 0;
    const items: Expression[] = [];
    let isTuple = false;
    while (!this.isTupleEnd(ends)) {
      items.push(withCondition ? this.parseExpression() : this.parseWithoutCondition());
      if (!this.skipOperator(',')) break;
      isTuple = true;
    }
    const [first] = items;
    if (isTuple) return { typename: 'Tuple', items, start, end: this.lastEnd };
    if (first !== undefined) return first;
    const token = this.peekToken();
    return this.failAt(`Expected an expression, found ${describe(token)}.`, token);
  }

  private isTupleEnd(ends: readonly string[]): boolean {
    const token = this.peekToken();
    if (token === null || token.type === 'variable-end' || token.type === 'block-end') return true;
    return (token.type === 'operator' || token.type === 'symbol') && ends.includes(token.value);
  }

  protected parsePostfix(subject: Expression): Expression {
    let node = subject;
    for (;;) {
      const token = this.peekToken();
      if (token?.type !== 'operator') return node;
      if (token.value === '.') node = this.parseAttribute(node);
      else if (token.value === '[') node = this.parseIndex(node);
      else if (token.value === '(') node = this.parseCallOf(node);
      else return node;
    }
  }

  private parseAttribute(target: Expression): Expression {
    this.nextToken();
    const token = this.nextToken();
    if (token?.type === 'symbol') {
      const nameStart = token.lineno;
      return {
        typename: 'Attribute',
        target,
        name: token.value,
        nameStart,
        start: startOf(target),
        end: token.colno,
      };
    }
    if (token?.type !== 'int') return this.failAt(`Expected a name after the dot, found ${describe(token)}.`, token);
    const index = numberNode(token);
    return {
      typename: 'Item',
      target,
      index,
      start: startOf(target),
      end: token.colno,
    };
  }

  private parseIndex(target: Expression): Expression {
    const open = this.nextToken();
    const items = this.parseItems(']', () => this.parseSubscript());
    const [first] = items;
    if (first === undefined) return this.failAt('An index is missing between the brackets.', open);
    const start = startOf(target);
    const index: Expression =
      items.length === 1
        ? first
        : {
            typename: 'Tuple',
            items,
            start: startOf(first),
            end: this.lastEnd,
          };
    return { typename: 'Item', target, index, start, end: this.lastEnd };
  }

  private parseSubscript(): Expression {
    const start = this.peekToken()?.lineno ?? 0;
    const from = this.isOperator(':') ? undefined : this.parseExpression();
    if (!this.skipOperator(':') && from !== undefined) return from;
    const part = () =>
      this.isOperator(':') || this.isOperator(']') || this.isOperator(',') ? undefined : this.parseExpression();
    const to = part();
    const step = this.skipOperator(':') ? part() : undefined;
    return { typename: 'SliceOf', from, to, step, start, end: this.lastEnd };
  }

  private parseCallOf(callee: Expression): CallNode {
    const args = this.parseArguments();
    return {
      typename: 'Call',
      callee,
      arguments: args,
      start: startOf(callee),
      end: this.lastEnd,
    };
  }

  protected parseArguments(): Arguments {
    const open = this.nextToken();
    const positional: Expression[] = [];
    const named: { name: string; value: Expression }[] = [];
    let star: Expression | undefined;
    let starStar: Expression | undefined;
    this.parseItems(')', () => {
      const token = this.peekToken();
      const misplaced = () => this.failAt('A positional argument cannot follow a named one.', token ?? open);
      if (this.skipOperator('*')) {
        if (star !== undefined || starStar !== undefined) misplaced();
        star = this.parseExpression();
      } else if (this.skipOperator('**')) {
        if (starStar !== undefined) this.failAt('`**` can be given once.', token);
        starStar = this.parseExpression();
      } else {
        const value = this.parseExpression();
        if (value.typename === 'Name' && this.skipOperator('=')) {
          if (starStar !== undefined) this.failAt('A named argument cannot follow `**`.', token);
          named.push({ name: value.name, value: this.parseExpression() });
        } else {
          if (star !== undefined || starStar !== undefined || named.length > 0) misplaced();
          positional.push(value);
        }
      }
    });
    return { positional, named, star, starStar };
  }

  private parseFilters(subject: Expression): Expression {
    let node = subject;
    for (;;) {
      const token = this.peekToken();
      if (token?.type === 'operator' && token.value === '|') node = this.parseFilterOn(node);
      else if (token?.type === 'operator' && token.value === '(') node = this.parseCallOf(node);
      else if (token?.type === 'symbol' && token.value === 'is') node = this.parseTest(node);
      else return node;
    }
  }

  private parseFilterOn(target: Expression | undefined): FilterNode {
    this.nextToken();
    return this.parseFilterName(target);
  }

  private parseFilterName(target: Expression | undefined): FilterNode {
    const { name, nameStart } = this.parseDottedName('a filter');
    const args = this.isOperator('(') ? this.parseArguments() : NO_ARGUMENTS;
    const start = target === undefined ? nameStart : startOf(target);
    return {
      typename: 'Filtered',
      target,
      name,
      nameStart,
      arguments: args,
      start,
      end: this.lastEnd,
    };
  }

  /** The filters of `{% filter a | b %}` (`inline`) or of `{% set x | a | b %}`. */
  protected parseFilterChain(inline: boolean): FilterNode | undefined {
    let node = inline ? this.parseFilterName(undefined) : undefined;
    while (this.isOperator('|')) node = this.parseFilterOn(node);
    return node;
  }

  private parseDottedName(what: string): {
    readonly name: string;
    readonly nameStart: number;
  } {
    const first = this.expectSymbol(`the name of ${what}`);
    let name = first.value;
    while (this.skipOperator('.')) name += `.${this.expectSymbol(`the name of ${what}`).value}`;
    return { name, nameStart: first.lineno };
  }

  private parseTest(target: Expression): Expression {
    this.nextToken();
    const negated = this.skipSymbol('not');
    const start = startOf(target);
    const { name, nameStart } = this.parseDottedName('a test');
    const args = this.isOperator('(') ? this.parseArguments() : this.parseBareTestArgument();
    const test: Expression = {
      typename: 'IsTest',
      target,
      name,
      nameStart,
      arguments: args,
      start,
      end: this.lastEnd,
    };
    return negated ? { typename: 'Negation', target: test, start, end: this.lastEnd } : test;
  }

  /** `is divisibleby 3`: one argument may go without parentheses. */
  private parseBareTestArgument(): Arguments {
    const token = this.peekToken();
    if (token === null || !startsBareArgument(token)) return NO_ARGUMENTS;
    if (token.value === 'is' && token.type === 'symbol') this.failAt('Tests with `is` cannot be chained.', token);
    return {
      ...NO_ARGUMENTS,
      positional: [this.parsePostfix(this.parseAtom())],
    };
  }
}

function numberNode(token: Token): Literal {
  const value = typeof token.literal === 'object' ? 0 : (token.literal ?? 0);
  const at = { start: token.lineno, end: token.colno };
  if (token.type === 'float') return { typename: 'Constant', value, special: 'float', ...at };
  return typeof value === 'string'
    ? { typename: 'Constant', value, special: 'integer', ...at }
    : { typename: 'Constant', value, ...at };
}

const SUM = ['+', '-'];
const PRODUCT = ['*', '/', '//', '%'];
const POWER = ['**'];
const BARE: ReadonlySet<TokenType> = new Set(['symbol', 'string', 'int', 'float']);

function startsBareArgument(token: Token): boolean {
  if (token.type === 'operator') return token.value === '[' || token.value === '{';
  if (token.type === 'symbol' && ['else', 'or', 'and'].includes(token.value)) return false;
  return BARE.has(token.type);
}

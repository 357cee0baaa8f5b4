import { didYouMean } from '../../core/nearest.ts';
import type { Token } from './lexer.ts';
import {
  type Body,
  type DocsNode,
  type Expression,
  type MacroNode,
  namesIn,
  type Statement,
  type Target,
} from './nodes.ts';
import { SyntaxFailure } from './syntax-failure.ts';
import { TargetParser } from './target-parser.ts';
import { describe } from './token-reader.ts';

interface Opened {
  readonly tag: string;
  readonly start: number;
  readonly end: number;
}

/** nunjucks' parser with Jinja2's statements and dbt's blocks. `parseNodes` goes through text and tags, `parseStatement` reads a tag. */
export class StatementParser extends TargetParser {
  readonly failures: SyntaxFailure[] = [];
  /** The blocks being read, the innermost last: what an error about nesting names. */
  private opened: Opened[] = [];
  private tagStart = 0;
  private loops = 0;

  /** The whole template. What is wrong with it is in `failures`. */
  parseTemplate(): Body {
    try {
      return this.parseAsRoot().children as Body; // as: parseNodes makes only statements
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      this.failures.push(error);
      return [];
    }
  }

  override parseNodes(): Statement[] {
    const body: Statement[] = [];
    for (let token = this.nextToken(); token !== null; token = this.nextToken()) {
      const at = { start: token.lineno, end: token.colno };
      if (token.type === 'data') body.push({ typename: 'Data', text: token.value, ...at });
      else if (token.type === 'docs') body.push(docsNode(token));
      else if (token.type === 'variable-start') this.parsePrint(token, body);
      else {
        this.tagStart = token.lineno;
        const statement = this.parseStatement();
        if (statement === null) break;
        body.push(statement);
      }
    }
    return body;
  }

  /** `{{ … }}`. A mistake inside it is kept, and reading goes on behind it. */
  private parsePrint(open: Token, body: Statement[]): void {
    try {
      const value = this.parseTuple([]);
      const close = this.nextToken();
      if (close?.type !== 'variable-end')
        this.failAt(`Expected \`}}\`, found ${describe(close)}.`, close, {
          label: 'not expected here',
        });
      body.push({
        typename: 'Print',
        value,
        start: open.lineno,
        end: this.lastEnd,
      });
    } catch (error) {
      if (!(error instanceof SyntaxFailure) || error.code === 'jinja/too-deep') throw error;
      // Who catches it writes it down, so that it is told once.
      if (!this.lexer.recover()) throw error;
      this.failures.push(error);
      this.forgetToken();
    }
  }

  override parseStatement(): Statement | null {
    const token = this.peekToken();
    if (token?.type !== 'symbol') return this.failAt(`Expected a tag's name, found ${describe(token)}.`, token);
    if (this.breakOnBlocks?.includes(token.value)) return null;
    this.nextToken();
    const start = this.tagStart;
    const node = this.parseTag(token, start);
    if (node === undefined) return this.failUnknownTag(token);
    return node;
  }

  private parseTag(tag: Token, start: number): Statement | undefined {
    switch (tag.value) {
      case 'if':
        return this.parseBranch(tag, start);
      case 'for':
        return this.parseLoop(tag, start);
      case 'set':
        return this.parseAssign(tag, start);
      case 'do':
        return this.endTag({
          typename: 'Do',
          value: this.parseTuple([]),
          start,
          end: 0,
        });
      case 'macro':
      case 'test':
      case 'data_test':
      case 'materialization':
      case 'snapshot':
        return this.parseDefinition(tag, start);
      case 'call':
        return this.parseCallBlock(tag, start);
      case 'filter':
        return this.parseFilterBlock(tag, start);
      case 'with':
        return this.parseWith(tag, start);
      case 'break':
      case 'continue':
        if (this.loops === 0)
          this.failAt(`\`${tag.value}\` is outside a loop.`, tag, {
            code: 'jinja/outside-loop',
          });
        return this.endTag({
          typename: tag.value === 'break' ? 'Break' : 'Continue',
          start,
          end: 0,
        });
      case 'print':
        return this.endTag({
          typename: 'Print',
          value: this.parseTuple([]),
          start,
          end: 0,
        });
      case 'autoescape': {
        const value = this.parseExpression();
        const body = this.parseBody(tag, start, 'endautoescape');
        this.nextToken();
        return this.endTag({
          typename: 'Autoescape',
          value,
          body,
          start,
          end: 0,
        });
      }
      default:
        return this.parseTemplateTag(tag, start);
    }
  }

  private parseTemplateTag(tag: Token, start: number): Statement | undefined {
    switch (tag.value) {
      case 'block':
        return this.parseInheritBlock(tag, start);
      case 'extends':
        return this.endTag({
          typename: 'Extends',
          template: this.parseExpression(),
          start,
          end: 0,
        });
      case 'include': {
        const template = this.parseExpression();
        const ignoreMissing = this.skipSymbol('ignore');
        if (ignoreMissing && !this.skipSymbol('missing'))
          this.failAt('Expected `missing` after `ignore`.', this.peekToken());
        const withContext = this.parseContext() ?? true;
        return this.endTag({
          typename: 'Include',
          template,
          ignoreMissing,
          withContext,
          start,
          end: 0,
        });
      }
      case 'import': {
        const template = this.parseExpression();
        if (!this.skipSymbol('as'))
          this.failAt(`Expected \`as\` and a name, found ${describe(this.peekToken())}.`, this.peekToken());
        const name = this.parseTargetName().name;
        return this.endTag({
          typename: 'Import',
          template,
          name,
          withContext: this.parseContext() ?? false,
          start,
          end: 0,
        });
      }
      case 'from':
        return this.parseFromImport(start);
      default:
        return undefined;
    }
  }

  private parseBranch(tag: Token, start: number): Statement {
    const branches = [];
    let otherwise: Body = [];
    let condition = this.parseTuple([], false);
    for (;;) {
      const body = this.parseBody(tag, start, 'elif', 'else', 'endif');
      branches.push({ condition, body });
      const next = this.nextToken();
      if (next?.value === 'elif') {
        condition = this.parseTuple([], false);
        continue;
      }
      if (next?.value === 'else') {
        otherwise = this.parseBody(tag, start, 'endif');
        this.nextToken();
      }
      return this.endTag({
        typename: 'Branch',
        branches,
        otherwise,
        start,
        end: 0,
      });
    }
  }

  private parseLoop(tag: Token, start: number): Statement {
    const target = this.parseTarget(['in'], false);
    if (namesIn(target).includes('loop'))
      this.failAt('`loop` is the loop itself and cannot be its variable.', tag, { hint: 'choose another name' });
    if (!this.skipSymbol('in')) this.failAt(`Expected \`in\`, found ${describe(this.peekToken())}.`, this.peekToken());
    const iterable = this.parseTuple(['recursive'], false);
    const condition = this.skipSymbol('if') ? this.parseExpression() : undefined;
    const recursive = this.skipSymbol('recursive');
    this.loops++;
    const body = this.parseBody(tag, start, 'endfor', 'else');
    this.loops--;
    let otherwise: Body = [];
    if (this.nextToken()?.value === 'else') {
      otherwise = this.parseBody(tag, start, 'endfor');
      this.nextToken();
    }
    return this.endTag({
      typename: 'Loop',
      target,
      iterable,
      condition,
      recursive,
      body,
      otherwise,
      start,
      end: 0,
    });
  }

  private parseAssign(tag: Token, start: number): Statement {
    const target = this.parseTarget([], true);
    if (this.skipOperator('='))
      return this.endTag({
        typename: 'Assign',
        target,
        value: this.parseTuple([]),
        start,
        end: 0,
      });
    const filter = this.parseFilterChain(false);
    const body = this.parseBody(tag, start, 'endset');
    this.nextToken();
    return this.endTag({
      typename: 'AssignBlock',
      target,
      filter,
      body,
      start,
      end: 0,
    });
  }

  private parseDefinition(tag: Token, start: number): Statement {
    const kind = tag.value === 'data_test' ? 'test' : (tag.value as MacroNode['kind']); // as: parseTag's cases
    const name = this.expectSymbol(`the ${kind}'s name`).value;
    const parameters = kind === 'macro' || kind === 'test' ? this.parseParameters() : [];
    const options = kind === 'materialization' ? this.parseMaterializationOptions() : {};
    // A loop around the definition is not a loop inside it.
    const { loops } = this;
    this.loops = 0;
    const { body, bodyStart } = this.parseBodyAt(tag, start, `end${tag.value}`);
    this.loops = loops;
    const bodyEnd = this.tagStart;
    this.nextToken();
    return this.endTag({
      typename: 'MacroBlock',
      kind,
      name,
      parameters,
      body,
      bodyStart,
      bodyEnd,
      options,
      start,
      end: 0,
    });
  }

  private parseCallBlock(tag: Token, start: number): Statement {
    const parameters = this.isOperator('(') ? this.parseParameters() : [];
    const call = this.parseExpression();
    if (call.typename !== 'Call') return this.failAt('`call` needs a call: `{% call name() %}`.', tag);
    const body = this.parseBody(tag, start, 'endcall');
    this.nextToken();
    return this.endTag({
      typename: 'CallBlock',
      call,
      parameters,
      body,
      start,
      end: 0,
    });
  }

  private parseFilterBlock(tag: Token, start: number): Statement {
    const filter = this.parseFilterChain(true);
    if (filter === undefined) return this.failAt('A filter is missing.', tag);
    const body = this.parseBody(tag, start, 'endfilter');
    this.nextToken();
    return this.endTag({
      typename: 'FilterBlock',
      filter,
      body,
      start,
      end: 0,
    });
  }

  private parseWith(tag: Token, start: number): Statement {
    const bindings: { target: Target; value: Expression }[] = [];
    while (this.peekToken() !== null && this.peekToken()?.type !== 'block-end') {
      if (bindings.length > 0) this.expectOperator(',', 'between two assignments');
      const target = this.parseTarget(['='], false);
      this.expectOperator('=', 'after the name');
      bindings.push({ target, value: this.parseExpression() });
    }
    const body = this.parseBody(tag, start, 'endwith');
    this.nextToken();
    return this.endTag({ typename: 'With', bindings, body, start, end: 0 });
  }

  private parseInheritBlock(tag: Token, start: number): Statement {
    const name = this.expectSymbol("the block's name").value;
    const scoped = this.skipSymbol('scoped');
    const required = this.skipSymbol('required');
    if (this.isOperator('-'))
      this.failAt("A block's name has no hyphens.", this.peekToken(), {
        hint: 'use an underscore',
      });
    const body = this.parseBody(tag, start, 'endblock');
    if (required && body.some((node) => node.typename !== 'Data' || node.text.trim() !== ''))
      this.failAt(`The block \`${name}\` is required, so it can only hold whitespace and comments.`, tag);
    this.nextToken();
    this.skipSymbol(name);
    return this.endTag({
      typename: 'InheritBlock',
      name,
      scoped,
      required,
      body,
      start,
      end: 0,
    });
  }

  private parseFromImport(start: number): Statement {
    const template = this.parseExpression();
    if (!this.skipSymbol('import'))
      this.failAt(`Expected \`import\`, found ${describe(this.peekToken())}.`, this.peekToken());
    const names: { name: string; as: string }[] = [];
    let withContext: boolean | undefined;
    for (;;) {
      withContext = this.parseContext();
      if (withContext !== undefined) break;
      const token = this.parseTargetName();
      if (token.name.startsWith('_'))
        throw new SyntaxFailure(
          'jinja/syntax',
          'Names that start with an underscore cannot be imported.',
          token.start,
          token.end,
        );
      names.push({
        name: token.name,
        as: this.skipSymbol('as') ? this.parseTargetName().name : token.name,
      });
      withContext = this.parseContext();
      if (withContext !== undefined || !this.skipOperator(',')) break;
    }
    if (names.length === 0) this.failAt('Expected a name to import.', this.peekToken());
    return this.endTag({
      typename: 'FromImport',
      template,
      names,
      withContext: withContext ?? false,
      start,
      end: 0,
    });
  }

  /** `with context` or `without context`, or undefined. */
  private parseContext(): boolean | undefined {
    const token = this.peekToken();
    if (token?.type !== 'symbol' || (token.value !== 'with' && token.value !== 'without')) return undefined;
    this.nextToken();
    if (this.skipSymbol('context')) return token.value === 'with';
    return this.failAt('Expected `context`.', this.peekToken());
  }

  private parseBody(tag: Token, start: number, ...ends: readonly string[]): Body {
    return this.parseBodyAt(tag, start, ...ends).body;
  }

  /** Everything up to one of the `ends`; that tag's name is the next token then. */
  private parseBodyAt(tag: Token, start: number, ...ends: readonly string[]) {
    this.skipOperator(':');
    this.expectBlockEnd();
    const bodyStart = this.lastEnd;
    this.opened.push({ tag: tag.value, start, end: bodyStart });
    if (this.opened.length > 100)
      this.failAt('Blocks are nested too deeply.', tag, {
        code: 'jinja/too-deep',
      });
    const body = this.parseUntilBlocks(...ends).children as Body; // as: parseNodes makes only statements
    if (this.peekToken() === null) this.failUnclosed(ends);
    this.opened.pop();
    return { body, bodyStart };
  }

  private expectBlockEnd(): void {
    const token = this.nextToken();
    if (token?.type !== 'block-end')
      this.failAt(`Expected \`%}\`, found ${describe(token)}.`, token, {
        label: 'not expected here',
      });
  }

  private endTag<T extends Statement>(node: T): T {
    this.expectBlockEnd();
    return { ...node, end: this.lastEnd };
  }

  private failUnclosed(ends: readonly string[]): never {
    const open = this.opened.at(-1);
    const close = ends.at(-1) ?? '';
    throw new SyntaxFailure(
      'jinja/unclosed-block',
      `This \`${open?.tag}\` block is never closed.`,
      open?.start ?? 0,
      open?.end ?? 0,
      {
        label: 'opened here',
        hint: `add \`{% ${close === 'else' ? 'endfor' : close} %}\` where it ends`,
        opened: open,
      },
    );
  }

  private failUnknownTag(token: Token): never {
    const open = this.opened.at(-1);
    const closes = token.value.startsWith('end') ? token.value.slice(3) : undefined;
    const start = this.tagStart;
    if (closes !== undefined && TAGS.includes(closes)) {
      const message =
        open === undefined
          ? `\`${token.value}\` closes nothing: no \`${closes}\` is open.`
          : `\`${token.value}\` does not close the \`${open.tag}\` block that is open.`;
      const hint = open === undefined ? undefined : `close \`${open.tag}\` first, with \`{% end${open.tag} %}\``;
      throw new SyntaxFailure('jinja/wrong-nesting', message, start, this.lastEnd, { hint, opened: open });
    }
    if (token.value === 'else' || token.value === 'elif')
      throw new SyntaxFailure('jinja/wrong-nesting', `\`${token.value}\` has no \`if\` here.`, start, this.lastEnd, {
        opened: open,
      });
    return this.failAt(`There is no tag \`${token.value}\`.`, token, {
      code: 'jinja/unknown-tag',
      hint: didYouMean(token.value, TAGS),
    });
  }
}

const TAGS = [
  'if', 'for', 'set', 'do', 'macro', 'test', 'data_test', 'materialization', 'snapshot', 'docs', 'call', 'filter', 'with',
  'break', 'continue', 'print', 'autoescape', 'block', 'extends', 'include', 'import', 'from', 'raw',
]; // biome-ignore format: one list, not twenty lines

function docsNode(token: Token): DocsNode {
  const measures = typeof token.literal === 'object' ? token.literal : { bodyStart: 0, bodyEnd: 0 };
  return { typename: 'Docs', name: token.value, ...measures, start: token.lineno, end: token.colno };
}

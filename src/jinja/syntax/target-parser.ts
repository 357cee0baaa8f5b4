import { didYouMean } from '../../core/nearest.ts';
import { ExpressionParser } from './expression-parser.ts';
import type { Expression, Parameter, Target } from './nodes.ts';
import { describe } from './token-reader.ts';

/** What statements bind: targets of assignments, parameters of macros, options of materializations. */
export class TargetParser extends ExpressionParser {
  /** What is assigned to: names, tuples of them, and (in `set`) attributes of a namespace. */
  protected parseTarget(ends: readonly string[], withNamespace: boolean): Target {
    const start = this.peekToken()?.lineno ?? 0;
    const items: Target[] = [];
    let isTuple = false;
    while (!this.targetEnds(ends)) {
      items.push(this.parseOneTarget(withNamespace));
      if (!this.skipOperator(',')) break;
      isTuple = true;
    }
    const [first] = items;
    if (isTuple) return { typename: 'TupleTarget', items, start, end: this.lastEnd };
    return first ?? this.failAt(`Expected a name, found ${describe(this.peekToken())}.`, this.peekToken());
  }

  private targetEnds(ends: readonly string[]): boolean {
    const token = this.peekToken();
    return token === null || token.type === 'block-end' || ends.includes(token.value);
  }

  private parseOneTarget(withNamespace: boolean): Target {
    const open = this.peekToken();
    if (this.skipOperator('(') || this.skipOperator('[')) {
      const close = open?.value === '(' ? ')' : ']';
      const inner = this.parseTarget([close], withNamespace);
      this.expectOperator(close, 'to close the bracket');
      return inner;
    }
    const name = this.parseTargetName();
    if (!withNamespace || !this.skipOperator('.')) return name;
    const attribute = this.expectSymbol('an attribute').value;
    return {
      typename: 'NamespaceTarget',
      name: name.name,
      attribute,
      start: name.start,
      end: this.lastEnd,
    };
  }

  protected parseTargetName() {
    const token = this.expectSymbol('a name');
    if (/^(?:true|false|none)$/i.test(token.value) && /^(?:[tfn][a-z]+|True|False|None)$/.test(token.value))
      this.failAt(`\`${token.value}\` cannot be assigned to.`, token);
    return {
      typename: 'Name',
      name: token.value,
      start: token.lineno,
      end: token.colno,
    } as const;
  }

  protected parseParameters(): readonly Parameter[] {
    this.expectOperator('(', 'before the parameters');
    const parameters: Parameter[] = [];
    while (!this.skipOperator(')')) {
      if (parameters.length > 0) {
        this.expectOperator(',', 'or `)`');
        // dbt's packages leave a comma behind the last parameter; Jinja2 accepts none.
        if (this.skipOperator(')')) break;
      }
      const token = this.expectSymbol('a parameter');
      const defaultValue = this.skipOperator('=') ? this.parseExpression() : undefined;
      if (defaultValue === undefined && parameters.at(-1)?.defaultValue !== undefined)
        this.failAt(`\`${token.value}\` needs a default, because the parameter before it has one.`, token);
      if (token.value === 'caller' && defaultValue === undefined)
        this.failAt('A parameter called `caller` needs a default.', token, {
          hint: '`caller` is there without being a parameter',
        });
      parameters.push({
        name: token.value,
        defaultValue,
        start: token.lineno,
        end: token.colno,
      });
    }
    return parameters;
  }

  protected parseMaterializationOptions(): Readonly<Record<string, string | readonly string[]>> {
    const options: Record<string, string | readonly string[]> = {};
    while (this.skipOperator(',')) {
      const option = this.expectSymbol('`default`, `adapter` or `supported_languages`');
      if (option.value === 'default') options.adapter = 'default';
      else if (option.value === 'adapter' || option.value === 'supported_languages') {
        this.expectOperator('=', `after \`${option.value}\``);
        options[option.value] = literalStrings(this.parseExpression()) ?? this.failAt('Expected a text.', option);
      } else
        this.failAt(`A materialization has no option \`${option.value}\`.`, option, {
          hint: didYouMean(option.value, ['default', 'adapter', 'supported_languages']),
        });
    }
    return options;
  }
}

function literalStrings(node: Expression): string | readonly string[] | undefined {
  if (node.typename === 'Constant' && typeof node.value === 'string') return node.value;
  if (node.typename !== 'List' && node.typename !== 'Tuple') return undefined;
  return node.items.flatMap((item) => literalStrings(item) ?? []);
}

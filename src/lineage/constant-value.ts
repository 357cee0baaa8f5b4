/** Works out constant expressions over names, enough to know which columns `COLUMNS(c -> c like 'x%')` picks. */
import { plainConstant } from './expression-text.ts';
import { nodeOf, nodesOf, type SyntaxNode, textOf, textsOf } from './syntax-tree.ts';

export type ConstantValue =
  | null
  | boolean
  | number
  | string
  | readonly ConstantValue[]
  | ReadonlyMap<string, ConstantValue>;

/** Thrown inside and turned into undefined at the door: the expression is not one of the kinds known here. */
class NotConstant extends Error {}

/** The value, or undefined when the expression uses something not known here. `star` is what `*` stands for. */
export function constantValue(
  node: SyntaxNode,
  star: readonly string[],
  names: ReadonlyMap<string, ConstantValue> = new Map(),
): ConstantValue | undefined {
  try {
    return value(node, star, names);
  } catch (error) {
    if (error instanceof NotConstant) return undefined;
    throw error;
  }
}

type Names = ReadonlyMap<string, ConstantValue>;

function value(node: SyntaxNode, star: readonly string[], names: Names): ConstantValue {
  const children = () => nodesOf(node, 'children').map((child) => value(child, star, names));
  const under = (key: string) => value(nodeOf(node, key) ?? {}, star, names);
  switch (node.class) {
    case 'CONSTANT': {
      const constant = nodeOf(node, 'value');
      const plain = constant === undefined ? null : plainConstant(constant);
      const type = constant && nodeOf(constant, 'type');
      return plain === null || type?.id === 'VARCHAR' ? plain : Number(plain);
    }
    case 'CAST': {
      const inner = under('child');
      if (nodeOf(node, 'cast_type')?.id === 'BOOLEAN' && typeof inner === 'string') return /^t/i.test(inner);
      throw new NotConstant();
    }
    case 'STAR':
      return starNames(node, star);
    case 'COLUMN_REF': {
      const found = names.get(textsOf(node, 'column_names').join('.').toLowerCase());
      if (found === undefined) throw new NotConstant();
      return found;
    }
    case 'COMPARISON':
      return compared(String(node.type), under('left'), under('right'));
    case 'CONJUNCTION':
      return node.type === 'CONJUNCTION_OR'
        ? children().some((one) => one === true)
        : children().every((one) => one === true);
    case 'OPERATOR': {
      const [first, ...rest] = children();
      if (node.type === 'OPERATOR_NOT') return first !== true;
      if (node.type === 'COMPARE_IN') return rest.includes(first ?? null);
      if (node.type === 'COMPARE_NOT_IN') return !rest.includes(first ?? null);
      throw new NotConstant();
    }
    case 'FUNCTION':
      return called(node, star, names);
    default:
      throw new NotConstant();
  }
}

function starNames(node: SyntaxNode, star: readonly string[]): readonly string[] {
  const excluded = new Set(textsOf(node, 'exclude_list').map((name) => name.toLowerCase()));
  return star.filter((name) => !excluded.has(name.toLowerCase()));
}

function compared(type: string, left: ConstantValue, right: ConstantValue): boolean {
  if (left === null || right === null) return false;
  if (type === 'COMPARE_EQUAL') return left === right;
  if (type === 'COMPARE_NOTEQUAL') return left !== right;
  if (type === 'COMPARE_LESSTHAN') return left < right;
  if (type === 'COMPARE_GREATERTHAN') return left > right;
  if (type === 'COMPARE_LESSTHANOREQUALTO') return left <= right;
  if (type === 'COMPARE_GREATERTHANOREQUALTO') return left >= right;
  throw new NotConstant();
}

function called(node: SyntaxNode, star: readonly string[], names: Names): ConstantValue {
  const name = textOf(node, 'function_name').toLowerCase();
  const args = nodesOf(node, 'children');
  if (name === 'list_filter' || name === 'list_apply' || name === 'list_transform') {
    const [list, lambda] = args;
    if (list === undefined || lambda?.class !== 'LAMBDA') throw new NotConstant();
    const entries = value(list, star, names);
    const parameter = textsOf(nodeOf(lambda, 'lhs') ?? {}, 'column_names')[0]?.toLowerCase();
    const body = nodeOf(lambda, 'expr');
    if (!Array.isArray(entries) || parameter === undefined || body === undefined) throw new NotConstant();
    const results = entries.map((entry: ConstantValue) => value(body, star, new Map([...names, [parameter, entry]])));
    return name === 'list_filter' ? entries.filter((_, position) => results[position] === true) : results;
  }
  if (name === 'struct_pack')
    return new Map(args.map((argument) => [textOf(argument, 'alias').toLowerCase(), value(argument, star, names)]));
  const values = args.map((argument) => value(argument, star, names));
  if (name === 'list_value') return values;
  const [first, second] = values;
  if (name === 'struct_extract' && first instanceof Map && typeof second === 'string')
    return first.get(second.toLowerCase()) ?? null;
  if (typeof first !== 'string') throw new NotConstant();
  if (name === 'lower' || name === 'lcase') return first.toLowerCase();
  if (name === 'upper' || name === 'ucase') return first.toUpperCase();
  if (name === 'length' || name === 'len') return first.length;
  if (typeof second !== 'string') throw new NotConstant();
  if (name === '||') return first + second;
  return matched(name, first, second);
}

/** LIKE and its kin by DuckDB's operator names. */
export function matched(operator: string, text: string, pattern: string): boolean {
  switch (operator) {
    case '~~':
      return like(pattern, '').test(text);
    case '!~~':
      return !like(pattern, '').test(text);
    case '~~*':
      return like(pattern, 'i').test(text);
    case '!~~*':
      return !like(pattern, 'i').test(text);
    case '~~~':
      return new RegExp(`^${escaped(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`, 's').test(text);
    case 'regexp_full_match':
      return regularExpression(`^(?:${pattern})$`).test(text);
    case 'regexp_matches':
      return regularExpression(pattern).test(text);
    case 'starts_with':
    case 'prefix':
    case '^@':
      return text.startsWith(pattern);
    case 'ends_with':
    case 'suffix':
      return text.endsWith(pattern);
    case 'contains':
      return text.includes(pattern);
    default:
      throw new NotConstant();
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const like = (pattern: string, flags: string): RegExp =>
  new RegExp(`^${escaped(pattern).replaceAll('%', '.*').replaceAll('_', '.')}$`, `s${flags}`);

/** RE2's text as a JavaScript expression; throws NotConstant for what JavaScript does not know. */
function regularExpression(pattern: string): RegExp {
  const flags = /^(\^\(\?:)?\(\?([is]+)\)/.exec(pattern);
  try {
    return new RegExp(flags === null ? pattern : pattern.replace(`(?${flags[2]})`, ''), flags?.[2] ?? '');
  } catch {
    throw new NotConstant();
  }
}

/** RE2's text as JavaScript's, or undefined when it cannot be. */
export function regexOf(pattern: string): RegExp | undefined {
  try {
    return regularExpression(pattern);
  } catch (error) {
    if (error instanceof NotConstant) return undefined;
    throw error;
  }
}

import { callIn } from '../../calling.ts';
import type { Value } from '../../contract.ts';
import { currentRun } from '../../run.ts';
import { integerArgument } from '../../values/arithmetic.ts';
import { isCallable } from '../../values/callable.ts';
import { Lazy, Markup, Tuple } from '../../values/containers.ts';
import { PythonObject } from '../../values/python-object.ts';
import { typeError } from '../../values/template-error.ts';
import { kindOf, quoted, textOf } from '../../values/text.ts';
import { builtin } from '../builtin.ts';
import { pythonModule } from '../python-module.ts';
import { Match } from './match.ts';
import { compilePattern, FLAGS } from './pattern.ts';

/** A compiled regular expression. */
class Pattern extends PythonObject {
  readonly typeName = 're.Pattern';
  readonly source: string;
  readonly regExp: RegExp;
  constructor(source: string, flags: number) {
    super();
    this.source = source;
    this.regExp = compilePattern(source, flags);
  }
  override attribute(name: string): Value | undefined {
    if (name === 'pattern') return this.source;
    if (name === 'groups') return (new RegExp(`${this.regExp.source}|`, this.regExp.flags).exec('')?.length ?? 1) - 1;
    const method = METHODS[name];
    return method === undefined
      ? undefined
      : builtin(name, method.signature, (...given) => method.body(this, ...given));
  }
  override attributeNames(): Iterable<string> {
    return ['pattern', 'groups', ...Object.keys(METHODS)];
  }
  override represent(): string {
    return `re.compile(${quoted(this.source)})`;
  }
  override equals(other: Value): boolean {
    return other instanceof Pattern && String(other.regExp) === String(this.regExp);
  }
}

const compiled = new Map<string, Pattern>();

function patternOf(value: Value, flags: Value): Pattern {
  if (value instanceof Pattern) return value;
  const bits = flags === undefined ? 0 : integerArgument(flags, 'Flags');
  const source = textIn(value);
  const key = `${bits} ${source}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const made = new Pattern(source, bits);
  if (compiled.size > 500) compiled.clear();
  compiled.set(key, made);
  return made;
}

function textIn(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.value;
  throw typeError(`A regular expression works on strings, not on ${kindOf(value)}.`);
}

function exec({ regExp }: Pattern, text: string, from = 0): RegExpExecArray | null {
  regExp.lastIndex = from;
  return regExp.exec(text);
}

const matchOf = (found: RegExpExecArray | null): Value => (found === null ? null : new Match(found));

function atStart({ regExp }: Pattern, text: Value, wholly: boolean): Value {
  const source = wholly ? `(?:${regExp.source})(?![\\s\\S])` : regExp.source;
  return matchOf(new RegExp(source, regExp.flags.replace('g', 'y')).exec(textIn(text)));
}

function* all(pattern: Pattern, text: string): Iterable<RegExpExecArray> {
  for (let at = 0; at <= text.length; ) {
    const found = exec(pattern, text, at);
    if (found === null) return;
    yield found;
    at = found[0] === '' ? found.index + 1 : found.index + found[0].length;
  }
}

function findAll(pattern: Pattern, text: Value): Value[] {
  return Array.from(all(pattern, textIn(text)), (found) => {
    const groups = found.slice(1).map((group) => group ?? '');
    if (groups.length === 0) return found[0];
    return groups.length === 1 ? groups[0] : new Tuple(groups);
  });
}

const TEMPLATE_ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };

function replacement(by: Value): (found: RegExpExecArray) => string {
  if (isCallable(by))
    return (found) => {
      const run = currentRun();
      return run === undefined ? '' : textOf(callIn(run, by, { positional: [new Match(found)], named: new Map() }));
    };
  const template = textIn(by);
  return (found) =>
    template.replace(/\\(?:g<(\w+)>|(\d{1,2})|([\s\S]))/g, (whole, name, number, other) => {
      if (other !== undefined) return TEMPLATE_ESCAPES[other] ?? whole;
      const key = name === undefined || /^\d+$/.test(name) ? Number(number ?? name) : name;
      return textOf(new Match(found).group(key) ?? '');
    });
}

function substituted(pattern: Pattern, by: Value, text: Value, count: Value) {
  const most = count === undefined || count === 0 ? Number.POSITIVE_INFINITY : integerArgument(count, 'A count');
  const change = replacement(by);
  const source = textIn(text);
  let result = '';
  let at = 0;
  let done = 0;
  for (const found of all(pattern, source)) {
    if (done >= most) break;
    result += source.slice(at, found.index) + change(found);
    at = found.index + found[0].length;
    done++;
  }
  return { text: result + source.slice(at), count: done };
}

function split(pattern: Pattern, text: Value, most: Value): Value[] {
  const limit = most === undefined || most === 0 ? Number.POSITIVE_INFINITY : integerArgument(most, 'A count');
  const source = textIn(text);
  const parts: Value[] = [];
  let at = 0;
  let done = 0;
  for (const found of all(pattern, source)) {
    if (done >= limit) break;
    parts.push(source.slice(at, found.index), ...found.slice(1).map((group) => group ?? null));
    at = found.index + found[0].length;
    done++;
  }
  return [...parts, source.slice(at)];
}

interface Method {
  readonly signature: string;
  readonly body: (pattern: Pattern, ...given: Value[]) => Value;
}

const METHODS: Readonly<Record<string, Method>> = {
  search: { signature: 'string', body: (pattern, text) => matchOf(exec(pattern, textIn(text))) },
  match: { signature: 'string', body: (pattern, text) => atStart(pattern, text, false) },
  fullmatch: { signature: 'string', body: (pattern, text) => atStart(pattern, text, true) },
  findall: { signature: 'string', body: findAll },
  finditer: {
    signature: 'string',
    body: (pattern, text) =>
      new Lazy(
        Array.from(all(pattern, textIn(text)), (found) => new Match(found)),
        'callable_iterator',
      ),
  },
  sub: {
    signature: 'repl string count?',
    body: (pattern, by, text, count) => substituted(pattern, by, text, count).text,
  },
  subn: {
    signature: 'repl string count?',
    body: (pattern, by, text, count) => {
      const result = substituted(pattern, by, text, count);
      return new Tuple([result.text, result.count]);
    },
  },
  split: { signature: 'string maxsplit?', body: split },
};

/** The module's functions take the pattern first and flags last. */
const functions = Object.fromEntries(
  Object.entries(METHODS).map(([name, { signature, body }]) => {
    const size = signature.split(' ').length;
    const call = (pattern: Value, ...given: Value[]) => body(patternOf(pattern, given[size]), ...given.slice(0, size));
    return [name, builtin(name, `pattern ${signature} flags?`, call)];
  }),
);

/** `modules.re`. Expressions run on JavaScript's engine; what it has in common with Python's covers what packages use. */
export const reModule: Value = pythonModule('re', {
  ...functions,
  compile: builtin('compile', 'pattern flags?', patternOf),
  escape: builtin('escape', 'pattern', (text) => textIn(text).replace(/[\s#$&()*+\-.?[\\\]^{|}~]/g, '\\$&')),
  purge: builtin('purge', '', () => null),
  ...FLAGS,
  I: FLAGS.IGNORECASE,
  M: FLAGS.MULTILINE,
  S: FLAGS.DOTALL,
  X: FLAGS.VERBOSE,
  A: FLAGS.ASCII,
  U: FLAGS.UNICODE,
});

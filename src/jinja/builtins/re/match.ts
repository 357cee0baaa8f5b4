import type { Value } from '../../contract.ts';
import { integerArgument } from '../../values/arithmetic.ts';
import { Dict, Tuple } from '../../values/containers.ts';
import { PythonObject } from '../../values/python-object.ts';
import { valueError } from '../../values/template-error.ts';
import { quoted, reprOf, textOf } from '../../values/text.ts';
import { builtin } from '../builtin.ts';

/** What a regular expression found. */
export class Match extends PythonObject {
  readonly typeName = 're.Match';
  readonly found: RegExpExecArray;
  constructor(found: RegExpExecArray) {
    super();
    this.found = found;
  }
  group(key: Value): Value {
    const { found } = this;
    const index = typeof key === 'string' ? undefined : integerArgument(key, 'A group');
    const known =
      index === undefined ? Object.hasOwn(found.groups ?? {}, textOf(key)) : index >= 0 && index < found.length;
    if (!known) throw valueError(`This expression has no group ${reprOf(key)}.`);
    return (index === undefined ? found.groups?.[textOf(key)] : found[index]) ?? null;
  }
  private span(key: Value): readonly [number, number] {
    this.group(key);
    const { indices } = this.found;
    return (typeof key === 'string' ? indices?.groups?.[key] : indices?.[Number(key)]) ?? [-1, -1];
  }
  override attribute(name: string): Value | undefined {
    const { found } = this;
    switch (name) {
      case 'group':
        return builtin(name, '*groups', (keys) => {
          const wanted: readonly Value[] = Array.isArray(keys) ? keys : [];
          if (wanted.length < 2) return this.group(wanted.length === 0 ? 0 : wanted[0]);
          return new Tuple(wanted.map((key) => this.group(key)));
        });
      case 'groups':
        return builtin(
          name,
          'default?',
          (otherwise = null) => new Tuple(found.slice(1).map((group) => (group === undefined ? otherwise : group))),
        );
      case 'groupdict':
        return builtin(name, 'default?', (otherwise = null) =>
          Dict.from(
            Object.entries(found.groups ?? {}).map(
              ([key, value]) => [key, value === undefined ? otherwise : value] as const,
            ),
          ),
        );
      case 'start':
        return builtin(name, 'group?', (key = 0) => this.span(key)[0]);
      case 'end':
        return builtin(name, 'group?', (key = 0) => this.span(key)[1]);
      case 'span':
        return builtin(name, 'group?', (key = 0) => new Tuple(this.span(key)));
      case 'string':
        return found.input;
      default:
        return undefined;
    }
  }
  override attributeNames(): Iterable<string> {
    return ['group', 'groups', 'groupdict', 'start', 'end', 'span', 'string'];
  }
  override item(key: Value): Value | undefined {
    return this.group(key);
  }
  override truth(): boolean {
    return true;
  }
  override represent(): string {
    const [from, to] = this.span(0);
    return `<re.Match object; span=(${from}, ${to}), match=${quoted(this.found[0])}>`;
  }
}

import type { CallArguments, Value } from '../contract.ts';
import { valueError } from '../values/template-error.ts';
import { escapeCode, reprOf, textOf } from '../values/text.ts';
import { formatValue } from './format-spec.ts';

interface Places {
  /** The next `{}`; undefined when a field had a number of its own. */
  next: number | undefined;
  depth: number;
}

type Look = (value: Value, name: Value, isAttribute: boolean) => Value;

/** Python's str.format(): `{}`, `{0}`, `{name.attribute[key]!r:>10}`. `look` reads attributes and items, `print` formats one value. */
export function bracesFormat(
  template: string,
  call: CallArguments,
  look: Look,
  print: (value: Value, spec: string) => string = formatValue,
): string {
  return expand(template, call, look, print, { next: 0, depth: 0 });
}

function expand(
  template: string,
  call: CallArguments,
  look: Look,
  print: (value: Value, spec: string) => string,
  places: Places,
): string {
  let result = '';
  for (let at = 0; at < template.length; at++) {
    const character = template[at];
    if (character !== '{' && character !== '}') {
      result += character;
    } else if (template[at + 1] === character && places.depth === 0) {
      result += character;
      at++;
    } else if (character === '}') {
      throw valueError('This format has a single `}`.', 'write `}}` for a brace');
    } else {
      const end = closingBrace(template, at);
      result += field(template.slice(at + 1, end), call, look, print, places);
      at = end;
    }
  }
  return result;
}

function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at++) {
    if (template[at] === '{') depth++;
    else if (template[at] === '}' && --depth === 0) return at;
  }
  throw valueError('This format has a single `{`.', 'write `{{` for a brace');
}

const FIELD = /^([^!:]*)(?:!([\s\S]?))?(?::([\s\S]*))?$/;

function field(
  text: string,
  call: CallArguments,
  look: Look,
  print: (value: Value, spec: string) => string,
  places: Places,
): string {
  const match = FIELD.exec(text);
  if (match === null) throw valueError(`\`{${text}}\` is no format field.`);
  const [, path = '', conversion, spec = ''] = match;
  const value = converted(valueAt(path, call, look, places), conversion);
  if (places.depth > 1) throw valueError('Format fields are nested too deeply.');
  places.depth++;
  const inner = spec.includes('{') ? expand(spec, call, look, formatValue, places) : spec;
  places.depth--;
  return print(value, inner);
}

function converted(value: Value, conversion: string | undefined): Value {
  if (conversion === undefined) return value;
  if (conversion === 's') return textOf(value);
  if (conversion === 'r') return reprOf(value);
  if (conversion === 'a') return reprOf(value).replace(/[^\0-\x7f]/gu, (c) => escapeCode(c.codePointAt(0) ?? 0));
  throw valueError(`\`!${conversion}\` is no conversion: there are \`!s\`, \`!r\` and \`!a\`.`);
}

function valueAt(path: string, call: CallArguments, look: Look, places: Places): Value {
  const [, first = '', rest = ''] = /^([^.[]*)([\s\S]*)$/.exec(path) ?? [];
  let value = argument(first, call, places);
  const steps = /\.([^.[]+)|\[([^\]]+)\]/g;
  let read = 0;
  for (const step of rest.matchAll(steps)) {
    const [whole, attribute, key = ''] = step;
    read += whole.length;
    value = look(value, attribute ?? (/^\d+$/.test(key) ? Number(key) : key), attribute !== undefined);
  }
  if (read !== rest.length) throw valueError(`\`{${path}}\` is no format field.`);
  return value;
}

function argument(name: string, call: CallArguments, places: Places): Value {
  if (name === '') {
    if (places.next === undefined) throw valueError('A format uses either `{}` or `{0}`, not both.');
    return positional(places.next++, call);
  }
  if (/^\d+$/.test(name)) {
    if (places.next !== undefined && places.next > 0) throw valueError('A format uses either `{}` or `{0}`, not both.');
    places.next = undefined;
    return positional(Number(name), call);
  }
  const value = call.named.get(name);
  if (value === undefined) throw valueError(`This format has no value for \`{${name}}\`.`);
  return value;
}

function positional(index: number, call: CallArguments): Value {
  if (index >= call.positional.length) throw valueError('This format has more places than there are values.');
  return call.positional[index];
}

/** One YAML file: its value at once, the places inside it only when somebody asks. The only file that knows the `yaml` package. */
import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Checked, Diagnostic } from '../../core/diagnostic.ts';
import type { Json } from '../../core/node-id.ts';
import type { SourceFile, Span } from '../../core/source.ts';
import { type Place, type Places, readEverydayYaml } from './everyday-yaml.ts';

export type YamlPath = readonly (string | number)[];

export interface YamlFile {
  readonly file: SourceFile;
  readonly value: Json;
  /** The place of the value at a path; of the nearest enclosing one when there is none. */
  readonly span: (path?: YamlPath) => Span;
  /** The place of the key that a path ends with; in a list, of the item. */
  readonly keySpan: (path: YamlPath) => Span;
}

/**
 * Reads a file as YAML 1.2 with merge keys. An unreadable file answers `value: undefined` and says why; an empty one is null.
 * Errors: project/yaml-syntax, project/duplicate-key.
 */
export function readYaml(file: SourceFile): Checked<YamlFile | undefined> {
  const everyday = readEverydayYaml(file.text);
  if (everyday !== undefined) {
    return { value: yamlFile(file, everyday.value, () => everydayPlaces(file.text)), diagnostics: [] };
  }
  const document = parseDocument(file.text, { merge: true, prettyErrors: false, lineCounter: new LineCounter() });
  if (document.errors.length > 0) {
    return { value: undefined, diagnostics: document.errors.map((error) => syntaxError(file, error)) };
  }
  const odd = collectionKey(document);
  if (odd !== undefined) return { value: undefined, diagnostics: [mapAsKey(file, odd)] };
  // `toJS` follows aliases and merges; its result is JSON because no custom tag is registered.
  const value = document.toJS({ maxAliasCount: 10_000 }) as Json;
  return { value: yamlFile(file, value, () => documentPlaces(document.contents)), diagnostics: [] };
}

/** A key that is itself a map or list: legal YAML, but here always `{{ … }}` without quotes. */
function collectionKey(document: Document): Node | undefined {
  let found: Node | undefined;
  visit(document, {
    Pair: (_, pair) => {
      if (!isCollection(pair.key)) return undefined;
      found = pair.key;
      return visit.BREAK;
    },
  });
  return found;
}

function mapAsKey(file: SourceFile, key: Node): Diagnostic {
  const [start = 0, end = start] = key.range ?? [];
  const template = file.text[start - 1] === '{';
  return template
    ? unquotedTemplate({ file: file.path, start: start - 1, end: Math.min(file.text.length, end + 1) })
    : syntax({ file: file.path, start, end }, 'a map or a list cannot be the name of a key');
}

const unquotedTemplate = (at: Span): Diagnostic => ({
  ...syntax(at, 'a template expression begins a YAML value without quotes'),
  hint: 'write it in quotes: "{{ … }}"',
});

/** A tree of places beside the tree of values. */
interface PlaceTree {
  readonly find: (path: YamlPath) => { readonly place: Place | undefined; readonly complete: boolean };
}

function yamlFile(file: SourceFile, value: Json, readPlaces: () => PlaceTree): YamlFile {
  let tree: PlaceTree | undefined;
  const find = (path: YamlPath) => {
    tree ??= readPlaces();
    return tree.find(path);
  };
  const whole = (): Span => {
    const start = Math.max(0, file.text.search(/\S/));
    return { file: file.path, start, end: Math.max(start, file.text.trimEnd().length) };
  };
  return {
    file,
    value,
    span: (path = []) => {
      const { place } = find(path);
      return place === undefined ? whole() : { file: file.path, start: place.start, end: place.end };
    },
    keySpan: (path) => {
      const { place, complete } = find(path);
      if (place === undefined) return whole();
      const key = complete && place.keyEnd > place.keyStart && typeof path.at(-1) === 'string';
      return key
        ? { file: file.path, start: place.keyStart, end: place.keyEnd }
        : { file: file.path, start: place.start, end: place.end };
    },
  };
}

/** dbt's older spellings, which a normalized value no longer shows. */
const OLDER: Readonly<Record<string, string>> = { data_tests: 'tests', tests: 'data_tests' };

function everydayPlaces(text: string): PlaceTree {
  const places: Places = new Map();
  const root = readEverydayYaml(text, places)?.value ?? null;
  return {
    find: (path) => {
      let value: Json | undefined = root;
      let place: Place | undefined;
      for (const step of path) {
        if (typeof value !== 'object' || value === null) return { place, complete: false };
        const children = places.get(value);
        const key = children?.has(step) || typeof step === 'number' ? step : (OLDER[step] ?? step);
        const next = children?.get(key);
        if (next === undefined) return { place, complete: false };
        place = next;
        value = Reflect.get(value, key);
      }
      return { place, complete: true };
    },
  };
}

function documentPlaces(contents: ParsedNode | null): PlaceTree {
  return {
    find: (path) => {
      let node: Node | null = contents;
      let place: Place | undefined = contents ? placeOf(contents, undefined) : undefined;
      for (const step of path) {
        const found: { node: Node | null; place: Place } | undefined =
          childOf(node, step) ?? childOf(node, OLDER[step] ?? step);
        if (found === undefined) return { place, complete: false };
        ({ node, place } = found);
      }
      return { place, complete: true };
    },
  };
}

function childOf(node: Node | null, step: string | number): { node: Node | null; place: Place } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return isNode(item) ? { node: item, place: placeOf(item, undefined) } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (candidate) => isPair(candidate) && isScalar(candidate.key) && String(candidate.key.value) === String(step),
  );
  if (pair === undefined || !isNode(pair.key)) return undefined;
  const value = isNode(pair.value) ? pair.value : null;
  return { node: value, place: placeOf(value ?? pair.key, pair.key) };
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'range' in value;

function placeOf(node: Node, key: Node | undefined): Place {
  const [start = 0, end = start] = node.range ?? key?.range ?? [];
  const [keyStart = start, keyEnd = start] = key?.range ?? [];
  // An absent value has an empty range: its key stands for it.
  return end > start ? { keyStart, keyEnd, start, end } : { keyStart, keyEnd, start: keyStart, end: keyEnd };
}

function syntaxError(file: SourceFile, error: YAMLError): Diagnostic {
  const [start, end] = error.pos;
  const at: Span = { file: file.path, start, end: Math.max(end, start + 1) };
  const line = lineAt(file.text, start);
  if (error.code === 'MISSING_CHAR' && error.message.startsWith('Sequence item without')) {
    const from = start + (/^\s*/.exec(file.text.slice(start))?.[0].length ?? 0);
    const word = /^[^\s:]+/.exec(file.text.slice(from))?.[0] ?? ' ';
    return {
      ...syntax({ file: file.path, start: from, end: from + word.length }, WORDS.BAD_INDENT),
      hint: 'indent it like the keys of the entry above, or begin an entry of its own with a dash',
    };
  }
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^[^\s:]+/.exec(file.text.slice(start))?.[0] ?? 'key';
      return {
        code: 'project/duplicate-key',
        severity: 'error',
        message: `\`${key}\` is written twice in the same map`,
        at: { ...at, end: start + key.length },
        label: 'second time here',
        hint: 'keep one of them; YAML would silently drop the other',
      };
    }
    case 'TAB_AS_INDENT':
      return { ...syntax(at, 'a tab is used for indentation'), hint: 'indent with spaces; YAML does not allow tabs' };
    case 'BAD_INDENT':
    case 'MISSING_CHAR':
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
    case 'UNEXPECTED_TOKEN':
    case 'BAD_SCALAR_START':
      if (/\{\{|\{%/.test(line) && !/["']\s*\{[{%]/.test(line)) {
        return unquotedTemplate(at);
      }
      return { ...syntax(at, WORDS[error.code]), hint: HINTS[error.code] };
    default:
      return syntax(at, `this is not valid YAML: ${lowerFirst(error.message)}`);
  }
}

const WORDS = {
  BAD_INDENT: 'the indentation of this line does not fit the lines above',
  MISSING_CHAR: 'something is missing here: a colon, a comma, a closing quote or a closing bracket',
  BLOCK_AS_IMPLICIT_KEY: 'a second `key: value` stands on the same line, or this line is indented too far',
  MULTILINE_IMPLICIT_KEY: 'this line is neither `key: value` nor part of the text above it',
  BLOCK_IN_FLOW: 'a list or map with indentation stands inside brackets',
  UNEXPECTED_TOKEN: 'this does not belong here',
  BAD_SCALAR_START: 'a value cannot begin with this character',
} as const;

const HINTS = {
  BAD_INDENT: 'keys of one map, and dashes of one list, begin in the same column',
  MISSING_CHAR: 'look at the end of the line before as well',
  BLOCK_AS_IMPLICIT_KEY: 'begin a new line for the key, or put the text in quotes if the colon belongs to it',
  MULTILINE_IMPLICIT_KEY: 'add the missing colon, or indent the line if it continues a text',
  BLOCK_IN_FLOW: 'write the value inside the brackets as [a, b] or {key: value}',
  UNEXPECTED_TOKEN: 'put the text in quotes if it is meant as text',
  BAD_SCALAR_START: 'put the text in quotes',
} as const;

const syntax = (at: Span, message: string): Diagnostic => ({
  code: 'project/yaml-syntax',
  severity: 'error',
  message,
  at,
});

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end === -1 ? text.length : end);
}

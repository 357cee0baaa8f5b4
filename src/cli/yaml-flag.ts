import { isMap, parseDocument } from 'yaml';
import { DqlError } from '../core/diagnostic.ts';
import type { Json } from '../core/node-id.ts';

/** The mapping a flag holds, YAML or JSON: `--vars '{start: 2001-01-01}'`. @throws DqlError when it is anything else. */
export function yamlFlag(flag: string, text: string): Readonly<Record<string, Json>> {
  const document = parseDocument(text);
  const [wrong] = document.errors;
  if (wrong) throw refused(flag, `${flag} is not YAML: ${wrong.message.split('\n')[0]}`);
  if (document.contents === null) return {};
  if (!isMap(document.contents)) throw refused(flag, `${flag} must be a mapping, not \`${text}\``);
  return Object.fromEntries(
    document.contents.items.map((pair) => [String(pair.key), asJson(document.createNode(pair.value).toJS(document))]),
  );
}

const refused = (flag: string, message: string): DqlError =>
  new DqlError([
    { code: 'cli/bad-flag', severity: 'error', message, hint: `write it like ${flag} '{key: value, other: [1, 2]}'` },
  ]);

/** YAML knows more values than JSON; what JSON lacks is written as text. */
function asJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(asJson);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asJson(inner)]));
  return String(value);
}

/** `ref('orders')` and `source('shop', 'orders')` where YAML writes them: arguments of tests, depends_on, unit tests' inputs. */
import { parseTemplate } from '../../jinja/jinja.ts';
import { literalRef } from '../templates/parse-sql.ts';
import type { ParsedRef, ParsedSource } from '../templates/parsed-template.ts';

export type CallInText =
  | ({ readonly kind: 'ref' } & ParsedRef)
  | ({ readonly kind: 'source' } & ParsedSource)
  | { readonly kind: 'this' };

const CALL = /^\s*(?:\{\{\s*)?((?:ref|source)\s*\([\s\S]*\)|this)\s*(?:\}\})?\s*$/;
const SIMPLE = /^ref\(\s*(?:'([^'\\]+)'|"([^"\\]+)")\s*\)$/;

/** The call a text consists of, with or without braces; undefined when it is anything else. */
export function callInText(text: string): CallInText | undefined {
  const written = CALL.exec(text)?.[1]?.trim();
  if (written === undefined) return undefined;
  if (written === 'this') return { kind: 'this' };
  const simple = SIMPLE.exec(written);
  if (simple !== null)
    return { kind: 'ref', name: simple[1] ?? simple[2] ?? '', package: null, version: null, at: [0, text.length] };
  const { value: template } = parseTemplate({ path: '', text: `{{ ${written} }}` }, {});
  const [call, ...more] = template?.calls ?? [];
  if (call === undefined || more.length > 0) return undefined;
  const at = [0, text.length] as const;
  if (call.name === 'ref') {
    const ref = literalRef(call);
    return ref === undefined ? undefined : { kind: 'ref', ...ref, at };
  }
  const [source, table] = call.positional;
  if (call.name !== 'source' || typeof source !== 'string' || typeof table !== 'string') return undefined;
  return { kind: 'source', source, table, at };
}

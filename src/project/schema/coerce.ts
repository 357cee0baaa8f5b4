import type { z } from 'zod';
import type { Json } from '../../core/node-id.ts';
import { plainScalar } from '../yaml/plain-scalar.ts';
import { isTemplate, valueAt } from './issues.ts';

/**
 * env_var() always answers text. Where the schema wants a number or a boolean and a template stood there, the text is read as YAML
 * would read it without quotes: `threads: "{{ env_var('THREADS') }}"` is 4, not '4'.
 */
export function coerced<T extends Json>(schema: z.ZodType, rendered: T, written: Json): T {
  const result = schema.safeParse(rendered);
  if (result.success) return rendered;
  let value = rendered;
  for (const issue of result.error.issues) {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const text = valueAt(rendered, path);
    if (typeof text === 'string' && isTemplate(valueAt(written, path)))
      value = replaced(value, path, plainScalar(text.trim()));
  }
  return value;
}

function replaced<T extends Json>(value: T, path: readonly (string | number)[], next: Json): T {
  const [step, ...rest] = path;
  // The caller's paths come from the value itself, so containers keep their kind.
  if (step === undefined) return next as T;
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(step) ? replaced(item, rest, next) : item)) as unknown as T;
  if (typeof value !== 'object' || value === null) return value;
  return { ...value, [step]: replaced(Reflect.get(value, step) as Json, rest, next) };
}

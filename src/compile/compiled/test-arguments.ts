import type { Json } from '../../core/node-id.ts';
import { evaluate, parseTemplate, toValue, type Value } from '../../jinja/jinja.ts';
import { callInText } from '../data-tests/call-in-text.ts';
import { type Attempt, failed, guarded, jsonOf, type Step, stepOf } from './attempt.ts';

/** The relation a generic test is about, from `{{ get_where_subquery(ref('orders')) }}`. */
export function testedRelation(model: Json | undefined, { subject }: Attempt): Step<Value> {
  const inner = typeof model === 'string' ? /get_where_subquery\(([\s\S]*)\)\s*\}\}\s*$/.exec(model)?.[1] : undefined;
  const call = inner === undefined ? undefined : callInText(inner);
  if (call === undefined || call.kind === 'this')
    return failed({ code: 'compile/wrong-test', message: 'this test does not say which model it is about' });
  return guarded(() => (call.kind === 'ref' ? subject.ref(call) : subject.source(call.source, call.table)));
}

/** Who resolves the references in arguments. */
export interface Asking extends Pick<Attempt, 'rendering'> {
  readonly subject: Pick<Attempt['subject'], 'ref' | 'source'>;
}

/** A test's argument: `ref('orders')` becomes a relation, templates are rendered to values, the rest stays. `file` is named in complaints. */
export function testArgument(value: Json, file: string, attempt: Asking): Step<Value> {
  if (typeof value === 'string') {
    const call = LOOKS_LIKE_CALL.test(value) ? callInText(value) : undefined;
    if (call?.kind === 'ref') return guarded(() => attempt.subject.ref(call));
    if (call?.kind === 'source') return guarded(() => attempt.subject.source(call.source, call.table));
    const text = /^\s*(?:env_var|var)\s*\(.+\)\s*$/s.test(value) ? `{{ ${value} }}` : value;
    if (!text.includes('{{')) return { kind: 'done', value };
    const { value: template, diagnostics } = parseTemplate({ path: file, text }, {});
    return template === undefined
      ? { kind: 'failed', diagnostics }
      : stepOf(evaluate(template, attempt.rendering.scope()));
  }
  if (typeof value !== 'object' || value === null) return { kind: 'done', value };
  if (Array.isArray(value)) {
    const items: Value[] = [];
    for (const item of value) {
      const step = testArgument(item, file, attempt);
      if (step.kind !== 'done') return step;
      items.push(step.value);
    }
    return { kind: 'done', value: items };
  }
  const entries: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    const step = testArgument(inner, file, attempt);
    if (step.kind !== 'done') return step;
    entries[key] = jsonOf(step.value);
  }
  return { kind: 'done', value: toValue(entries) };
}

const LOOKS_LIKE_CALL = /\{\{|^\s*(?:ref|source)\s*\(/;

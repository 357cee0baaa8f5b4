import type { Json } from '../../core/node-id.ts';
import { hostFunction, hostObject, toValue, type Value } from '../../jinja/jinja.ts';
import type { Manifest } from '../manifest.ts';
import { dictOf } from './relation-value.ts';

/** `results` of on-run-end: dbt's run results, each with its node and `to_dict()`. */
export function resultValue(results: Json, manifest: Manifest): Value {
  if (!Array.isArray(results)) return toValue(results);
  return results.map((result: Json) => {
    if (typeof result !== 'object' || result === null || Array.isArray(result)) return toValue(result);
    const fields = result as Readonly<Record<string, Json>>; // Array.isArray keeps readonly arrays
    const id = fields['unique_id'];
    const node = typeof id === 'string' ? (manifest.nodes[id] ?? manifest.sources[id] ?? null) : null;
    // Macros know dbt's words: to them, what is neither success nor skipped went wrong.
    const status = fields['status'] === 'reused' ? 'success' : (fields['status'] ?? null);
    const whole = { ...fields, status, node: (node as unknown as Json) ?? null }; // a node is JSON; interfaces have no index signature
    return hostObject({
      name: 'RunResult',
      get: (name) => {
        if (name === 'to_dict') return hostFunction('to_dict', () => toValue(whole));
        const field = (whole as Readonly<Record<string, Json>>)[name];
        if (field === undefined) return undefined;
        return Array.isArray(field) ? field.map(dictOf) : dictOf(field);
      },
      names: () => [...Object.keys(whole), 'to_dict'],
      json: () => toValue(whole),
    });
  });
}

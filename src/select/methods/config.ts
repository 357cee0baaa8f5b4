import type { Json } from '../../core/node-id.ts';
import { isRecord, type SelectableGraph } from '../graph.ts';
import { type SelectorMethod, valueText } from '../method.ts';

/** `config.materialized:table`, `config.meta.owner:ada`: equal text, `true`/`false` in any case, or an item of a list. */
export const config: SelectorMethod = {
  summary: 'nodes and sources by config: config.materialized:incremental, config.meta.owner:ada',
  ask: (criterion) => {
    const keys = criterion.arguments;
    if (keys.length === 0)
      return {
        code: 'select/unknown-value',
        message: '`config:` does not say which config to look at',
        hint: `write \`config.materialized:${valueText(criterion)}\``,
      };
    const wanted = criterion.value;
    const word = valueText(criterion).toUpperCase();
    // dbt compares severity, and severity only, without regard to case.
    const anyCase = keys.length === 1 && keys[0] === 'severity';
    const equals = (value: Json): boolean =>
      value === wanted ||
      (anyCase && typeof value === 'string' && value.toUpperCase() === word) ||
      (word === 'TRUE' && value === true) ||
      (word === 'FALSE' && value === false);
    return (node) => {
      if (NOT_CONFIGURABLE.includes(node.resource_type)) return false;
      const value = configAt(node.config, keys);
      if (value === undefined) return false;
      return Array.isArray(value) ? value.some(equals) : equals(value);
    };
  },
  known: configs,
};

/** dbt's `config` method looks at nodes and sources only. */
const NOT_CONFIGURABLE: readonly string[] = [
  'exposure',
  'unit_test',
  'metric',
  'semantic_model',
  'saved_query',
  'function',
];

function configAt(config: Readonly<Record<string, Json>>, keys: readonly string[]): Json | undefined {
  let value: Json | undefined = config;
  for (const key of keys) {
    if (!isRecord(value)) return undefined;
    // Manifests write `pre-hook`; a dash cannot stand in a method.
    value = Object.hasOwn(value, key) ? value[key] : value[key.replaceAll('_', '-')];
  }
  return value;
}

function* configs(graph: SelectableGraph): Generator<string> {
  for (const node of graph.nodes.values()) yield* valuesIn(node.config);
}

function* valuesIn(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* valuesIn(item);
  else if (isRecord(value)) for (const inner of Object.values(value)) yield* valuesIn(inner);
  else if (typeof value === 'string') yield value;
}

import type { Json } from '../../core/node-id.ts';
import {
  type CallArguments,
  hostFunction,
  isUndefined,
  TemplateError,
  toJson,
  toValue,
  type Value,
} from '../../jinja/jinja.ts';
import { argument, neededText } from './arguments.ts';
import { relationOf, relationText } from './relation-value.ts';
import type { Rendering } from './rendering.ts';

/** `config(...)` with `.get`, `.require`, `.set` and the rest. */
export function configValue(rendering: Rendering): Value {
  const { subject } = rendering;
  const read = (key: string): Json | undefined => {
    const config = subject.config();
    const value = Object.hasOwn(config, key) ? config[key] : undefined;
    return value === null ? undefined : value;
  };
  const get = (call: CallArguments, from: (key: string) => Json | undefined, asked: string): Value => {
    const key = neededText(call, 0, 'name', asked);
    // While parsing, nobody knows yet what other files configure: dbt answers nothing at all, and packages build on it.
    if (!rendering.execute) return '';
    const value = from(key);
    return value === undefined ? (argument(call, 1, 'default') ?? null) : toValue(value);
  };
  const require = (call: CallArguments, from: (key: string) => Json | undefined, asked: string): Value => {
    const key = neededText(call, 0, 'name', asked);
    if (!rendering.execute) return '';
    const value = from(key);
    if (value !== undefined) return toValue(value);
    throw new TemplateError(`the configuration \`${key}\` is required and not set`, {
      code: 'compile/missing-config',
      hint: `set it with {{ config(${key}=…) }} or in a property file`,
    });
  };
  const meta = (key: string): Json | undefined => {
    const values = read('meta');
    return typeof values === 'object' && values !== null && !Array.isArray(values)
      ? (values as Readonly<Record<string, Json>>)[key] // Array.isArray does not narrow readonly arrays away
      : undefined;
  };
  const persists = (what: string): boolean => {
    const docs = read('persist_docs');
    return (
      rendering.execute &&
      typeof docs === 'object' &&
      docs !== null &&
      !Array.isArray(docs) &&
      (docs as Readonly<Record<string, Json>>)[what] === true
    );
  };
  return hostFunction(
    'config',
    (call) => {
      subject.configure(configured(call));
      return '';
    },
    {
      get: hostFunction('config.get', (call) => get(call, read, 'config.get()')),
      require: hostFunction('config.require', (call) => require(call, read, 'config.require()')),
      meta_get: hostFunction('config.meta_get', (call) => get(call, meta, 'config.meta_get()')),
      meta_require: hostFunction('config.meta_require', (call) => require(call, meta, 'config.meta_require()')),
      set: hostFunction('config.set', (call) => {
        const value = argument(call, 1, 'value');
        subject.configure({
          [neededText(call, 0, 'name', 'config.set()')]: value === undefined ? null : configJson(value),
        });
        return '';
      }),
      persist_relation_docs: hostFunction('config.persist_relation_docs', () => persists('relation')),
      persist_column_docs: hostFunction('config.persist_column_docs', () => persists('columns')),
    },
  );
}

/** The values of one config(...) call: keyword arguments, or one map. */
function configured(call: CallArguments): Readonly<Record<string, Json>> {
  if (call.positional.length > 1 || (call.positional.length === 1 && call.named.size > 0))
    throw new TemplateError('config() takes keyword arguments, as in config(materialized="table")', {
      code: 'compile/wrong-config-call',
    });
  const [map] = call.positional;
  if (map !== undefined) {
    const json = toJson(map);
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return json as Readonly<Record<string, Json>>; // as above
    throw new TemplateError('config() takes keyword arguments, as in config(materialized="table")', {
      code: 'compile/wrong-config-call',
    });
  }
  const values: Record<string, Json> = {};
  for (const [key, value] of call.named) values[key] = configJson(value);
  return values;
}

/** Relations become their text, undefined values nothing. */
function configJson(value: Value): Json {
  if (isUndefined(value)) return null;
  const parts = relationOf(value);
  return parts === undefined ? toJson(value) : relationText(parts);
}

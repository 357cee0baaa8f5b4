import {
  type CallArguments,
  entriesOf,
  hostFunction,
  hostObject,
  TemplateError,
  textOf,
  toValue,
  tuple,
  type Value,
} from '../../jinja/jinja.ts';
import { argument, neededText } from './arguments.ts';
import type { Rendering } from './rendering.ts';

/**
 * dbt's `context`: every name of the render as a dict. Packages also write into it; what they write is a name like any other for the
 * rest of the render.
 */
export function contextValue(rendering: Rendering): Value {
  const { noted } = rendering;
  const names = () => [...new Set(rendering.names())];
  const pairs = () => names().map((name) => [name, rendering.lookup(name) ?? null] as const);
  const methods: Readonly<Record<string, (call: CallArguments, asked: string) => Value>> = {
    get: (call, asked) => rendering.lookup(neededText(call, 0, 'key', asked)) ?? argument(call, 1, 'default') ?? null,
    update: (call) => {
      const [given] = call.positional;
      const entries = given === undefined ? [] : entriesOf(given);
      if (entries === undefined)
        throw new TemplateError('context.update() takes a dict', { code: 'compile/wrong-context-call' });
      for (const [name, value] of [...entries, ...call.named]) noted.set(textOf(name), value);
      return null;
    },
    setdefault: (call, asked) => {
      const name = neededText(call, 0, 'key', asked);
      const known = rendering.lookup(name);
      if (known !== undefined) return known;
      const value = argument(call, 1, 'default') ?? null;
      noted.set(name, value);
      return value;
    },
    pop: (call, asked) => {
      const name = neededText(call, 0, 'key', asked);
      const value = noted.get(name) ?? argument(call, 1, 'default');
      noted.delete(name);
      if (value !== undefined) return value;
      throw new TemplateError(`nothing was written to \`context\` under \`${name}\``, {
        code: 'compile/wrong-context-call',
        hint: 'give a default: `context.pop(name, none)`',
      });
    },
    keys: () => toValue(names()),
    values: () => pairs().map(([, value]) => value),
    items: () => pairs().map((pair) => tuple(pair)),
  };
  return hostObject({
    name: 'context',
    get: (name) => {
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      return method === undefined
        ? rendering.lookup(name)
        : hostFunction(`context.${name}`, (call) => method(call, `context.${name}()`));
    },
    item: (key) => (typeof key === 'string' ? rendering.lookup(key) : undefined),
    iterate: names,
    length: () => names().length,
    isMapping: true,
  });
}

import type { Json } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import {
  type CallArguments,
  type HostMembers,
  hostFunction,
  hostObject,
  isUndefined,
  textOf,
  toJson,
  toValue,
  truthOf,
  type Value,
} from '../../jinja/jinja.ts';
import { argument, textArgument } from './arguments.ts';

/** A relation as templates hold it: where it is by its public names, and how it prints. */
export interface RelationParts {
  readonly database: string | null;
  readonly schema: string | null;
  readonly identifier: string | null;
  readonly type: string | null;
  /** What it prints when that is not its quoted public name: a staged version, a CTE, a subquery. */
  readonly rendered?: string | undefined;
  readonly quote?: Policy;
  readonly include?: Policy;
  readonly isCte?: boolean;
}

interface Policy {
  readonly database?: boolean;
  readonly schema?: boolean;
  readonly identifier?: boolean;
}

const PARTS = ['database', 'schema', 'identifier'] as const;

/** How a relation is spelt in SQL. */
export function relationText(parts: RelationParts): string {
  if (parts.rendered !== undefined && parts.include?.identifier !== false) return parts.rendered;
  return PARTS.flatMap((part) => {
    const name = parts[part];
    if (name === null || parts.include?.[part] === false) return [];
    return [parts.quote?.[part] === false ? name : quotedIdentifier(name)];
  }).join('.');
}

const known = new WeakMap<object, RelationParts>();

/** The parts behind a relation value, or undefined when the value is no relation. */
export const relationOf = (value: Value | undefined): RelationParts | undefined =>
  typeof value === 'object' && value !== null ? known.get(value) : undefined;

/** dbt's Relation object. */
export function relationValue(parts: RelationParts): Value {
  const { database, schema, identifier, type } = parts;
  const text = () => relationText(parts);
  const method = (name: string, call: (call: CallArguments) => Value) => hostFunction(`Relation.${name}`, call);
  const members: Record<string, () => Value> = {
    database: () => database,
    schema: () => schema,
    identifier: () => identifier,
    name: () => identifier,
    table: () => identifier,
    type: () => type,
    is_table: () => type === 'table',
    is_view: () => type === 'view',
    is_cte: () => parts.isCte === true,
    is_materialized_view: () => false,
    is_pointer: () => false,
    can_be_renamed: () => type === 'table' || type === 'view',
    can_be_replaced: () => true,
    // Packages tell a relation by `is mapping` and this metadata.
    metadata: () => hostDict({ type: 'DuckDBRelation' }),
    get: () =>
      method('get', (call) => {
        const key = textArgument(call, 0, 'key');
        return key === null ? null : (members[key]?.() ?? argument(call, 1, 'default') ?? null);
      }),
    render: () => method('render', text),
    include: () =>
      method('include', (call) => relationValue({ ...parts, include: { ...parts.include, ...policy(call) } })),
    quote: () =>
      method('quote', (call) =>
        relationValue({ ...parts, rendered: undefined, quote: { ...parts.quote, ...policy(call) } }),
      ),
    incorporate: () =>
      method('incorporate', (call) => {
        const path = argument(call, 0, 'path');
        const changed = { ...parts, ...(path === undefined ? {} : { ...pathOf(path), rendered: undefined }) };
        const newType = textArgument(call, 1, 'type');
        return relationValue(newType === null ? changed : { ...changed, type: newType });
      }),
    replace_path: () =>
      method('replace_path', (call) => {
        const named: Partial<Record<(typeof PARTS)[number], string>> = {};
        for (const part of PARTS) {
          const value = textArgument(call, Number.POSITIVE_INFINITY, part);
          if (value !== null) named[part] = value;
        }
        return relationValue({ ...parts, ...named, rendered: undefined });
      }),
    without_identifier: () =>
      method('without_identifier', () => relationValue({ ...parts, include: { ...parts.include, identifier: false } })),
    information_schema: () =>
      method('information_schema', (call) => {
        const view = textArgument(call, 0, 'view_name');
        return relationValue({
          database,
          schema: 'information_schema',
          identifier: view,
          type: 'view',
          quote: { schema: false, identifier: false },
        });
      }),
    matches: () =>
      method('matches', (call) =>
        PARTS.every((part, position) => {
          const wanted = textArgument(call, position, part);
          return wanted === null || wanted.toLowerCase() === parts[part]?.toLowerCase();
        }),
      ),
    to_dict: () => method('to_dict', () => hostDict({ database, schema, identifier, type })),
    path: () => hostDict({ database, schema, identifier }),
    include_policy: () => hostDict({ database: true, schema: true, identifier: true, ...parts.include }),
    quote_policy: () => hostDict({ database: true, schema: true, identifier: true, ...parts.quote }),
  };
  const value = hostObject({
    name: 'Relation',
    get: (name) => (Object.hasOwn(members, name) ? members[name]?.() : undefined),
    hasAttribute: (name) => Object.hasOwn(members, name),
    names: () => Object.keys(members),
    text,
    truth: () => true,
    isMapping: true,
    hash: text,
    equals: (other) => {
      const theirs = relationOf(other);
      return theirs !== undefined && relationText(theirs) === text();
    },
    json: text,
  });
  if (typeof value === 'object' && value !== null) known.set(value, parts);
  return value;
}

/** A JSON object as one of dbt's own, which has `to_dict()` and else is a dict; anything else as it is. */
export function dictOf(json: Json): Value {
  const whole = toValue(json);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return whole;
  const entries = Object.fromEntries(Object.entries(json).map(([key, value]) => [key, toValue(value)]));
  const isDict = { isMapping: true, text: () => textOf(whole), json: () => whole };
  return hostDict(entries, 'dict', { to_dict: () => hostFunction('to_dict', () => whole) }, isDict);
}

/**
 * A small object with attributes and items of the same names.
 * @param more further methods
 * @param also what else it is to the language
 */
export function hostDict(
  entries: Readonly<Record<string, Value>>,
  name = 'dict',
  more: DictMethods = {},
  also: Partial<HostMembers> = {},
): Value {
  const methods = { ...DICT_METHODS, ...more };
  return hostObject({
    name,
    get: (key) => (Object.hasOwn(entries, key) ? entries[key] : methods[key]?.(entries)),
    hasAttribute: (key) => Object.hasOwn(entries, key) || Object.hasOwn(methods, key),
    names: () => [...Object.keys(entries), ...Object.keys(more)],
    item: (key) => (typeof key === 'string' && Object.hasOwn(entries, key) ? entries[key] : undefined),
    iterate: () => Object.keys(entries),
    length: () => Object.keys(entries).length,
    ...also,
  });
}

type DictMethods = Readonly<Record<string, (entries: Readonly<Record<string, Value>>) => Value>>;

const DICT_METHODS: DictMethods = {
  get: (entries) =>
    hostFunction('get', (call) => {
      const key = argument(call, 0, 'key');
      if (typeof key === 'string' && Object.hasOwn(entries, key)) return entries[key];
      return argument(call, 1, 'default') ?? null;
    }),
  items: (entries) => hostFunction('items', () => Object.entries(entries)),
  keys: (entries) => hostFunction('keys', () => Object.keys(entries)),
  values: (entries) => hostFunction('values', () => Object.values(entries)),
};

function policy(call: CallArguments): Policy {
  const chosen: { database?: boolean; schema?: boolean; identifier?: boolean } = {};
  for (const [position, part] of PARTS.entries()) {
    const value = argument(call, position, part);
    if (value !== undefined && value !== null) chosen[part] = truthOf(value);
  }
  return chosen;
}

function pathOf(value: Value): Partial<Record<(typeof PARTS)[number], string | null>> {
  const path = toJson(value);
  if (typeof path !== 'object' || path === null || Array.isArray(path)) return {};
  const found: Partial<Record<(typeof PARTS)[number], string | null>> = {};
  for (const [part, name] of Object.entries(path))
    if (
      (part === 'database' || part === 'schema' || part === 'identifier') &&
      (typeof name === 'string' || name === null)
    )
      found[part] = name;
  return found;
}

/** SQL text of whatever a template passed as a relation: a Relation, or text. */
export const relationSql = (value: Value): string => {
  const parts = relationOf(value);
  return parts === undefined ? (isUndefined(value) || value === null ? '' : textOf(value)) : relationText(parts);
};

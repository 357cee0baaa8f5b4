import { quotedIdentifier } from '../../core/quote.ts';
import { hostFunction, hostObject, type Value } from '../../jinja/jinja.ts';
import { argument, neededText, textArgument } from './arguments.ts';

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
}

const known = new WeakMap<object, ColumnFacts>();

export const columnOf = (value: Value): ColumnFacts | undefined =>
  typeof value === 'object' && value !== null ? known.get(value) : undefined;

const INTEGERS = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$|^INT\d*$/i;

/** dbt's Column object over a DuckDB type. */
export function columnValue({ name, type }: ColumnFacts): Value {
  const base = type.replace(/\(.*$/s, '').trim();
  const sizes = /\((\d+)(?:,\s*(\d+))?\)/.exec(type);
  const isString = /^(?:VARCHAR|TEXT|STRING|CHAR|BPCHAR)$/i.test(base);
  const isFloat = /^(?:DOUBLE|FLOAT\d*|REAL)$/i.test(base);
  const isInteger = INTEGERS.test(base);
  const isNumeric = /^(?:DECIMAL|NUMERIC)$/i.test(base);
  const answer = (method: string, value: Value) => hostFunction(`Column.${method}`, () => value);
  const members: Record<string, () => Value> = {
    name: () => name,
    column: () => name,
    quoted: () => quotedIdentifier(name),
    dtype: () => base,
    data_type: () => type,
    char_size: () => (isString && sizes?.[1] !== undefined ? Number(sizes[1]) : null),
    numeric_precision: () => (isNumeric && sizes?.[1] !== undefined ? Number(sizes[1]) : null),
    numeric_scale: () => (isNumeric && sizes?.[2] !== undefined ? Number(sizes[2]) : null),
    is_string: () => answer('is_string', isString),
    is_float: () => answer('is_float', isFloat),
    is_integer: () => answer('is_integer', isInteger),
    is_numeric: () => answer('is_numeric', isNumeric),
    is_number: () => answer('is_number', isNumeric || isInteger || isFloat),
    string_size: () => answer('string_size', Number(sizes?.[1] ?? 256)),
    // DuckDB's VARCHAR has no limit, so there is never anything to widen.
    can_expand_to: () => answer('can_expand_to', false),
  };
  const value = hostObject({
    name: 'Column',
    get: (attribute) => members[attribute]?.(),
    hasAttribute: (attribute) => Object.hasOwn(members, attribute),
    names: () => Object.keys(members),
    text: () => `<Column ${name} (${type})>`,
    hash: () => `${name}\0${type}`,
    equals: (other) => {
      const theirs = columnOf(other);
      return theirs?.name === name && theirs.type === type;
    },
    json: () => `${name} ${type}`,
  });
  if (typeof value === 'object' && value !== null) known.set(value, { name, type });
  return value;
}

/** `api.Column`: callable, with `create` and dbt's helpers about types. */
export function columnClass(): Value {
  const create = hostFunction('Column.create', (call) =>
    columnValue({
      name: neededText(call, 0, 'column', 'api.Column()'),
      type: textArgument(call, 1, 'dtype') ?? textArgument(call, 1, 'label_or_dtype') ?? 'VARCHAR',
    }),
  );
  return hostFunction(
    'Column',
    (call) =>
      columnValue({
        name: neededText(call, 0, 'column', 'api.Column()'),
        type: textArgument(call, 1, 'dtype') ?? 'VARCHAR',
      }),
    {
      create,
      translate_type: hostFunction('Column.translate_type', (call) => translated(textArgument(call, 0, 'dtype') ?? '')),
      string_type: hostFunction('Column.string_type', () => 'varchar'),
      numeric_type: hostFunction('Column.numeric_type', (call) => {
        const precision = argument(call, 1, 'precision');
        const scale = argument(call, 2, 'scale');
        const name = textArgument(call, 0, 'dtype') ?? 'decimal';
        return precision === undefined || precision === null
          ? name
          : `${name}(${String(precision)}, ${String(scale ?? 0)})`;
      }),
    },
  );
}

const GENERIC_TYPES: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  TEXT: 'VARCHAR',
  TIMESTAMP: 'TIMESTAMP',
  FLOAT: 'DOUBLE',
  INTEGER: 'INTEGER',
  BOOLEAN: 'BOOLEAN',
};

const translated = (type: string): string => GENERIC_TYPES[type.toUpperCase()] ?? type;

/** Types as people write them → as DuckDB spells them, and the families they belong to. */
import { isNumber } from '../../expressions.ts';

const ALIASES: Readonly<Record<string, string>> = {
  INT: 'INTEGER',
  INT4: 'INTEGER',
  SIGNED: 'INTEGER',
  INT8: 'BIGINT',
  LONG: 'BIGINT',
  INT64: 'BIGINT',
  INT2: 'SMALLINT',
  SHORT: 'SMALLINT',
  INT1: 'TINYINT',
  STRING: 'VARCHAR',
  TEXT: 'VARCHAR',
  CHAR: 'VARCHAR',
  BPCHAR: 'VARCHAR',
  FLOAT8: 'DOUBLE',
  'DOUBLE PRECISION': 'DOUBLE',
  FLOAT64: 'DOUBLE',
  FLOAT4: 'FLOAT',
  REAL: 'FLOAT',
  BOOL: 'BOOLEAN',
  LOGICAL: 'BOOLEAN',
  DATETIME: 'TIMESTAMP',
  TIMESTAMP_NTZ: 'TIMESTAMP',
  TIMESTAMPTZ: 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_TZ: 'TIMESTAMP WITH TIME ZONE',
  NUMERIC: 'DECIMAL(18,3)',
  DECIMAL: 'DECIMAL(18,3)',
  BYTEA: 'BLOB',
  BINARY: 'BLOB',
  VARBINARY: 'BLOB',
  BYTES: 'BLOB',
};

/** One spelling for every way to write a type. */
export function canonicalType(type: string): string {
  const text = type
    .trim()
    .toUpperCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\s*([(),])\s*/g, '$1');
  const array = /^(.*)((?:\[\d*\])+)$/.exec(text);
  if (array) return `${canonicalType(array[1] ?? '')}${array[2]}`;
  const sized = /^(NUMERIC|DECIMAL|DEC)\((\d+)(?:,(\d+))?\)$/.exec(text);
  if (sized) return `DECIMAL(${sized[2]},${sized[3] ?? 0})`;
  const unsized = text.replace(/^(VARCHAR|CHAR|TEXT|STRING|BPCHAR)\(\d+\)$/, 'VARCHAR');
  return ALIASES[unsized] ?? unsized;
}

const FAMILIES: Readonly<Record<string, (type: string) => boolean>> = {
  number: isNumber,
  integer: (type) => /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type),
  float: (type) => /^(DOUBLE|FLOAT)$/.test(type),
  decimal: (type) => type.startsWith('DECIMAL'),
  text: (type) => type === 'VARCHAR' || type.startsWith('ENUM'),
  time: (type) => /^(DATE|TIME|TIMESTAMP)/.test(type),
  timestamp: (type) => type.startsWith('TIMESTAMP'),
  list: (type) => type.endsWith(']'),
  struct: (type) => type.startsWith('STRUCT'),
  map: (type) => type.startsWith('MAP'),
};

/** Whether a column's type is the one named, or belongs to the family named (`number`, `text`, `timestamp` …). */
export function isOfType(actual: string, wanted: string): boolean {
  const type = canonicalType(actual);
  const family = FAMILIES[wanted.trim().toLowerCase()];
  // `timestamp` and `decimal` are both: the family is what people mean.
  return family?.(type) === true || type === canonicalType(wanted);
}

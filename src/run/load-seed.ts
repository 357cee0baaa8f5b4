import { EngineError } from '../core/engine-error.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';
import type { SeedOptions } from '../plan/build.ts';
import { seedProblem } from './seed-problem.ts';

/**
 * Loads a CSV into a new table. Types are inferred over the whole file as dbt does: integers are INTEGER where they all fit and BIGINT
 * otherwise, empty fields are NULL, a column of nothing is VARCHAR. Rejects with DuckDB's CSV error; `seedProblem` knows which row is to blame.
 */
export async function loadSeed(
  connection: Connection,
  file: string,
  into: string,
  options: SeedOptions,
): Promise<number> {
  const text = csvText(file, options);
  const columns = await typedColumns(connection, text, options);
  // What DuckDB calls the column of a file without a header.
  if (columns.length === 1 && columns[0]?.name === 'column0') await refuseEmpty(connection, file, options);
  const values = columns.map(({ name, type }) => `${cast(name, type)} as ${quotedIdentifier(name)}`);
  return connection.run(`create table ${into} as\nselect\n  ${values.join(',\n  ')}\nfrom ${text}`);
}

async function refuseEmpty(connection: Connection, file: string, options: SeedOptions): Promise<void> {
  const none = new EngineError('the file is empty', 'other');
  const found = await seedProblem(connection, file, options.delimiter, none);
  if (found !== none) throw found;
}

/** The columns a seed will have, without loading it. */
export const seedColumns = (connection: Connection, file: string, options: SeedOptions): Promise<readonly Column[]> =>
  typedColumns(connection, csvText(file, options), options);

async function typedColumns(connection: Connection, text: string, options: SeedOptions): Promise<readonly Column[]> {
  const columns = await connection.describe(`select * from ${text}`);
  const types = await inferredTypes(connection, text, columns, options);
  return columns.map(({ name }, index) => ({ name, type: types[index] ?? 'VARCHAR' }));
}

// With `skip` and `comment` left to DuckDB it would take rows it does not understand for notes above the header.
const csvText = (file: string, options: SeedOptions): string =>
  `read_csv(${quotedString(file)}, header = true, all_varchar = true, delim = ${quotedString(options.delimiter)}, quote = '"', escape = '"', nullstr = [''], skip = 0, comment = '', strict_mode = true, null_padding = false, ignore_errors = false, auto_detect = true, sample_size = -1)`;

const cast = (column: string, type: string): string => `cast(${quotedIdentifier(column)} as ${type})`;

/** Candidates in the order they are tried; the first that every value converts to is the type. */
const CANDIDATES = ['INTEGER', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'DATE', 'TIMESTAMP', 'TIME'] as const;

async function inferredTypes(
  connection: Connection,
  text: string,
  columns: readonly Column[],
  options: SeedOptions,
): Promise<readonly string[]> {
  const given = new Map(Object.entries(options.columnTypes).map(([name, type]) => [name.toLowerCase(), type]));
  const tests = columns.flatMap((column) =>
    CANDIDATES.map(
      (type) =>
        `coalesce(bool_and(${convertible(quotedIdentifier(column.name), type)}) filter (${quotedIdentifier(column.name)} is not null), false)`,
    ),
  );
  if (columns.length === 0) return [];
  const answer = await connection.query(`select ${tests.join(', ')} from ${text}`);
  const row = answer.rows[0] ?? [];
  return columns.map((column, index) => {
    const wanted = given.get(column.name.toLowerCase());
    if (wanted) return wanted;
    const fits = CANDIDATES.findIndex((_, candidate) => row[index * CANDIDATES.length + candidate] === true);
    return fits < 0 ? 'VARCHAR' : (CANDIDATES[fits] ?? 'VARCHAR');
  });
}

function convertible(column: string, type: (typeof CANDIDATES)[number]): string {
  switch (type) {
    // A cast would round 1.5 to 2, and would lose the zeros of 007.
    case 'INTEGER':
    case 'BIGINT':
      return `regexp_full_match(${column}, '[+-]?(0|[1-9][0-9]*)') and try_cast(${column} as ${type}) is not null`;
    case 'DOUBLE':
      return `regexp_full_match(${column}, '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?') and try_cast(${column} as double) is not null`;
    case 'BOOLEAN':
      return `lower(${column}) in ('true', 'false')`;
    case 'DATE':
      return `regexp_full_match(${column}, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') and try_cast(${column} as date) is not null`;
    case 'TIMESTAMP':
      return `regexp_full_match(${column}, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}.*') and try_cast(${column} as timestamp) is not null`;
    case 'TIME':
      return `regexp_full_match(${column}, '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?') and try_cast(${column} as time) is not null`;
    default:
      return type satisfies never;
  }
}

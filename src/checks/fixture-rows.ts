/** Rows of a unit test (dict, csv or sql) → a SELECT of typed rows. */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Span } from '../core/source.ts';
import type { Column } from '../engine/engine.ts';

export interface Fixture {
  readonly format: 'dict' | 'csv' | 'sql';
  /** A list of objects, the text of a CSV, or a SELECT. */
  readonly rows: Json;
}

type Cells = Readonly<Record<string, Json>>;

/** The rows of a dict or csv fixture with the names of their columns, in the order they first occur; undefined for sql. */
export function readFixture(
  fixture: Fixture,
  what: string,
  at: Span | undefined,
): Checked<{ readonly names: readonly string[]; readonly rows: readonly Cells[] } | undefined> {
  const wrong = (message: string, hint?: string): Checked<undefined> => ({
    value: undefined,
    diagnostics: [
      {
        code: 'checks/wrong-fixture',
        severity: 'error',
        message: `${what}: ${message}`,
        at,
        hint,
      },
    ],
  });
  if (fixture.format === 'sql')
    return typeof fixture.rows === 'string'
      ? { value: undefined, diagnostics: [] }
      : wrong('with `format: sql` the rows are a SELECT', 'write `rows: |` and the query below');
  if (fixture.format === 'csv') {
    if (fixture.rows === null) return { value: { names: [], rows: [] }, diagnostics: [] };
    if (typeof fixture.rows !== 'string')
      return wrong('with `format: csv` the rows are text', 'write `rows: |` and the lines below');
    return readCsv(fixture.rows, wrong);
  }
  if (fixture.rows === null) return { value: { names: [], rows: [] }, diagnostics: [] };
  if (!isList(fixture.rows) || !fixture.rows.every(isRow))
    return wrong(
      'the rows are not a list of column: value',
      'write `- {id: 1, name: ada}`, or say `format: csv` or `sql`',
    );
  const names = new Map<string, string>();
  for (const row of fixture.rows)
    for (const name of Object.keys(row)) if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  return {
    value: { names: [...names.values()], rows: fixture.rows },
    diagnostics: [],
  };
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isRow = (value: Json): value is Cells => typeof value === 'object' && value !== null && !Array.isArray(value);

function readCsv(text: string, wrong: (message: string) => Checked<undefined>): ReturnType<typeof readFixture> {
  const [names, ...lines] = csvRecords(text);
  if (names === undefined) return { value: { names: [], rows: [] }, diagnostics: [] };
  const header = names.map((name) => (name ?? '').trim());
  const rows: Cells[] = [];
  for (const [index, cells] of lines.entries()) {
    if (cells.length !== header.length)
      return wrong(`line ${index + 2} of the csv has ${cells.length} fields instead of ${header.length}`);
    rows.push(Object.fromEntries(header.map((name, place) => [name, cells[place] ?? null])));
  }
  return { value: { names: header, rows }, diagnostics: [] };
}

/** RFC 4180; an empty field is NULL, an empty field in quotes is an empty text; blank lines are left out. */
export function csvRecords(text: string): readonly (readonly (string | null)[])[] {
  const records: (string | null)[][] = [];
  const field = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y;
  let record: (string | null)[] = [];
  for (let place = 0; place <= text.length; ) {
    field.lastIndex = place;
    const found = field.exec(text);
    if (!found) break;
    const [whole, raw = '', end] = found;
    const bare = raw.trim();
    record.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : bare === '' ? null : bare);
    if (end !== ',') {
      if (record.length > 1 || record[0] !== null || raw.startsWith('"')) records.push(record);
      record = [];
    }
    if (whole === '' || (end === '' && place + whole.length >= text.length)) break;
    place += whole.length;
  }
  return records;
}

/**
 * A SELECT giving a fixture's rows. With `columns` every column of the relation is there, typed, NULL where the fixture says nothing;
 * without, only the fixture's columns, typed by their literals. `only` restricts the columns to the fixture's.
 */
export function fixtureSql(
  fixture: Fixture,
  columns: readonly Column[] | undefined,
  about: {
    readonly what: string;
    readonly at?: Span | undefined;
    readonly only?: boolean;
  },
): Checked<string | undefined> {
  const { what, at } = about;
  const { value: read, diagnostics } = readFixture(fixture, what, at);
  if (diagnostics.length > 0) return { value: undefined, diagnostics };
  if (read === undefined)
    return {
      value: String(fixture.rows).trim().replace(/;\s*$/, ''),
      diagnostics: [],
    };
  const unknown =
    columns === undefined ? [] : read.names.filter((name) => !columns.some((column) => same(column.name, name)));
  if (unknown.length > 0)
    return {
      value: undefined,
      diagnostics: unknown.map((name) => unknownColumn(name, columns ?? [], what, at)),
    };
  const shown = columns?.filter(({ name }) => !about.only || read.names.some((given) => same(given, name)));
  const typed: readonly {
    readonly name: string;
    readonly type: string | undefined;
  }[] = shown ?? read.names.map((name) => ({ name, type: undefined }));
  if (typed.length === 0)
    return {
      value: undefined,
      diagnostics: [
        {
          code: 'checks/wrong-fixture',
          severity: 'error',
          message: `${what}: there are no rows, and the columns are not known`,
          at,
          hint: 'build the relation once, give it a contract, or use `format: sql`',
        },
      ],
    };
  const line = (row: Cells) =>
    typed.map(({ name, type }) => `${cellSql(cellOf(row, name), type)} as ${quotedIdentifier(name)}`).join(', ');
  const selects = read.rows.map((row) => `select ${line(row)}`);
  return {
    value: selects.length === 0 ? `select ${line({})}\nwhere false` : selects.join('\nunion all\n'),
    diagnostics: [],
  };
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
const cellOf = (row: Cells, name: string): Json =>
  Object.entries(row).find(([given]) => same(given, name))?.[1] ?? null;

function cellSql(value: Json, type: string | undefined): string {
  const cast = (sql: string) => (type === undefined ? sql : `cast(${sql} as ${type})`);
  if (value === null) return cast('null');
  // Lists and structs go through JSON, which every nested type can be read from.
  if (typeof value === 'object') return cast(`${quotedString(JSON.stringify(value))}::json`);
  return cast(typeof value === 'string' ? quotedString(value) : String(value));
}

const unknownColumn = (name: string, columns: readonly Column[], what: string, at: Span | undefined): Diagnostic => ({
  code: 'checks/unknown-column',
  severity: 'error',
  message: `${what} has no column \`${name}\``,
  at,
  hint:
    didYouMean(
      name,
      columns.map((column) => column.name),
    ) ?? `it has ${columns.map((column) => column.name).join(', ')}`,
});

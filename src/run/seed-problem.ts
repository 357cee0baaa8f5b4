/** What is wrong with a seed's file, where, in words: DuckDB's own say that no dialect was found. Only looked for when loading failed. */
import { EngineError } from '../core/engine-error.ts';
import { quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';

/** A seed's file that cannot be loaded as it is. */
export class SeedError extends EngineError {
  /** The row to mend: UTF-16 offsets into the file's text. */
  readonly row: { readonly start: number; readonly end: number };
  readonly hint: string;
  /** What is said where no value may be. */
  readonly #plain: string;
  constructor(message: string, row: { readonly start: number; readonly end: number }, hint: string, plain = message) {
    super(message, 'other');
    this.row = row;
    this.hint = hint;
    this.#plain = plain;
  }

  /** The row holds values, too. */
  withoutValues(): SeedError {
    return new SeedError(this.#plain, { start: 0, end: 0 }, this.hint);
  }
}

/** The first problem of the file that explains `error`; the error itself when none does. */
export async function seedProblem(
  connection: Connection,
  file: string,
  delimiter: string,
  error: EngineError,
): Promise<EngineError> {
  const text = await textOf(connection, file);
  return text === undefined ? error : (problemIn(text, delimiter, error.message) ?? error);
}

export function problemIn(text: string, delimiter: string, message: string): SeedError | undefined {
  const rows = csvRows(text, delimiter);
  const [header, ...data] = rows;
  if (header === undefined)
    return new SeedError('it is empty', { start: 0, end: 0 }, 'begin with a line of column names, or remove the file');
  const open = rows.find(({ closed }) => !closed);
  if (open) {
    const hint = 'close it, or write a quote that belongs to the value twice';
    return new SeedError(`the quote that is opened in line ${open.line} is never closed`, firstLine(text, open), hint);
  }
  const other = data.find(({ fields }) => fields.length !== header.fields.length);
  if (other) {
    const [has, wants] = [other.fields.length, header.fields.length];
    const hint =
      has > wants ? `quote values that contain \`${delimiter}\`` : 'each row has a field for each column, be it empty';
    return new SeedError(`it has ${counted(wants, 'column')} but line ${other.line} has ${has}`, other, hint);
  }
  const [, value, type, column] =
    /Could not convert string '([\s\S]*)' to (\w+) when casting from source column (.+?)\s*$/m.exec(message) ?? [];
  const at = column === undefined ? -1 : header.fields.indexOf(column);
  const row = at < 0 ? undefined : data.find(({ fields }) => fields[at] === value);
  return (
    row &&
    new SeedError(
      `\`${value}\` in column \`${column}\`, line ${row.line}, is no ${type}`,
      row,
      'mend the value, or give the column another type under `column_types`',
      `the value in column \`${column}\`, line ${row.line}, is no ${type}`,
    )
  );
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

async function textOf(connection: Connection, file: string): Promise<string | undefined> {
  try {
    const { rows } = await connection.query(`select content from read_text(${quotedString(file)})`);
    return String(rows[0]?.[0] ?? '');
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return undefined; // it is not there, or no text: the first error says so
  }
}

interface CsvRow {
  /** From 1; a row may have several lines. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly fields: readonly string[];
  /** False when the file ends inside a quoted value. */
  readonly closed: boolean;
}

/** RFC 4180: values in quotes may hold delimiters, line breaks and doubled quotes. Blank lines are no rows. */
function csvRows(text: string, delimiter: string): readonly CsvRow[] {
  const rows: CsvRow[] = [];
  let line = 1;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const [start, first] = [at, line];
    const fields: string[] = [];
    let field = '';
    let inQuotes = false;
    for (; at < text.length; at += 1) {
      const character = text[at];
      if (character === '\n') line += 1;
      if (inQuotes) {
        if (character !== '"') field += character;
        else if (text[at + 1] === '"') {
          field += '"';
          at += 1;
        } else inQuotes = false;
      } else if (character === '"' && field === '') inQuotes = true;
      else if (text.startsWith(delimiter, at)) {
        fields.push(field);
        field = '';
        at += delimiter.length - 1;
      } else if (character === '\n') break;
      else if (character !== '\r') field += character;
    }
    const end = text[at - 1] === '\r' ? at - 1 : at;
    at += 1;
    if (text.slice(start, end).trim() !== '')
      rows.push({ line: first, start, end, fields: [...fields, field], closed: !inQuotes });
  }
  return rows;
}

function firstLine(text: string, { start, end }: CsvRow): { readonly start: number; readonly end: number } {
  const newline = text.indexOf('\n', start);
  return { start, end: newline < 0 ? end : Math.min(newline, end) };
}

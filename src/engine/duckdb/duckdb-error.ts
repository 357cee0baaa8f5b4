import { EngineError, type EngineErrorKind } from '../../core/engine-error.ts';

/** What `SET errors_as_json = true` makes of an error. `position` is a UTF-8 byte offset into the statement. */
interface DuckDbErrorJson {
  readonly exception_type?: string;
  readonly exception_message?: string;
  readonly position?: string;
  readonly candidates?: string;
}

/** Turns whatever the driver threw for `sql` into an EngineError with a UTF-16 offset. */
export function engineError(thrown: unknown, sql: string): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const json = jsonIn(text);
  const held = lockedFile(json?.exception_message ?? text);
  if (held !== undefined) return new EngineError(held, 'locked', { statement: sql });
  if (!json) return new EngineError(text, kindOf(text.slice(0, text.indexOf(' Error')), text), { statement: sql });
  // Postgres' extension quotes what it asked, often a page of its own questions about the catalog.
  const message = (json.exception_message ?? text).replace(/^Failed to execute query ".*?": /s, '');
  const type = json.exception_type ?? '';
  return new EngineError(`${type} Error: ${message}`, kindOf(type, message), {
    offset: json.position === undefined ? undefined : characterOffset(sql, Number(json.position)),
    statement: sql,
    candidates: namesIn(json.candidates),
  });
}

/** The signatures of a function are no names that somebody meant, and have commas of their own. */
const namesIn = (candidates = ''): readonly string[] =>
  candidates === '' || candidates.includes(' -> ') ? [] : candidates.split(',').map((name) => name.trim());

/** `Could not set lock on file "shop.duckdb": Conflicting lock is held in /usr/bin/node (PID 32003). See also …`, in fewer words. */
function lockedFile(message: string): string | undefined {
  const [, file, holder] = /lock on file "(.+?)": Conflicting lock is held in (.+? \(PID \d+\))/.exec(message) ?? [];
  return file === undefined ? undefined : `the file ${file} is held by ${holder}`;
}

/** Parser errors carry a `Parser Error: ` prefix before the JSON. */
function jsonIn(text: string): DuckDbErrorJson | undefined {
  const start = text.indexOf('{"');
  if (start < 0) return undefined;
  try {
    return JSON.parse(text.slice(start)) as DuckDbErrorJson; // the engine's own format
  } catch {
    return undefined; // an error whose text merely contains a brace
  }
}

// DuckDB counts bytes, editors count characters.
const characterOffset = (sql: string, bytes: number): number => Buffer.from(sql).subarray(0, bytes).toString().length;

function kindOf(type: string, message: string): EngineErrorKind {
  // The last is SQLite's.
  if (/lock on file|Conflicting lock|database (table )?is locked/i.test(message)) return 'locked';
  if (/server closed the connection|connection to server|server has gone away/i.test(message)) return 'transient';
  if (/No space left|disk full|max_temp_directory_size|database is full/i.test(message)) return 'full';
  switch (type) {
    case 'Parser':
    case 'Syntax':
      return 'parser';
    case 'Binder':
      return 'binder';
    case 'Catalog':
      return /write-write conflict/i.test(message) ? 'transient' : 'catalog';
    case 'Constraint':
      return 'constraint';
    case 'Conversion':
    case 'Out of Range':
    case 'Mismatch Type':
      return 'conversion';
    case 'INTERRUPT':
    case 'Interrupt':
      return 'interrupted';
    case 'IO':
    case 'HTTP':
    case 'Connection':
      return 'transient';
    case 'TransactionContext':
      return /conflict/i.test(message) ? 'transient' : 'other';
    default:
      return 'other';
  }
}

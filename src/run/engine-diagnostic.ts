import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { EngineError } from '../core/engine-error.ts';
import { positionAt } from '../core/source.ts';

/** What an error is placed on: a node, or a text that is in no file. */
export type Blamed = Pick<GraphNode, 'resource_type' | 'name' | 'original_file_path' | 'raw_code'>;

/**
 * An engine's error about a node's SQL, placed where the user can mend it: on the model's own line when that line was copied
 * unchanged into the compiled SQL exactly once, otherwise on the compiled file.
 */
export function engineDiagnostic(error: EngineError, node: Blamed, compiled: string): Diagnostic {
  const [first = '', ...rest] = error.message.split('\n').filter((line) => line.trim() !== '');
  const hint =
    error.candidates.length > 0
      ? `did you mean ${error.candidates
          .slice(0, 3)
          .map((name) => `\`${name}\``)
          .join(', ')}?`
      : seedHint(node, error.message);
  const base = {
    code: `run/${error.kind === 'other' ? 'database-error' : error.kind}`,
    severity: 'error' as const,
    message: first,
    hint,
    notes: rest.filter((line) => !/^(Candidate bindings|Did you mean|LINE \d+:|\s*\^)/.test(line)),
  };
  if (node.resource_type === 'seed') return { ...base, ...seedPlace(node, error.message) };
  if (error.offset === undefined) return { ...base, at: { file: node.original_file_path, start: 0, end: 0 } };
  const offset = compiledOffset(error.statement, error.offset, compiled);
  if (offset === undefined) return { ...base, at: { file: node.original_file_path, start: 0, end: 0 } };
  const place = modelPlace(node, compiled, offset);
  if (place) return { ...base, at: place };
  const { line, column } = positionAt(compiled, offset);
  return {
    ...base,
    at: { file: node.original_file_path, start: 0, end: 0 },
    notes: [
      ...base.notes,
      `in the compiled SQL, line ${line}, column ${column}: ${(compiled.split('\n')[line - 1] ?? '').trim()}`,
    ],
  };
}

/** What was sent is the compiled SQL with something around it (`create view … as`); undefined when the place is not in it. */
function compiledOffset(statement: string, offset: number, compiled: string): number | undefined {
  const sql = compiled.trim();
  const begins = sql === '' ? -1 : statement.indexOf(sql);
  const inside = offset - begins;
  return begins < 0 || inside < 0 || inside > sql.length ? undefined : inside + compiled.indexOf(sql);
}

/** The place in the model itself: of a line that was copied unchanged, else of a word that both texts have just once. */
function modelPlace(node: Blamed, compiled: string, offset: number) {
  const { line, column } = positionAt(compiled, offset);
  const text = compiled.split('\n')[line - 1] ?? '';
  const copied = text.trim() === '' ? undefined : onlyPlaceOf(text, node.raw_code);
  const word = /^[\w"]+/.exec(compiled.slice(offset))?.[0];
  const start =
    copied !== undefined
      ? copied + column - 1
      : word !== undefined && onlyPlaceOf(word, compiled) !== undefined
        ? onlyPlaceOf(word, node.raw_code)
        : undefined;
  return start === undefined ? undefined : { file: node.original_file_path, start, end: start + (word ?? ' ').length };
}

function onlyPlaceOf(part: string, text: string): number | undefined {
  const first = text.indexOf(part);
  return first < 0 || text.indexOf(part, first + 1) >= 0 ? undefined : first;
}

/** DuckDB's CSV errors name the line; the file is the seed's own. */
function seedPlace(node: Blamed, message: string) {
  const line = /(?:Line|line):? (\d+)/.exec(message)?.[1];
  const found = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  return {
    code: 'run/seed',
    message: found
      ? `seed \`${node.name}\` has ${found[1]} columns but row ${line} has ${found[2]}`
      : `seed \`${node.name}\`: ${message.split('\n')[0]}`,
    label: line ? `line ${line}` : undefined,
    at: { file: node.original_file_path, start: 0, end: 0 },
    notes: line ? [`${node.original_file_path}:${line}`] : [],
  };
}

const seedHint = (node: Blamed, message: string): string | undefined =>
  node.resource_type === 'seed' && /Number of Columns/.test(message) ? 'quote values that contain a comma' : undefined;

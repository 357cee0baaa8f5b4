import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { type EngineError, HOW_TO_MAKE_ROOM } from '../core/engine-error.ts';
import { positionAt } from '../core/source.ts';
import { type Known, missingTableHint, unreadableSource, withPublicNames } from './missing-table.ts';
import { SeedError } from './seed-problem.ts';
import { writtenViewHint } from './written-view.ts';

/** What an error is placed on: a node, or a text that is in no file. */
export type Blamed = Pick<GraphNode, 'resource_type' | 'name' | 'original_file_path' | 'raw_code'>;

/**
 * An engine's error about a node's SQL, placed where the user can mend it: on the model's own line when that line was copied
 * unchanged into the compiled SQL exactly once, otherwise on the compiled file.
 */
export function engineDiagnostic(
  error: EngineError,
  node: Blamed,
  compiled: string,
  known: Known = { nodes: {}, sources: {} },
): Diagnostic {
  const [first = '', ...rest] = withPublicNames(error.message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const hint =
    missingTableHint(first, error.candidates, known, node.raw_code) ??
    writtenViewHint(first) ??
    eventTimeHint(first, node.raw_code) ??
    // The engine's own limit of temporary files is told by it with what to set.
    (error.kind === 'full' && !first.includes('max_temp_directory_size') ? HOW_TO_MAKE_ROOM : undefined) ??
    (error.candidates.length > 0
      ? `did you mean ${error.candidates
          .slice(0, 3)
          .map((name) => `\`${name}\``)
          .join(', ')}?`
      : undefined);
  const base = {
    code: `run/${error.kind === 'other' ? 'database-error' : error.kind}`,
    severity: 'error' as const,
    message: first,
    hint,
    notes: rest
      .filter((line) => !/^(Candidate bindings|Did you mean|LINE \d+:|\s*\^)/.test(line))
      .map((line) => line.trim()),
    ...unreadableSource(error, known),
  };
  if (node.resource_type === 'seed') return { ...base, ...seedPlace(node, error) };
  if (error.offset === undefined) return { ...base, at: { file: node.original_file_path, start: 0, end: 0 } };
  const offset = compiledOffset(error.statement, error.offset, compiled);
  if (offset === undefined) return { ...base, at: { file: node.original_file_path, start: 0, end: 0 } };
  // SQL that stands in YAML is indented there: its offsets mean nothing.
  const place = /\.ya?ml$/.test(node.original_file_path) ? undefined : modelPlace(node, compiled, offset);
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

/** The windows of batches and samples compare an `event_time` as a moment. */
const eventTimeHint = (message: string, written: string): string | undefined =>
  /types 'epoch_us\(/.test(message) && !/epoch_us/i.test(written)
    ? 'an `event_time` is a DATE, a TIMESTAMP or a TIMESTAMPTZ: cast it where the column is made'
    : undefined;

/** What was sent is the compiled SQL with something around it (`create view … as`), indented or not; undefined when the place is not in it. */
function compiledOffset(statement: string, offset: number, compiled: string): number | undefined {
  const sql = compiled.trim();
  const begins = sql === '' ? -1 : statement.indexOf(sql);
  const inside = offset - begins;
  if (begins >= 0) return inside < 0 || inside > sql.length ? undefined : inside + compiled.indexOf(sql);
  const { line, column } = positionAt(statement, offset);
  const sent = statement.split('\n')[line - 1] ?? '';
  const start = sent.trim() === '' ? undefined : onlyPlaceOf(sent.trim(), compiled);
  return start === undefined ? undefined : start + column - 1 - sent.indexOf(sent.trim());
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

/** Of a seed's file: the row to mend, where there is one. */
function seedPlace(node: Blamed, error: EngineError) {
  const row = error instanceof SeedError ? error.row : { start: 0, end: 0 };
  return {
    code: 'run/seed',
    message: `seed \`${node.name}\`: ${error.message.split('\n')[0]}`,
    ...(error instanceof SeedError ? { hint: error.hint } : {}),
    at: { file: node.original_file_path, ...row },
    // DuckDB lists all dialects it tried.
    notes: [],
  };
}

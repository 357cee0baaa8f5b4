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
  const line = lineAt(error, error.offset, compiled);
  const place = modelPlace(node, line);
  if (place) return { ...base, at: place };
  return {
    ...base,
    at: { file: node.original_file_path, start: 0, end: 0 },
    notes: [...base.notes, `in the compiled SQL, line ${line.number}, column ${line.column}: ${line.text.trim()}`],
  };
}

interface Line {
  readonly text: string;
  /** From 1, both. */
  readonly number: number;
  readonly column: number;
}

/** A test's SQL is sent indented, inside a question about it of which nobody keeps a file: its line is looked up in what is kept. */
function lineAt(error: EngineError, offset: number, compiled: string): Line {
  const sent = error.statement ?? compiled;
  const { line, column } = positionAt(sent, offset);
  const text = sent.split('\n')[line - 1] ?? '';
  const kept = compiled.split('\n').map((each) => ({ text: each, indent: each.indexOf(text.trim()) }));
  const at = text.trim() === '' ? -1 : kept.findIndex((each) => each.text.trim() === text.trim());
  const found = kept[at];
  if (!found) return { text, number: line, column };
  return { text: found.text, number: at + 1, column: column + found.indent - text.indexOf(text.trim()) };
}

function modelPlace(node: Blamed, { text, column }: Line) {
  // SQL in YAML is indented there.
  if (text.trim() === '' || /\.ya?ml$/.test(node.original_file_path)) return undefined;
  const first = node.raw_code.indexOf(text);
  if (first < 0 || node.raw_code.indexOf(text, first + 1) >= 0) return undefined;
  const start = first + column - 1;
  const word = /^[\w"]+/.exec(node.raw_code.slice(start))?.[0] ?? ' ';
  return { file: node.original_file_path, start, end: start + word.length };
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

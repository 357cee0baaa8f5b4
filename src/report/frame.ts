import type { Diagnostic } from '../core/diagnostic.ts';
import { type Path, positionAt } from '../core/source.ts';
import { count } from './amounts.ts';
import { type Paint, paint } from './colour.ts';
import { clip, visible, widthOf } from './width.ts';

/** The text of a project's file, or undefined when it cannot be read. */
export type ReadSource = (path: Path) => string | undefined;

export interface FrameOptions {
  readonly readSource: ReadSource;
  readonly colour: boolean;
  /** Lines are cut to this many cells around the place. Default 120. */
  readonly columns?: number;
}

const TAB = 4;
const SHOWN_LINES = 5;

/**
 * A diagnostic as people read it: what is wrong, where, the line itself with the place marked, what to do. A span over several
 * lines marks each of them, the middle ones left out beyond five.
 */
export function frame(diagnostic: Diagnostic, options: FrameOptions): string {
  const colours = paint(options.colour);
  const tone = diagnostic.severity === 'error' ? colours.red : colours.yellow;
  const lines = [
    `${colours.bold(tone(`${diagnostic.severity}[${diagnostic.code}]`))}${colours.bold(`: ${diagnostic.message}`)}`,
  ];
  const place = diagnostic.at;
  const text = place && options.readSource(place.file);
  const marked = place && text !== undefined ? markedLines(text, place.start, place.end) : [];
  const gutter = String(marked.at(-1)?.number ?? 1).length;
  const margin = ' '.repeat(gutter);
  if (place) {
    const at = text === undefined ? undefined : positionAt(text, place.start);
    const where = at ? `${place.file}:${at.line}:${at.column}` : place.file;
    lines.push(`${margin} ${colours.blue('┌─')} ${where}`);
  }
  if (marked.length > 0) lines.push(`${margin} ${colours.blue('│')}`);
  const room = (options.columns ?? 120) - gutter - 3;
  for (const [index, line] of shortened(marked).entries()) {
    if (line === 'gap') {
      lines.push(`${margin} ${colours.blue('·')}`);
      continue;
    }
    const isLast = index === shortened(marked).length - 1;
    const { shown, before, carets } = windowed(line, room);
    const number = colours.blue(String(line.number).padStart(gutter));
    lines.push(`${number} ${colours.blue('│')} ${shown}`.trimEnd());
    const label = isLast && diagnostic.label ? ` ${diagnostic.label}` : '';
    lines.push(`${margin} ${colours.blue('│')} ${' '.repeat(before)}${tone('^'.repeat(carets) + label)}`);
  }
  if (marked.length === 0 && diagnostic.label) lines.push(noted(margin, colours, 'note', diagnostic.label));
  for (const note of diagnostic.notes ?? []) lines.push(noted(margin, colours, 'note', note));
  if (diagnostic.hint) lines.push(noted(margin, colours, 'hint', diagnostic.hint));
  return lines.join('\n');
}

/** All of them, errors first, a blank line between, and how many there are when there is more than one. */
export function frames(diagnostics: readonly Diagnostic[], options: FrameOptions): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const warnings = diagnostics.filter((diagnostic) => diagnostic.severity === 'warning');
  const drawn = [...errors, ...warnings].map((diagnostic) => frame(diagnostic, options));
  if (drawn.length > 1)
    drawn.push(
      [errors.length > 0 && count(errors.length, 'error'), warnings.length > 0 && count(warnings.length, 'warning')]
        .filter(Boolean)
        .join(', '),
    );
  return drawn.join('\n\n');
}

interface MarkedLine {
  readonly number: number;
  /** Tabs already blank, other control characters visible. */
  readonly text: string;
  /** In cells from the start of the line. */
  readonly before: number;
  readonly carets: number;
}

function markedLines(text: string, start: number, end: number): MarkedLine[] {
  const from = Math.max(0, Math.min(start, text.length));
  const to = Math.max(from, Math.min(end, text.length));
  const marked: MarkedLine[] = [];
  let lineStart = text.lastIndexOf('\n', from - 1) + 1;
  // `lastIndexOf` with -1 looks at index 0, so an offset of 0 on a leading line break needs this.
  if (from === 0) lineStart = 0;
  let number = positionAt(text, from).line;
  while (lineStart <= text.length) {
    const newline = text.indexOf('\n', lineStart);
    const lineEnd = newline === -1 ? text.length : newline;
    const line = text.slice(lineStart, lineEnd).replace(/\r$/, '');
    const first = Math.max(from, lineStart) - lineStart;
    // A span over several lines does not mark the indentation of the later ones.
    const begin = lineStart > from ? line.length - line.trimStart().length : Math.min(first, line.length);
    const finish = Math.min(to - lineStart, line.length);
    if (finish > begin || marked.length === 0)
      marked.push({
        number,
        text: spread(line),
        before: widthOf(spread(line.slice(0, begin))),
        carets: Math.max(1, widthOf(spread(line.slice(0, finish))) - widthOf(spread(line.slice(0, begin)))),
      });
    if (newline === -1 || newline >= to - 1) break;
    lineStart = newline + 1;
    number += 1;
  }
  return marked;
}

/** Tabs as blanks up to the next stop, so that the caret stands under what it means. */
function spread(line: string): string {
  let out = '';
  for (const part of line.split(/(\t)/)) out += part === '\t' ? ' '.repeat(TAB - (widthOf(out) % TAB)) : visible(part);
  return out;
}

function shortened(lines: readonly MarkedLine[]): readonly (MarkedLine | 'gap')[] {
  if (lines.length <= SHOWN_LINES) return lines;
  return [...lines.slice(0, SHOWN_LINES - 2), 'gap', ...lines.slice(-1)];
}

/** The part of a long line around its marks. */
function windowed(line: MarkedLine, room: number): { shown: string; before: number; carets: number } {
  if (widthOf(line.text) <= room) return { shown: line.text, before: line.before, carets: line.carets };
  const wanted = Math.max(20, room);
  const left = line.before < wanted - 20 ? 0 : line.before - Math.floor(wanted / 3);
  const rest = left === 0 ? line.text : `…${dropCells(line.text, left + 1)}`;
  return {
    shown: clip(rest, wanted),
    before: line.before - left,
    carets: Math.max(1, Math.min(line.carets, wanted - (line.before - left))),
  };
}

function dropCells(text: string, cells: number): string {
  let dropped = 0;
  let index = 0;
  for (const character of text) {
    if (dropped >= cells) break;
    dropped += widthOf(character);
    index += character.length;
  }
  return text.slice(index);
}

const noted = (margin: string, colours: Paint, kind: string, text: string): string =>
  `${margin} ${colours.blue('=')} ${colours.bold(`${kind}:`)} ${text.replaceAll('\n', `\n${margin}   `)}`;

/** textwrap's pieces between which a line may break: whitespace, words, the parts of hyphenated words, dashes between words. */
const LETTER = '\\p{L}';
const PIECES = new RegExp(
  [
    '\\s+',
    `(?<=[\\p{L}\\p{N}_!"'&.,?])-{2,}(?=[\\p{L}\\p{N}_])`,
    `\\S+?(?:-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${LETTER}-))(?=${LETTER}-?${LETTER})|(?=\\s|$)|(?<=[\\p{L}\\p{N}_!"'&.,?])(?=-{2,}[\\p{L}\\p{N}_]))`,
  ].join('|'),
  'gu',
);

/** Python's textwrap.wrap for one line of text. */
export function wrapLines(text: string, width: number, breakLongWords: boolean, breakOnHyphens: boolean): string[] {
  const pieces = text.match(breakOnHyphens ? PIECES : /\s+|\S+/g) ?? [];
  const queue = [...pieces].reverse();
  const lines: string[] = [];
  const columns = Math.max(1, width);
  while (queue.length > 0) {
    if (lines.length > 0 && queue.at(-1)?.trim() === '') queue.pop();
    const line: string[] = [];
    let used = 0;
    for (let piece = queue.at(-1); piece !== undefined && used + piece.length <= columns; piece = queue.at(-1)) {
      line.push(piece);
      used += piece.length;
      queue.pop();
    }
    const long = queue.at(-1);
    if (long !== undefined && long.length > columns) {
      if (breakLongWords) {
        const end = breakOf(long, columns - used, breakOnHyphens);
        line.push(long.slice(0, end));
        queue[queue.length - 1] = long.slice(end);
      } else if (line.length === 0) {
        line.push(long);
        queue.pop();
      }
    }
    if (line.at(-1)?.trim() === '') line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}

/** Where a word that is too long is cut: behind a hyphen, if there is one. */
function breakOf(word: string, room: number, breakOnHyphens: boolean): number {
  const hyphen = breakOnHyphens && word.length > room ? word.slice(0, room).lastIndexOf('-') : -1;
  return hyphen > 0 && /[^-]/.test(word.slice(0, hyphen)) ? hyphen + 1 : room;
}

/** Pieces between which a line may break: whitespace, words, and parts of hyphenated words. */
const PIECES = /\s+|[^\s-]*[\p{L}\p{N}_]{1,}-(?=[\p{L}_]{2})|--+|\S[^\s-]*(?:-(?![\p{L}_]{2})[^\s-]*)*/gu;

/** Python's textwrap.wrap for one line of text. */
export function wrapLines(text: string, width: number, breakLongWords: boolean, breakOnHyphens: boolean): string[] {
  const pieces = (breakOnHyphens ? text.match(PIECES) : text.match(/\s+|\S+/g)) ?? [];
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
        line.push(long.slice(0, columns - used));
        queue[queue.length - 1] = long.slice(columns - used);
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

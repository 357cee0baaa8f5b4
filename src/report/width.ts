/** How many terminal cells a text takes: wide scripts and emoji two, combining marks none. Colour codes count nothing. */

let segmenter: Intl.Segmenter | undefined;
/** Made when first needed: that takes ten milliseconds, and most texts are plain. */
function graphemesOf(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

// Colours only: whatever else could move the cursor was made visible before it came here.
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one.
const COLOUR = /\u001b\[[\d;]*m/g;
const PLAIN = /^[\x20-\x7e]*$/;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F/u;

/** East Asian Wide and Fullwidth, as blocks (Unicode 15, UAX 11). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f1e6, 0x1f1ff],
  [0x20000, 0x3fffd],
];

export const withoutColour = (text: string): string => text.replace(COLOUR, '');

export function widthOf(text: string): number {
  const plain = withoutColour(text);
  if (PLAIN.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemesOf(plain)) width += cellsOf(segment);
  return width;
}

function cellsOf(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (/^[\p{Mark}\u200b-\u200d\ufeff]/u.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Cuts a text without colours to a number of cells, the last one an ellipsis when something was cut. */
export function clip(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    const next = cellsOf(segment);
    if (width + next > cells - 1) break;
    kept += segment;
    width += next;
  }
  return cells > 0 ? `${kept}…` : '';
}

export const padEnd = (text: string, cells: number): string => text + ' '.repeat(Math.max(0, cells - widthOf(text)));
export const padStart = (text: string, cells: number): string => ' '.repeat(Math.max(0, cells - widthOf(text))) + text;

/** Data may hold anything; a terminal obeys some of it. Line breaks and control characters become visible. */
export const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === '\n') return '↵';
    if (character === '\t') return '→';
    return character === '\r' ? '␍' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });

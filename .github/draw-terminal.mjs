// Draws what a terminal showed as an SVG with real text: node .github/draw-terminal.mjs 'dql build' < recorded.ansi > .github/terminal.svg
// Record with `dql build --color 2> recorded.ansi`. Long stretches of finished nodes are left out, and the picture says how many.
import { readFileSync } from 'node:fs';

const COLUMNS = 108;
const LINE = 18;
const CHARACTER = 7.8;
const SHOWN_AT_EACH_END = { first: 14, last: 9 };
const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#76e3ea' };

const command = process.argv[2] ?? 'dql build';
const lines = readFileSync(0, 'utf8').trimEnd().split('\n').map(pieces);
const drawn = [[{ text: '$ ', colour: '#8b949e' }, { text: command, bold: true }], ...shortened(lines)].map(clipped);
const width = Math.ceil(COLUMNS * CHARACTER) + 32;
const height = drawn.length * LINE + 60;
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="Terminal: ${escaped(command)}">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#e6edf3" xml:space="preserve">
${drawn.map((line, row) => `<text x="16" y="${48 + row * LINE}">${line.map(span).join('')}</text>`).join('\n')}
</g>
</svg>
`);

/** The coloured pieces of one line. */
function pieces(line) {
  let style = {};
  const found = [];
  for (const [, codes, text] of `\x1b[0m${line}`.matchAll(/\x1b\[([\d;]*)m([^\x1b]*)/g)) {
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) style = {};
      else if (code === 1) style = { ...style, bold: true };
      else if (code === 2) style = { ...style, dim: true };
      else if (code === 22) style = { ...style, bold: false, dim: false };
      else if (code === 39) style = { ...style, colour: undefined };
      else if (code in COLOURS) style = { ...style, colour: COLOURS[code] };
    }
    if (text !== '') found.push({ text, ...style });
  }
  return found;
}

/** Of the finished nodes the first and the last; of the warnings the first with its rows. */
function shortened(all) {
  const plain = all.map((line) => line.map(({ text }) => text).join(''));
  const finished = plain.map((text, index) => (/^ {2}\w+ +\[ *[\d.]+m?s\]/.test(text) ? index : -1)).filter((index) => index > 0);
  const { first, last } = SHOWN_AT_EACH_END;
  const nodes = finished.length > first + last + 1 ? [finished[first], finished.at(-last)] : undefined;
  const warnings = plain.map((text, index) => (/^ {2}(warn|fail|error) /.test(text) ? index : -1)).filter((index) => index > 0);
  const end = plain.findIndex((text) => /^Published|^Finished/.test(text));
  const rest = warnings[2] !== undefined && end > warnings[2] ? [warnings[2], end - 1] : undefined;
  const note = (text) => [{ text, dim: true }];
  return all.flatMap((line, index) => {
    if (nodes && index === nodes[0]) return [note(`  … ${finished.length - first - last + 1} more`)];
    if (nodes && index > nodes[0] && index < nodes[1]) return [];
    if (rest && index === rest[0]) return [note(`  … and ${warnings.length - 2} more warnings, each with its rows`)];
    if (rest && index > rest[0] && index < rest[1]) return [];
    return [line];
  });
}

function clipped(line) {
  let room = COLUMNS;
  return line.flatMap((piece) => {
    if (room <= 0) return [];
    const text = piece.text.length > room ? `${piece.text.slice(0, room - 1)}…` : piece.text;
    room -= piece.text.length;
    return [{ ...piece, text }];
  });
}

function span({ text, colour, bold, dim }) {
  const style = [colour && ` fill="${colour}"`, dim && ' fill-opacity="0.6"', bold && ' font-weight="bold"'].filter(Boolean).join('');
  return style === '' ? escaped(text) : `<tspan${style}>${escaped(text)}</tspan>`;
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);
}

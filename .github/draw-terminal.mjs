// Draws what a terminal showed as an SVG with real text: node .github/draw-terminal.mjs 'dql build' < recorded.ansi > .github/terminal.svg
// Record with `dql build --color 2> recorded.ansi`. What is left out, the picture says.
import { readFileSync } from 'node:fs';

const COLUMNS = 112;
const LINE = 18;
const CHARACTER = 7.8;
const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#76e3ea' };

const command = process.argv[2] ?? 'dql build';
const lines = readFileSync(0, 'utf8').trimEnd().split('\n').map(pieces);
const drawn = [[{ text: '$ ', colour: '#8b949e' }, { text: command, bold: true }], ...shortened(lines)].map(clipped);
const width = Math.ceil(COLUMNS * CHARACTER) + 32;
const height = drawn.length * LINE + 60;
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="Terminal: ${escaped(command)}">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#e6edf3">
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

/** Tests that pass one after another become one line, and of the warnings one is shown with its rows. */
function shortened(all) {
  const plain = all.map((line) => line.map(({ text }) => text).join(''));
  const note = (text) => [{ text, dim: true }];
  const warnings = plain.flatMap((text, index) => (/^ {2}warn /.test(text) ? [index] : []));
  const end = plain.findIndex((text) => /^(Published \d+ node|Finished)/.test(text));
  const [hiddenFrom, shown = hiddenFrom, restFrom] = warnings;
  let passed = 0;
  return all.flatMap((line, index) => {
    if (/^ {2}Pass /.test(plain[index])) {
      passed++;
      return [];
    }
    const before = passed > 0 ? [note(`  … ${passed} ${passed === 1 ? 'test passes' : 'tests pass'}`)] : [];
    passed = 0;
    if (index >= hiddenFrom && index < shown) return before;
    if (restFrom !== undefined && index === restFrom) return [...before, note(`  … and ${warnings.length - 1} more, each with its rows`), []];
    if (restFrom !== undefined && index > restFrom && index < end) return before;
    return [...before, line];
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
  // Spaces in a row collapse in SVG unless they are hard ones.
  return text.replaceAll(' ', '\u00a0').replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);
}

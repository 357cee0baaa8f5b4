import { SyntaxFailure } from './syntax-failure.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\(?:x([\s\S]{0,2})|u([\s\S]{0,4})|U([\s\S]{0,8})|([0-7]{1,3})|([\s\S]))/g;

/** The text between the quotes with Python's escapes decoded; `\d` and other unknown ones stay as written, as in Python. */
export function decodeString(text: string, start: number): string {
  const normal = text.includes('\r') ? text.replace(/\r\n|\r/g, '\n') : text;
  if (!normal.includes('\\')) return normal;
  return normal.replace(ESCAPE, (whole, x, u, big, octal, other, at: number) => {
    const hex: string | undefined = x ?? u ?? big;
    if (hex !== undefined) return fromHex(hex, x !== undefined ? 2 : u !== undefined ? 4 : 8, start + at, whole);
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return SIMPLE[other] ?? whole;
  });
}

function fromHex(digits: string, length: number, at: number, whole: string): string {
  const code = Number.parseInt(digits, 16);
  if (digits.length < length || !/^[\da-f]+$/i.test(digits) || code > 0x10ffff)
    throw new SyntaxFailure('jinja/bad-escape', `\`${whole}\` is not a character.`, at, at + whole.length, {
      hint: `\`\\${whole[1]}\` needs ${length} hexadecimal digits; write \`\\\\\` for a backslash`,
    });
  return String.fromCodePoint(code);
}

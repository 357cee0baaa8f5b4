import type { Json } from '../../core/node-id.ts';

/** Python's `str()` of a YAML value: what dbt writes into test names and hashes. Floats that are whole were integers in YAML. */
export function pythonText(value: Json): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** Python's `repr()` of a YAML value. */
export function pythonRepr(value: Json): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return stringRepr(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${stringRepr(key)}: ${pythonRepr(inner)}`)
    .join(', ')}}`;
}

function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value);
  // JavaScript writes 1e-7, Python 1e-07; both switch to exponents for very small numbers, Python below 1e-4.
  if (Math.abs(value) < 1e-4) {
    const [digits = '', exponent = ''] = value.toExponential().split('e-');
    return `${digits}e-${exponent.padStart(2, '0')}`;
  }
  return String(value);
}

const PLAIN = /^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/;

function stringRepr(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === quote || character === '\\') out += `\\${character}`;
    else if (character === '\n') out += '\\n';
    else if (character === '\r') out += '\\r';
    else if (character === '\t') out += '\\t';
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code > 0x7f && !PRINTABLE.test(character)) out += escaped(code);
    else out += character;
  }
  return out + quote;
}

/** Python's str.isprintable beyond ASCII: everything but controls, formats, surrogates, unassigned and separators. */
const PRINTABLE = /^[^\p{C}\p{Z}]$/u;

function escaped(code: number): string {
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

import type { LiteralReference } from './parsed-template.ts';

const SUSPECT = /\b(?:from|join)\s+(?:"[^"]+"|\w+)\s*\.\s*["\w]/i;

/**
 * Relations written out after FROM or JOIN, as in `from main.orders`. Comments, strings and template tags are skipped. Names
 * followed by `(` are functions. Names of one part are left alone: they are nearly always CTEs.
 */
export function literalReferences(text: string): readonly LiteralReference[] {
  if (!SUSPECT.test(text)) return [];
  const sql = blanked(text);
  const found: LiteralReference[] = [];
  for (const match of sql.matchAll(REFERENCE)) {
    const name = match[1] ?? '';
    const start = match.index + match[0].length - name.length;
    if (/^\s*\(/.test(sql.slice(start + name.length))) continue;
    const parts = [...name.matchAll(PART)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
    found.push({ parts, at: [start, start + name.length] });
  }
  return found;
}

const IDENTIFIER = '(?:"(?:[^"]|"")+"|[A-Za-z_]\\w*)';
const REFERENCE = new RegExp(`\\b(?:from|join)\\s+(${IDENTIFIER}(?:\\s*\\.\\s*${IDENTIFIER}){1,2})`, 'gi');
const PART = /"((?:[^"]|"")+)"|([A-Za-z_]\w*)/g;

const SKIPPED = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}/g;

/** The text with everything that is not SQL replaced by blanks, so offsets stay. */
const blanked = (text: string): string => text.replace(SKIPPED, (skipped) => ' '.repeat(skipped.length));

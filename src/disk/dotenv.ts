import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';

const NAME = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$', '`': '`' };

/**
 * Reads a .env file: NAME=value lines, `export`, comments, 'literal' and "expanding" quotes over several lines, ${NAME} and
 * ${NAME:-default}. A name that the shell sets expands to the shell's value, because the shell wins.
 */
export function readDotenv(
  file: SourceFile,
  shell: Readonly<Record<string, string>>,
): Checked<Readonly<Record<string, string>>> {
  const { text } = file;
  const values: Record<string, string> = {};
  const diagnostics: Diagnostic[] = [];
  const wrong = (start: number, end: number, message: string, hint?: string) =>
    diagnostics.push({
      code: 'disk/dotenv-line',
      severity: 'warning',
      message,
      at: { file: file.path, start, end },
      hint,
    });
  const lookUp = (name: string): string | undefined => shell[name] ?? values[name];
  let at = 0;
  while (at < text.length) {
    const lineEnd = endOfLine(text, at);
    const line = text.slice(at, lineEnd);
    if (/^\s*(?:#|$)/.test(line)) {
      at = lineEnd + 1;
      continue;
    }
    NAME.lastIndex = at;
    const name = NAME.exec(text)?.[1];
    if (name === undefined || NAME.lastIndex > lineEnd) {
      wrong(
        at,
        at + line.trimEnd().length,
        'this line of .env is not NAME=value, so it is left out',
        'begin comments with #',
      );
      at = lineEnd + 1;
      continue;
    }
    const start = NAME.lastIndex;
    const quote = text.charAt(start);
    if (quote === '"' || quote === "'") {
      const close = closingQuote(text, start, quote);
      if (close === -1) {
        wrong(start, lineEnd, `the quote of \`${name}\` in .env is never closed, so it is left out`);
        at = lineEnd + 1;
        continue;
      }
      const inside = text.slice(start + 1, close);
      values[name] = quote === "'" ? inside : expand(inside, lookUp, true);
      at = endOfLine(text, close) + 1;
    } else {
      values[name] = expand(
        text
          .slice(start, lineEnd)
          .replace(/(?:^|\s)#.*$/, '')
          .trim(),
        lookUp,
        false,
      );
      at = lineEnd + 1;
    }
  }
  return { value: values, diagnostics };
}

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
};

function closingQuote(text: string, open: number, quote: string): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

function expand(value: string, lookUp: (name: string) => string | undefined, escapes: boolean): string {
  return value.replace(
    /\\(.)|\$\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|\$([A-Za-z_]\w*)/gs,
    (found, escaped?: string, braced?: string, fallback?: string, bare?: string) => {
      if (escaped !== undefined) return escapes || escaped === '$' ? (ESCAPES[escaped] ?? found) : found;
      const known = lookUp(braced ?? bare ?? '');
      return known === undefined || (known === '' && fallback !== undefined) ? (fallback ?? '') : known;
    },
  );
}

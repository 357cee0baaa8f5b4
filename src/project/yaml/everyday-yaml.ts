/**
 * A fast reader for the YAML people write every day: block maps and lists, one-line flow values, quoted and block scalars.
 * It never guesses: at anything else (anchors, tags, tabs, errors, rare syntax) it answers `undefined` and the full parser decides.
 * The law, kept by a property test: what it accepts, the `yaml` package reads to the same value. It is about twelve times as fast.
 */
import type { Json } from '../../core/node-id.ts';
import { plainScalar } from './plain-scalar.ts';

/** Where a map's or list's child stands: its key (absent in lists) and its value; UTF-16 offsets. */
export interface Place {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly start: number;
  readonly end: number;
}

/** Places of the children of each map and list of one reading. */
export type Places = Map<object, Map<string | number, Place>>;

/** Thrown and caught inside this file only: this text is not everyday YAML. */
const RARE = Symbol('rare');

const KEY = /([A-Za-z_+$][\w.+$/-]*(?: [\w.+$/-]+)*):(?=[ \n]|$)/y;
const QUOTED_KEY = /(?:"([^"\\\n]*)"|'([^'\n]*)'):(?=[ \n]|$)/y;
// A byte-order mark, controls, tabs and carriage returns change the rules.
const UNUSUAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\ufff0-\ufffd\ud800-\udfff]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
};

/** The value of the text, or undefined when the full parser must look at it. `places`, when given, is filled on the way. */
export function readEverydayYaml(text: string, places?: Places): { readonly value: Json } | undefined {
  if (UNUSUAL.test(text)) return undefined;
  try {
    return { value: new Reader(text, places).document() };
  } catch (thrown) {
    if (thrown === RARE) return undefined;
    throw thrown;
  }
}

type Mutable = { [key: string]: Json };

class Reader {
  private readonly text: string;
  private readonly places: Places | undefined;
  /** Start of the next content, after `ahead()`; inside a line otherwise. */
  private position = 0;
  /** Indentation of the line at `position`; -1 at the end of the text. */
  private indent: number = 0;
  /** Where the last scalar or bracket ended. */
  private lastEnd = 0;

  constructor(text: string, places: Places | undefined) {
    this.text = text;
    this.places = places;
  }

  document(): Json {
    if (this.text.startsWith('---')) {
      if (!/^--- *(?:\n|$)/.test(this.text)) throw RARE;
      this.position = this.text.indexOf('\n') + 1 || this.text.length;
    }
    this.ahead();
    if (this.atEnd()) return null;
    if (this.indent !== 0) throw RARE;
    const value = this.block(0);
    if (!this.atEnd()) throw RARE;
    return value;
  }

  /** From the start of a line: skips blank lines and comments to the next content. */
  private ahead(): void {
    const { text } = this;
    let at = this.position;
    for (;;) {
      const lineStart = at;
      while (text.charCodeAt(at) === 32) at++;
      const code = text.charCodeAt(at);
      if (Number.isNaN(code)) {
        this.indent = -1;
        this.position = at;
        return;
      }
      if (code === 10) {
        at++;
        continue;
      }
      if (code === 35) {
        at = this.endOfLine(at) + 1;
        continue;
      }
      this.indent = at - lineStart;
      if (this.indent === 0 && (text.startsWith('---', at) || text.startsWith('...', at))) throw RARE;
      this.position = at;
      return;
    }
  }

  private atEnd(): boolean {
    return this.indent === -1;
  }

  private endOfLine(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end === -1 ? this.text.length : end;
  }

  /** After a value: only spaces and a comment may follow on its line. Goes to the next content. */
  private finishLine(): void {
    const { text } = this;
    let at = this.position;
    while (text.charCodeAt(at) === 32) at++;
    const code = text.charCodeAt(at);
    if (code === 35) {
      if (at === this.position) throw RARE;
      at = this.endOfLine(at);
    } else if (code !== 10 && at < text.length) throw RARE;
    this.position = at + 1;
    this.ahead();
  }

  private block(indent: number): Json {
    if (this.atDash()) return this.list(indent);
    if (this.matchesKey()) return this.map(indent);
    throw RARE;
  }

  private atDash(): boolean {
    const { text, position } = this;
    if (text.charCodeAt(position) !== 45) return false;
    const next = text.charCodeAt(position + 1);
    return next === 32 || next === 10 || Number.isNaN(next);
  }

  private matchesKey(): boolean {
    KEY.lastIndex = this.position;
    QUOTED_KEY.lastIndex = this.position;
    return KEY.test(this.text) || QUOTED_KEY.test(this.text);
  }

  private map(indent: number): Json {
    const map: Mutable = {};
    do {
      const keyStart = this.position;
      const key = this.key();
      const keyEnd = this.position - 1;
      if (key in map) throw RARE;
      const start = this.valueStart();
      map[key] = this.valueAfter(indent, true);
      this.note(map, key, keyStart, keyEnd, start);
    } while (this.indent === indent && !this.atDash());
    if (this.indent > indent) throw RARE;
    return map;
  }

  /** Reads a key and its colon. */
  private key(): string {
    const { text, position } = this;
    KEY.lastIndex = position;
    const plain = KEY.exec(text)?.[1];
    if (plain !== undefined) {
      // `true:` or `1e3:` would not be a text key, and `__proto__` is nobody's.
      if (typeof plainScalar(plain) !== 'string' || plain === '__proto__') throw RARE;
      this.position = KEY.lastIndex;
      return plain;
    }
    QUOTED_KEY.lastIndex = position;
    const quoted = QUOTED_KEY.exec(text);
    const key = quoted?.[1] ?? quoted?.[2];
    if (key === undefined || key === '__proto__') throw RARE;
    this.position = QUOTED_KEY.lastIndex;
    return key;
  }

  private list(indent: number): Json {
    const list: Json[] = [];
    do {
      const dash = this.position;
      this.position = dash + 1;
      const start = this.valueStart();
      this.indent = indent;
      list.push(this.item(indent, start));
      this.note(list, list.length - 1, dash, dash + 1, start);
    } while (this.indent === indent && this.atDash());
    if (this.indent > indent) throw RARE;
    return list;
  }

  private item(indent: number, start: number): Json {
    const code = this.text.charCodeAt(start);
    if (code === 10 || code === 35 || Number.isNaN(code)) return this.valueAfter(indent, false);
    this.position = start;
    // `- name: orders` opens a map (or list) whose column is where its first word stands.
    const column = start - this.lineStart(start);
    if (this.atDash()) return this.list(column);
    if (this.matchesKey()) return this.map(column);
    return this.inline(indent);
  }

  private lineStart(at: number): number {
    return this.text.lastIndexOf('\n', at - 1) + 1;
  }

  /** Where the value after a colon or dash begins on this line (its end when there is none). */
  private valueStart(): number {
    let at = this.position;
    while (this.text.charCodeAt(at) === 32) at++;
    return at;
  }

  /** The value after `key:` or `-`: on this line, or the block below it, or null. */
  private valueAfter(indent: number, inMap: boolean): Json {
    const start = this.valueStart();
    const code = this.text.charCodeAt(start);
    if (code !== 10 && code !== 35 && start < this.text.length) {
      this.position = start;
      return this.inline(indent);
    }
    this.lastEnd = this.position;
    this.finishLine();
    if (this.indent > indent) return this.block(this.indent);
    // A list may stand directly under its key, without indentation.
    if (inMap && this.indent === indent && this.atDash()) return this.list(indent);
    return null;
  }

  /** A value that begins on this line, inside a map or list of that indentation. */
  private inline(indent: number): Json {
    const { text, position } = this;
    const code = text.charCodeAt(position);
    if (code === 34 || code === 39) {
      const value = this.quoted(code);
      this.lastEnd = this.position;
      this.finishLine();
      return value;
    }
    if (code === 91 || code === 123) {
      const value = this.flow(indent);
      this.lastEnd = this.position;
      this.finishLine();
      return value;
    }
    if (code === 124 || code === 62) return this.blockScalar(indent, code === 62);
    return this.plain(indent);
  }

  private plain(indent: number): Json {
    const { text } = this;
    const start = this.position;
    if ('&*!%@`,]}'.includes(text.charAt(start))) throw RARE;
    if (/[-?:](?:[ \n]|$)/y.test(text.slice(start, start + 2))) throw RARE;
    let written = this.plainLine(start);
    let ended = this.lastEnd !== this.trimmedEnd(this.endOfLine(start));
    // Lines further in go on with the text: a line break is a space, an empty line a break.
    for (;;) {
      let at = this.endOfLine(this.position) + 1;
      let breaks = 0;
      let lineStart = at;
      while (at < text.length) {
        if (text.charCodeAt(at) === 32) at++;
        else if (text.charCodeAt(at) === 10) {
          breaks++;
          lineStart = ++at;
        } else break;
      }
      if (at >= text.length || at - lineStart <= indent) break;
      if (text.charCodeAt(at) === 35) {
        ended = true;
        break;
      }
      if (ended) throw RARE;
      written += (breaks === 0 ? ' ' : '\n'.repeat(breaks)) + this.plainLine(at);
      ended = this.lastEnd !== this.trimmedEnd(this.endOfLine(at));
    }
    this.position = this.endOfLine(this.position) + 1;
    this.ahead();
    return plainScalar(written);
  }

  /** One line of a plain scalar, from `start` to its end or comment; sets `lastEnd`. */
  private plainLine(start: number): string {
    const { text } = this;
    const lineEnd = this.endOfLine(start);
    let line = text.slice(start, lineEnd);
    const comment = line.indexOf(' #');
    if (comment !== -1) line = line.slice(0, comment);
    line = line.trimEnd();
    if (line.endsWith(':') || line.includes(': ')) throw RARE;
    this.position = start;
    this.lastEnd = start + line.length;
    return line;
  }

  private trimmedEnd(end: number): number {
    let at = end;
    while (at > 0 && this.text.charCodeAt(at - 1) === 32) at--;
    return at;
  }

  /** A quoted scalar on one line. */
  private quoted(quote: number): string {
    const { text } = this;
    const start = this.position + 1;
    let at = start;
    let special = false;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 || Number.isNaN(code)) throw RARE;
      if (code === 92 && quote === 34) {
        special = true;
        at++;
        continue;
      }
      if (code !== quote) continue;
      if (quote === 39 && text.charCodeAt(at + 1) === 39) {
        special = true;
        at++;
        continue;
      }
      break;
    }
    this.position = at + 1;
    const written = text.slice(start, at);
    if (!special) return written;
    if (quote === 39) return written.replaceAll("''", "'");
    return written.replace(/\\(.)/gs, (_, escaped: string) => {
      const meant = ESCAPES[escaped];
      if (meant === undefined) throw RARE;
      return meant;
    });
  }

  /** `|` and `>` with `-` or `+`; explicit indentation and folded text with indented lines are left to the full parser. */
  private blockScalar(indent: number, folded: boolean): string {
    const { text } = this;
    const header = /[|>]([-+]?)(?: +(?:#[^\n]*)?)?(?:\n|$)/y;
    header.lastIndex = this.position;
    const chomping = header.exec(text)?.[1];
    if (chomping === undefined || chomping === '+') throw RARE;
    let at = header.lastIndex;
    const lines: string[] = [];
    let width = -1;
    while (at < text.length) {
      const lineEnd = this.endOfLine(at);
      let first = at;
      while (text.charCodeAt(first) === 32) first++;
      if (first >= lineEnd) {
        // Spaces beyond the block's own indentation are content.
        if (first - at > (width === -1 ? 0 : width)) throw RARE;
        lines.push('');
      } else {
        const lineIndent = first - at;
        if (lineIndent <= indent) break;
        if (width === -1) width = lineIndent;
        if (lineIndent < width || (folded && lineIndent > width)) throw RARE;
        lines.push(text.slice(at + width, lineEnd));
        this.lastEnd = lineEnd;
      }
      at = lineEnd + 1;
    }
    if (width === -1) throw RARE;
    while (lines.at(-1) === '') lines.pop();
    this.position = Math.min(at, text.length);
    this.ahead();
    return (folded ? fold(lines) : lines.join('\n')) + (chomping === '-' ? '' : '\n');
  }

  /** A value inside brackets. */
  private flow(indent: number): Json {
    const { text } = this;
    const open = text.charCodeAt(this.position);
    if (open === 34 || open === 39) return this.quoted(open);
    if (open === 91) return this.flowList(indent);
    if (open === 123) return this.flowMap(indent);
    return plainScalar(this.flowPlain());
  }

  private flowPlain(): string {
    const plain =
      /(?:[^\s,[\]{}#&*!|>'"%@`?:-]|[-](?=[^\s,[\]{}]))(?:[^\s,[\]{}:#]| +(?=[^\s,[\]{}:#])|:(?=[^\s,[\]{}])|(?<=\S)#)*/y;
    plain.lastIndex = this.position;
    const written = plain.exec(this.text)?.[0];
    if (written === undefined) throw RARE;
    this.position = plain.lastIndex;
    return written;
  }

  private flowList(indent: number): Json {
    const list: Json[] = [];
    this.position++;
    for (this.flowSpace(indent); this.text.charCodeAt(this.position) !== 93; ) {
      const start = this.position;
      list.push(this.flow(indent));
      this.lastEnd = this.position;
      this.note(list, list.length - 1, start, start, start);
      this.flowComma(93, indent);
    }
    this.position++;
    return list;
  }

  private flowMap(indent: number): Json {
    const map: Mutable = {};
    this.position++;
    for (this.flowSpace(indent); this.text.charCodeAt(this.position) !== 125; ) {
      const keyStart = this.position;
      const key = this.key();
      if (key in map) throw RARE;
      const keyEnd = this.position - 1;
      this.flowSpace(indent);
      const start = this.position;
      map[key] = this.flow(indent);
      this.lastEnd = this.position;
      this.note(map, key, keyStart, keyEnd, start);
      this.flowComma(125, indent);
    }
    this.position++;
    return map;
  }

  private flowComma(close: number, indent: number): void {
    this.flowSpace(indent);
    const code = this.text.charCodeAt(this.position);
    if (code === close) return;
    if (code !== 44) throw RARE;
    this.position++;
    this.flowSpace(indent);
  }

  /** Spaces and line breaks inside brackets; lines must stand further in than what holds them. */
  private flowSpace(indent: number): void {
    const { text } = this;
    let at = this.position;
    let lineStart = -1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 10) lineStart = at + 1;
      else if (code === 35) throw RARE;
      else if (code !== 32) break;
      at++;
    }
    if (lineStart !== -1 && at - lineStart <= indent) throw RARE;
    this.position = at;
  }

  private note(container: object, key: string | number, keyStart: number, keyEnd: number, start: number): void {
    if (this.places === undefined) return;
    let children = this.places.get(container);
    if (children === undefined) {
      children = new Map();
      this.places.set(container, children);
    }
    const { text } = this;
    const end = Math.max(this.lastEnd, keyEnd);
    // A block value's own start is its first word below the key; an absent value stands for its key.
    let first = start;
    while (
      first < end &&
      (text.charCodeAt(first) === 32 || text.charCodeAt(first) === 10 || text.charCodeAt(first) === 35)
    ) {
      first = text.charCodeAt(first) === 35 ? this.endOfLine(first) : first + 1;
    }
    children.set(
      key,
      first >= end ? { keyStart, keyEnd, start: keyStart, end: keyEnd } : { keyStart, keyEnd, start: first, end },
    );
  }
}

/** Folded lines: a single break is a space, n empty lines are n breaks. */
function fold(lines: readonly string[]): string {
  let folded = '';
  let empty = 0;
  for (const [index, line] of lines.entries()) {
    if (line === '') {
      empty++;
      continue;
    }
    if (empty > 0) folded += '\n'.repeat(empty);
    else if (index > 0) folded += ' ';
    folded += line;
    empty = 0;
  }
  return folded;
}

export interface Field {
  readonly name: string;
  readonly type: string;
}

/** The fields of `STRUCT(a INTEGER, "B c" STRUCT(…))` as DuckDB spells types; undefined for any other type. */
export function fieldsOfType(type: string | undefined): readonly Field[] | undefined {
  if (type === undefined || !/^STRUCT\(.*\)$/is.test(type)) return undefined;
  return topLevelParts(type.slice('STRUCT('.length, -1)).map((part) => {
    const quoted = /^"((?:[^"]|"")*)"\s+(.*)$/s.exec(part);
    if (quoted !== null) return { name: (quoted[1] ?? '').replaceAll('""', '"'), type: quoted[2] ?? '' };
    const space = part.indexOf(' ');
    return { name: part.slice(0, space), type: part.slice(space + 1) };
  });
}

/** Splits at commas outside of parentheses and quotes. */
export function topLevelParts(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let position = 0; position < text.length; position++) {
    const character = text[position];
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, position).trim());
      start = position + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}

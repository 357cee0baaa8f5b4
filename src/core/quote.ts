/** An identifier in DuckDB's double quotes; quotes inside are doubled. Always quotes, so any name is safe. */
export const quotedIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The name that such an identifier is of. */
export const unquotedIdentifier = (quoted: string): string => quoted.slice(1, -1).replaceAll('""', '"');

/** A string literal in SQL's single quotes; quotes inside are doubled. */
export const quotedString = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** For people to read: in quotes only where it must be, which is where it is a word of SQL, or no word of small letters. */
export const shownIdentifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : quotedIdentifier(name);

/** DuckDB's reserved words, and those that name types and functions only. */
const RESERVED = new Set(
  `all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check collate collation column
  columns concurrently constraint create cross default deferrable desc describe distinct do else end except false fetch for foreign freeze
  from full generated glob grant group having ilike in initially inner intersect into is isnull join lambda lateral leading left like limit
  map natural not notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary qualify
  references returning right select semi show similar some struct summarize symmetric table tablesample then to trailing true try_cast
  union unique unpack unpivot using variadic verbose when where window with`.split(/\s+/),
);

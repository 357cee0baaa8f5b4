/** An identifier in DuckDB's double quotes; quotes inside are doubled. Always quotes, so any name is safe. */
export const quotedIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A string literal in SQL's single quotes; quotes inside are doubled. */
export const quotedString = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A subquery that an ephemeral model becomes. */
export interface InjectedCte {
  readonly id: string;
  readonly name: string;
  readonly sql: string;
}

/** What an ephemeral model is called where it is read. */
export const cteName = (identifier: string): string => `__dbt__cte__${identifier}`;

/** Puts CTEs before everything else in a query: into its own WITH when it begins with one. */
export function withCtes(sql: string, ctes: readonly InjectedCte[]): string {
  if (ctes.length === 0) return sql;
  const written = ctes.map(({ name, sql: body }) => `${name} as (\n${body}\n)`).join(', ');
  const start = codeStart(sql);
  const own = /^with(\s+recursive)?\b/i.exec(sql.slice(start));
  if (own === null) return `${sql.slice(0, start)}with ${written}\n${sql.slice(start)}`;
  const after = start + own[0].length;
  return `${sql.slice(0, after)} ${written},${sql.slice(after)}`;
}

const BLANK = /(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)/y;

/** Offset of the first character that is neither blank nor comment. */
function codeStart(sql: string): number {
  let offset = 0;
  for (;;) {
    BLANK.lastIndex = offset;
    const match = BLANK.exec(sql);
    if (match === null) return offset;
    offset = BLANK.lastIndex;
  }
}

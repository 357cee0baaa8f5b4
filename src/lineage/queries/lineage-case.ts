/** One query with its edges written by hand. */
export interface LineageCase {
  readonly construct: string;
  readonly sql: string;
  /** `name: edges | name: edges`, in order. */
  readonly columns: string;
  /** Indirect uses that decide which rows there are. */
  readonly rows: string;
  /** Value edges, `name<-table.column`, that no change of these little tables shows, each with the reason. */
  readonly quiet?: Readonly<Record<string, string>>;
}

export type Write = (
  construct: string,
  sql: string,
  columns: string,
  rows?: string,
  quiet?: Readonly<Record<string, string>>,
) => void;

/** The cases that `write` writes. */
export function casesOf(write: (it: Write) => void): readonly LineageCase[] {
  const cases: LineageCase[] = [];
  write((construct, sql, columns, rows = '', quiet) =>
    cases.push(quiet === undefined ? { construct, sql, columns, rows } : { construct, sql, columns, rows, quiet }),
  );
  return cases;
}

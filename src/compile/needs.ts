/** What a template may ask the warehouse, and what it is told. The compiler asks in values; `app` and `run` answer. */
import type { Json } from '../core/node-id.ts';

/** A cell as the engine gives it (the same shape as the engine's own, which this room does not import). */
export type AnsweredCell =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly AnsweredCell[]
  | { readonly [key: string]: AnsweredCell };

export interface AnsweredTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly AnsweredCell[])[];
}

/** Where a relation is, by its public names, and how SQL must spell it to read it now. */
export interface RelationAddress {
  readonly database: string;
  readonly schema: string;
  readonly identifier: string;
  /** What templates print and what a question about columns must `describe`. */
  readonly rendered: string;
}

export type Need =
  /** The rows of a query. `purpose` is for people: "run_query in macro `pivot`". */
  | { readonly kind: 'query'; readonly sql: string; readonly purpose: string }
  /** A statement run for its effect; its answer is a table too (often empty). */
  | { readonly kind: 'execute'; readonly sql: string }
  | { readonly kind: 'columns'; readonly relation: RelationAddress }
  | { readonly kind: 'relation'; readonly database: string; readonly schema: string; readonly identifier: string }
  | { readonly kind: 'relations'; readonly database: string; readonly schema: string }
  | { readonly kind: 'schemas'; readonly database: string };

export interface RelationFacts {
  readonly database: string;
  readonly schema: string;
  readonly identifier: string;
  /** As dbt says it: what its materialization made, not that its public face is a view. */
  readonly type: 'table' | 'view' | 'external';
  /** How to spell it in SQL; the quoted public name when absent. */
  readonly rendered?: string;
}

export type Answer =
  | { readonly kind: 'query' | 'execute'; readonly table: AnsweredTable }
  | { readonly kind: 'columns'; readonly columns: readonly { readonly name: string; readonly type: string }[] }
  | { readonly kind: 'relation'; readonly relation: RelationFacts | null }
  | { readonly kind: 'relations'; readonly relations: readonly RelationFacts[] }
  | { readonly kind: 'schemas'; readonly schemas: readonly string[] }
  /** The engine refused; the message becomes the template's error. */
  | { readonly kind: 'failed'; readonly message: string };

export interface Asked {
  readonly request: Need;
  readonly answer: Answer;
}

/** `log()`, `print()` and `exceptions.warn()` of a render that came to its end. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'print';
  readonly message: string;
}

/** The JSON of a need, for comparing: a replay must ask the same things in the same order. */
export const needKey = (need: Need): string => JSON.stringify(need);

/** Values of a cell as JSON: bigints become numbers where they are exact, else text. */
export function cellAsJson(cell: AnsweredCell): Json {
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell !== 'object' || cell === null) return cell;
  if (isCellList(cell)) return cell.map(cellAsJson);
  return Object.fromEntries(Object.entries(cell).map(([key, value]) => [key, cellAsJson(value)]));
}

const isCellList = (cell: AnsweredCell): cell is readonly AnsweredCell[] => Array.isArray(cell);

/** Ledger records to SQL text and back. One statement for a run of 500 nodes. */
import type { Json } from '../core/node-id.ts';
import { quotedString } from '../core/quote.ts';
import type { Cell } from '../engine/engine.ts';

type Field = string | number | bigint | boolean | null | undefined | Json | readonly unknown[] | object;

/** A literal for one field; objects and lists are kept as JSON text. */
export function literal(field: Field): string {
  if (field === null || field === undefined) return 'null';
  if (typeof field === 'number')
    return Number.isFinite(field) ? String(field) : `${quotedString(String(field))}::double`;
  if (typeof field === 'bigint' || typeof field === 'boolean') return String(field);
  return quotedString(typeof field === 'string' ? field : JSON.stringify(field));
}

/**
 * `insert into …` for records, their fields in the given order; empty text for no records. They travel as one JSON text, which the engine
 * reads four times faster than a list of VALUES: 13 ms against 44 ms for 500 records of 14 fields.
 */
export function insertRows<T extends object>(
  table: string,
  columns: readonly (keyof T & string)[],
  records: readonly T[],
): string {
  if (records.length === 0) return '';
  const names = columns.map((column) => `"${column}"`).join(', ');
  const rows = records.map((record) =>
    Object.fromEntries(columns.map((column) => [column, fieldText(record[column] as Field)])),
  ); // fields are JSON
  const shape = [Object.fromEntries(columns.map((column) => [column, 'VARCHAR']))];
  return `insert into ${table} (${names})\nselect unnest(from_json(${quotedString(JSON.stringify(rows))}, ${quotedString(JSON.stringify(shape))}), recursive := true);`;
}

function fieldText(field: Field): string | null {
  if (field === null || field === undefined) return null;
  const text = typeof field === 'string' ? field : typeof field === 'object' ? JSON.stringify(field) : String(field);
  // Half of an emoji, where a message was cut, is no JSON that the engine reads.
  return text.toWellFormed();
}

export const textOf = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell));
export const textOrNull = (cell: Cell | undefined): string | null =>
  cell === null || cell === undefined ? null : String(cell);
export const numberOrNull = (cell: Cell | undefined): number | null =>
  cell === null || cell === undefined ? null : Number(cell);
export const flagOrNull = (cell: Cell | undefined): boolean | null =>
  cell === null || cell === undefined ? null : Boolean(cell);

/** DuckDB prints `2026-11-21 02:03:04.5`; people and JSON want ISO 8601. */
export const timeOf = (cell: Cell | undefined): string | null =>
  cell === null || cell === undefined ? null : new Date(`${String(cell).replace(' ', 'T')}Z`).toISOString();

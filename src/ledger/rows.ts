/** Ledger records to SQL text and back. One statement for a run of 500 nodes. */
import type { Json } from '../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
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

/** `insert into …` for records, their fields in the given order; empty text for no records. */
export const insertRows = <T extends object>(
  table: string,
  columns: readonly (keyof T & string)[],
  records: readonly T[],
): string =>
  records.length === 0
    ? ''
    : `insert into ${table} (${columns.map(quotedIdentifier).join(', ')})\n${selectRows(columns, records)};`;

/**
 * A query of at least one record's fields, named as they are. Columns in which all records agree are written once, the others travel
 * as one JSON object of lists, as text: 5 ms for 500 records of 21 fields, as a list of objects 20, as VALUES 60.
 */
export function selectRows<T extends object>(columns: readonly (keyof T & string)[], records: readonly T[]): string {
  const fields = columns.map((column) => records.map((record) => fieldText(record[column] as Field))); // fields are JSON
  const varies = fields.map(([first, ...others]) => others.some((other) => other !== first));
  const values = columns.map((column, index) => {
    const name = quotedIdentifier(column);
    return `${varies[index] ? `unnest(lists.${name})` : literal(fields[index]?.[0])} as ${name}`;
  });
  const varying = columns.flatMap((column, index) => (varies[index] ? [[column, fields[index]] as const] : []));
  const json = JSON.stringify(Object.fromEntries(varying));
  const shape = JSON.stringify(Object.fromEntries(varying.map(([column]) => [column, ['VARCHAR']])));
  const source =
    varying.length > 0
      ? `(select from_json(${quotedString(json)}, ${quotedString(shape)}) as lists)`
      : `range(${records.length})`;
  return `select ${values.join(', ')}\nfrom ${source}`;
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

/** What a reference of a test is told in: an array of rows, and the naivest counting over it. */
import type { Json } from '../core/node-id.ts';

export interface Row {
  readonly id: number | null;
  readonly amount: number | null;
  readonly label: string | null;
  /** Milliseconds since 1970, or null. */
  readonly at: number | null;
  readonly grade: number | null;
  readonly team: string;
}

export const NOW = Date.parse('2026-03-10T12:00:00Z');
export const HOUR = 3_600_000;

export interface Expected {
  readonly failures: number;
  /** False when no row was considered. */
  readonly considered: boolean;
}

export interface Specification {
  readonly name: string;
  readonly column?: keyof Row;
  readonly kwargs?: Readonly<Record<string, Json>>;
  readonly config?: Readonly<Record<string, Json>>;
  readonly expected: (rows: readonly Row[]) => Expected;
}

export const present = <K extends keyof Row>(rows: readonly Row[], column: K): NonNullable<Row[K]>[] =>
  rows.flatMap((row) => {
    const value = row[column];
    return value === null || value === undefined ? [] : [value as NonNullable<Row[K]>];
  });

/** NaN equals NaN, as in SQL's grouping. */
export const key = (value: unknown): string => (typeof value === 'number' ? `n${value}` : JSON.stringify(value));

export function countsBy(values: readonly unknown[]): number[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(key(value), (counts.get(key(value)) ?? 0) + 1);
  return [...counts.values()];
}

export const judging =
  <K extends keyof Row>(column: K, holds: (value: NonNullable<Row[K]>) => boolean) =>
  (rows: readonly Row[]): Expected => {
    const values = present(rows, column);
    return {
      failures: values.filter((value) => !holds(value)).length,
      considered: values.length > 0,
    };
  };

export const nullFails =
  <K extends keyof Row>(column: K, holds: (value: NonNullable<Row[K]>) => boolean) =>
  (rows: readonly Row[]): Expected => ({
    failures: rows.length - present(rows, column).filter(holds).length,
    considered: rows.length > 0,
  });

export const figure =
  <K extends keyof Row>(column: K, holds: (values: readonly NonNullable<Row[K]>[]) => boolean) =>
  (rows: readonly Row[]): Expected => {
    const values = present(rows, column);
    return {
      failures: values.length > 0 && !holds(values) ? 1 : 0,
      considered: values.length > 0,
    };
  };

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
export const finite = (values: readonly number[]) => values.every(Number.isFinite);
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
export function variance(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
}
export const blank = (text: string) => /^[ \t\n\r\f\v]*$/.test(text);
export const teams = (rows: readonly Row[]) =>
  [...new Set(rows.map((row) => row.team))].map((team) => rows.filter((row) => row.team === team));

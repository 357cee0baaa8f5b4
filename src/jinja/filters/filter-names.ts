// The test `is filter` asks for filters, and filters ask for tests: the names are handed over once both are there.
let names: ReadonlySet<string> | ReadonlyMap<string, unknown> = new Set();

export const FILTER_NAMES = (): { has(name: string): boolean } => names;

export function knowFilters(known: ReadonlyMap<string, unknown>): void {
  names = known;
}

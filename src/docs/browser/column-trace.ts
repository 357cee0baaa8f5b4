/** Where a column's values come from and go to. */
import type { ColumnLineageData } from '../site-data.ts';

export interface ColumnFlow {
  readonly from: number;
  readonly fromColumn: number;
  readonly to: number;
  readonly toColumn: number;
  readonly copy: boolean;
}

export interface ColumnTrace {
  readonly edges: readonly ColumnFlow[];
  /** The columns of an item that take part, in the item's order. */
  readonly columnsShown: (item: number) => readonly number[];
  /** `item/column` of everything before and after, itself included. */
  readonly through: (key: string) => ReadonlySet<string>;
  /** Direct neighbours of one column. */
  readonly into: (item: number, column: number) => readonly ColumnFlow[];
  readonly outOf: (item: number, column: number) => readonly ColumnFlow[];
}

/** Most columns of one item that a graph shows. */
const SHOWN = 40;

export function columnTrace(data: ColumnLineageData): ColumnTrace {
  const edges: ColumnFlow[] = [];
  for (let at = 0; at + 4 < data.length; at += 5) {
    const [from = 0, fromColumn = 0, to = 0, toColumn = 0, copy = 0] = data.slice(at, at + 5);
    edges.push({ from, fromColumn, to, toColumn, copy: copy === 1 });
  }
  const shown = new Map<number, Set<number>>();
  const into = new Map<string, ColumnFlow[]>();
  const outOf = new Map<string, ColumnFlow[]>();
  const show = (item: number, column: number) => shown.set(item, (shown.get(item) ?? new Set()).add(column));
  const push = (map: Map<string, ColumnFlow[]>, key: string, flow: ColumnFlow) => {
    const list = map.get(key);
    if (list) list.push(flow);
    else map.set(key, [flow]);
  };
  for (const flow of edges) {
    show(flow.from, flow.fromColumn);
    show(flow.to, flow.toColumn);
    push(outOf, `${flow.from}/${flow.fromColumn}`, flow);
    push(into, `${flow.to}/${flow.toColumn}`, flow);
  }
  const walk = (start: string, next: (key: string) => readonly string[]): ReadonlySet<string> => {
    const seen = new Set([start]);
    for (const key of seen) for (const other of next(key)) seen.add(other);
    return seen;
  };
  return {
    edges,
    columnsShown: (item) => [...(shown.get(item) ?? [])].sort((a, b) => a - b).slice(0, SHOWN),
    through: (key) =>
      new Set([
        ...walk(key, (at) => (into.get(at) ?? []).map((flow) => `${flow.from}/${flow.fromColumn}`)),
        ...walk(key, (at) => (outOf.get(at) ?? []).map((flow) => `${flow.to}/${flow.toColumn}`)),
      ]),
    into: (item, column) => into.get(`${item}/${column}`) ?? [],
    outOf: (item, column) => outOf.get(`${item}/${column}`) ?? [],
  };
}

/**
 * Queries over every construct with their edges written by hand; `queries.test.ts` holds the analysis and DuckDB itself against them.
 *
 * Edges: `=orders.id` copied · `~orders.id` renamed · `+orders.amount` derived · `#orders.amount` aggregated ·
 * `filter:orders.status` (join, group, order, window, distinct) an indirect use.
 */
import { JOINS_AND_GROUPING } from './queries/joins-and-grouping.ts';
import type { LineageCase } from './queries/lineage-case.ts';
import { NESTED } from './queries/nested.ts';
import { SELECT_LISTS } from './queries/select-list.ts';

export type { LineageCase } from './queries/lineage-case.ts';

/** The little shop all queries read. */
export const TABLES: Readonly<Record<string, { readonly columns: string; readonly rows: readonly string[] }>> = {
  orders: {
    columns: 'id integer, customer_id integer, amount integer, status varchar, day date',
    rows: [
      "(1, 1, 10, 'paid', date '2024-01-01')",
      "(2, 1, 25, 'open', date '2024-01-02')",
      "(3, 2, 40, 'paid', date '2024-01-02')",
      "(4, 3, 5, 'void', date '2024-01-05')",
      "(5, 2, 25, 'paid', date '2024-01-09')",
      "(6, null, 60, 'open', date '2024-01-09')",
    ],
  },
  customers: {
    columns: 'id integer, name varchar, city varchar, boss integer',
    rows: ["(1, 'Ada', 'Bern', null)", "(2, 'Bo', 'Basel', 1)", "(3, 'Cy', 'Bern', 2)", "(4, 'Di', 'Chur', 1)"],
  },
  payments: {
    columns: 'order_id integer, method varchar, paid integer',
    rows: ["(1, 'card', 10)", "(2, 'cash', 5)", "(2, 'card', 20)", "(3, 'card', 40)", "(9, 'cash', 1)"],
  },
  rates: {
    columns: 'day date, rate integer',
    rows: ["(date '2024-01-01', 2)", "(date '2024-01-04', 3)", "(date '2024-01-08', 7)"],
  },
  baskets: {
    columns:
      'id integer, items integer[], place struct(city varchar, zip integer), stock map(varchar, integer), note varchar',
    rows: [
      "(1, [3, 1, 2], {'city': 'Bern', 'zip': 3000}, map {'a': 1, 'b': 2}, 'x-1')",
      "(2, [5], {'city': 'Chur', 'zip': 7000}, map {'a': 4}, 'y-22')",
      "(3, [8, 9], {'city': 'Bern', 'zip': 3001}, map {'b': 6}, 'z-3')",
    ],
  },
};

export const QUERIES: readonly LineageCase[] = [...SELECT_LISTS, ...JOINS_AND_GROUPING, ...NESTED];

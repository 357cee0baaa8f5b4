import { expect, test } from 'vitest';
import type { LineageAnswer } from './answers.ts';
import { lineageDot, lineageMermaid, lineageText } from './lineage.ts';

const lineage: LineageAnswer = {
  root: 'model.shop.orders#amount',
  nodes: [
    { id: 'model.shop.orders#amount', label: 'orders.amount', kind: 'column', distance: 0 },
    { id: 'p', label: 'stg_payments.cents', kind: 'column', distance: -1 },
    { id: 's', label: 'raw."odd".cents', kind: 'column', distance: -2 },
    { id: 'f', label: 'stg_payments.status', kind: 'column', distance: -1 },
    { id: 'd', label: 'daily.revenue', kind: 'column', distance: 1 },
  ],
  edges: [
    { from: 'p', to: 'model.shop.orders#amount', use: 'direct', transformation: 'derived' },
    { from: 'f', to: 'model.shop.orders#amount', use: 'indirect', transformation: 'filter' },
    { from: 's', to: 'p', use: 'direct', transformation: 'copied' },
    { from: 's', to: 'f', use: 'direct', transformation: null },
    { from: 'model.shop.orders#amount', to: 'd', use: 'direct', transformation: 'aggregated' },
  ],
  unresolved: [{ node: 'f', reason: 'reads a file whose columns are not known' }],
};

test('lineage: trees, Mermaid, Graphviz', () => {
  expect(lineageText(lineage)).toMatchInlineSnapshot(`
    "orders.amount (column)

    made from
      ├─ stg_payments.cents (column)  derived
      │  └─ raw."odd".cents (column)  copied
      └─ stg_payments.status (column)  filter
         └─ raw."odd".cents (column)

    used by
      └─ daily.revenue (column)  aggregated

    not analysed
      stg_payments.status (column): reads a file whose columns are not known"
  `);
  expect(lineageMermaid(lineage)).toMatchInlineSnapshot(`
    "flowchart LR
      n0["orders.amount"]
      n1["stg_payments.cents"]
      n2["raw.#quot;odd#quot;.cents"]
      n3["stg_payments.status"]
      n4["daily.revenue"]
      n1 -->|"derived"| n0
      n3 -.->|"filter"| n0
      n2 -->|"copied"| n1
      n2 --> n3
      n0 -->|"aggregated"| n4
      style n0 stroke-width:3px"
  `);
  expect(lineageDot(lineage)).toMatchInlineSnapshot(`
    "digraph lineage {
      rankdir=LR;
      node [shape=box];
      "model.shop.orders#amount" [label="orders.amount", penwidth=2];
      "p" [label="stg_payments.cents"];
      "s" [label="raw.\\"odd\\".cents"];
      "f" [label="stg_payments.status"];
      "d" [label="daily.revenue"];
      "p" -> "model.shop.orders#amount" [label="derived"];
      "f" -> "model.shop.orders#amount" [style=dashed, label="filter"];
      "s" -> "p" [label="copied"];
      "s" -> "f";
      "model.shop.orders#amount" -> "d" [label="aggregated"];
    }"
  `);
});

test('lineage: a cycle of edges ends', () => {
  const edges = [
    { from: 'a', to: 'b', use: null, transformation: null },
    { from: 'b', to: 'a', use: null, transformation: null },
  ];
  expect(lineageText({ root: 'a', nodes: [], edges, unresolved: [] })).toContain('see above');
});

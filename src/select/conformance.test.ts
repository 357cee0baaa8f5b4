/** Measures against dbt's own answers, where the folder DQL_CASES has them; the room's other tests stand without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { isBad, parseCriterion } from './criterion.ts';
import { graphOfNodes, type SelectableNode } from './graph.ts';
import { type IndirectSelection, selectNodes } from './select.ts';

interface CaseNode {
  readonly unique_id: string;
  readonly resource_type: string;
  readonly name: string;
  readonly package: string;
  readonly fqn: readonly string[];
  readonly tags: readonly string[];
  readonly depends_on: readonly string[];
  readonly file?: string;
  readonly materialized?: string;
  readonly config?: Readonly<Record<string, Json>>;
  readonly access?: string;
  readonly group?: string;
  readonly version?: string | number;
  readonly latest_version?: string | number;
  readonly source_name?: string;
  readonly test_name?: string;
}

interface Cases {
  readonly graphs: Readonly<
    Record<
      string,
      {
        readonly project: string;
        readonly nodes: Readonly<Record<string, CaseNode>>;
        readonly selectors_yml?: readonly {
          readonly name: string;
          readonly definition: Json;
        }[];
      }
    >
  >;
  readonly cases: readonly {
    readonly id: string;
    readonly graph: string;
    readonly select: readonly string[];
    readonly exclude: readonly string[];
    readonly selector?: string;
    readonly resource_types?: readonly string[];
    readonly indirect_selection?: IndirectSelection;
    readonly expected: readonly string[];
  }[];
  readonly parse_cases: readonly {
    readonly spec: string;
    readonly parents: boolean;
    readonly parents_depth: number | null;
    readonly children: boolean;
    readonly children_depth: number | null;
    readonly method: string;
    readonly value: string;
    readonly childrens_parents: boolean;
  }[];
  readonly invalid: readonly { readonly spec: string }[];
}

const folder = process.env.DQL_CASES;

const asNode = (node: CaseNode): SelectableNode => ({
  unique_id: node.unique_id,
  resource_type: node.resource_type,
  name: node.name,
  package_name: node.package,
  fqn: node.fqn,
  tags: node.tags,
  original_file_path: node.file ?? '',
  config: node.config ?? { materialized: node.materialized ?? 'view' },
  depends_on: { nodes: node.depends_on },
  ...(node.access === undefined ? {} : { access: node.access }),
  ...(node.group === undefined ? {} : { group: node.group }),
  ...(node.version === undefined ? {} : { version: node.version }),
  ...(node.latest_version === undefined ? {} : { latest_version: node.latest_version }),
  ...(node.source_name === undefined ? {} : { source_name: node.source_name }),
  ...(node.test_name === undefined ? {} : { test_metadata: { name: node.test_name } }),
});

describe.runIf(folder !== undefined)('dbt agrees', () => {
  const read = (): Cases => JSON.parse(readFileSync(join(folder ?? '', 'selector-cases.json'), 'utf8'));

  test('on every selection', () => {
    const { graphs, cases } = read();
    const made = new Map(
      Object.entries(graphs).map(([name, graph]) => [
        name,
        {
          graph: graphOfNodes(graph.project, Object.values(graph.nodes).map(asNode)),
          selectors: (graph.selectors_yml ?? []).map(({ name: selector, definition }) => ({
            name: selector,
            definition,
            isDefault: false,
          })),
        },
      ]),
    );
    const wrong = cases.flatMap((one) => {
      const { graph, selectors } = made.get(one.graph) ?? {};
      if (graph === undefined || selectors === undefined) throw new Error(`${one.id} names no graph`);
      const { value, diagnostics } = selectNodes(
        graph,
        {
          select: one.select,
          exclude: one.exclude,
          selector: one.selector,
          resourceTypes: one.resource_types,
          indirectSelection: one.indirect_selection ?? 'eager',
          literalsMustMatch: false,
        },
        { selectors },
      );
      const got = [...value.ids].sort();
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      // Two of the graphs were written down without their semantic layer, which the answers name.
      const expected = one.expected.filter(
        (id) => graph.nodes.has(id) || !/^(?:metric|semantic_model|saved_query)\./.test(id),
      );
      return errors.length === 0 && JSON.stringify(got) === JSON.stringify([...expected].sort())
        ? []
        : [{ ...one, got, errors }];
    });
    expect(wrong).toEqual([]);
    expect(cases.length).toBeGreaterThan(1000);
  });

  test('on how criteria are read', () => {
    for (const { spec, ...expected } of read().parse_cases) {
      const parsed = parseCriterion(spec);
      if (isBad(parsed)) throw new Error(parsed.message);
      const depth = (reach: number | undefined) => (reach === undefined || !Number.isFinite(reach) ? null : reach);
      expect({
        parents: parsed.parents !== undefined,
        parents_depth: depth(parsed.parents),
        children: parsed.children !== undefined,
        children_depth: depth(parsed.children),
        method: [parsed.method, ...parsed.arguments].join('.'),
        value: parsed.value,
        childrens_parents: parsed.childrensParents,
      }).toEqual(Object.fromEntries(Object.entries(expected).filter(([key]) => key !== 'source')));
    }
  });

  test('on what is no criterion', () => {
    for (const { spec } of read().invalid) expect(isBad(parseCriterion(spec))).toBe(true);
  });
});

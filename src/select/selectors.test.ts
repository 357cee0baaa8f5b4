import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { Json } from '../core/node-id.ts';
import { checkSelectors, type NamedSelector, selectNodes, selectorsOfManifest } from './select.ts';
import { request, SHOP, selected } from './shop.test.fixture.ts';

/** The entries of a selectors.yml, with their places. */
function selectors(text: string): readonly NamedSelector[] {
  const document = parseDocument(text);
  const entries: readonly { name: string; default?: boolean; definition: Json }[] = document.toJS().selectors;
  return entries.map((entry, at) => ({
    name: entry.name,
    isDefault: entry.default === true,
    definition: entry.definition,
    span: (path) => {
      for (let depth = path.length; depth >= 0; depth -= 1) {
        const node: unknown = document.getIn(['selectors', at, ...path.slice(0, depth)], true);
        if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
          return { file: 'selectors.yml', start: Number(node.range[0]), end: Number(node.range[1]) };
      }
      return { file: 'selectors.yml', start: 0, end: 0 };
    },
  }));
}

const one = (definition: string): readonly NamedSelector[] =>
  selectors(`selectors:\n- name: it\n  definition: ${definition}\n`);

test.each([
  ['a text, read as on the command line', '"tag:nightly"', 'stg_orders orders'],
  ['a text with operators', '1+orders', 'stg_orders stg_customers orders'],
  ['the short form', '{tag: nightly}', 'stg_orders orders'],
  ['the short form of a config', '{config.materialized: table}', 'orders'],
  ['a number, which only YAML can say', '{config.meta.tier: 1}', 'orders'],
  ['the long form', '{method: tag, value: nightly}', 'stg_orders orders'],
  ['the long form without a method', '{value: models/staging/stg_orders.sql}', 'stg_orders'],
  [
    'parents with a depth',
    '{method: fqn, value: orders, parents: true, parents_depth: 1}',
    'stg_orders stg_customers orders',
  ],
  ['children', '{method: fqn, value: turnover, children: true}', 'turnover monthly_turnover'],
  [
    'parents of children',
    '{method: fqn, value: daily.visits, childrens_parents: true}',
    'source:raw.customers regions stg_customers daily.visits',
  ],
  ['an exclusion in the long form', '{method: tag, value: nightly, exclude: [orders]}', 'stg_orders'],
  ['a union', '{union: [calendar, {tag: nightly}]}', 'stg_orders orders calendar'],
  ['an intersection', '{intersection: [staging, {tag: nightly}]}', 'stg_orders'],
  ['a union with an exclusion', '{union: [staging, calendar, exclude: [stg_orders]]}', 'stg_customers calendar'],
  ['several exclusions', '{union: [staging, calendar, exclude: [stg_orders, {package: dates}]]}', 'stg_customers'],
  [
    'operations within operations',
    '{union: [{intersection: [staging, tag:nightly]}, {union: [calendar, orders], exclude: []}]}',
    'stg_orders orders calendar',
  ],
])('a selector can be %s', (_, definition, names) => {
  expect(selected({ selector: 'it', indirectSelection: 'empty' }, { selectors: one(definition) }).join(' ')).toBe(
    names,
  );
});

test('indirect selection in a selector wins over the command line, where it is said', () => {
  const tests = (mode: string) =>
    selected(
      { selector: 'it', indirectSelection: 'empty', resourceTypes: ['test'] },
      { selectors: one(`{method: fqn, value: orders, indirect_selection: ${mode}}`) },
    );
  expect(tests('eager')).toEqual(['relationships_orders_customers', 'no_negative_orders']);
  expect(tests('cautious')).toEqual(['no_negative_orders']);
  expect(tests('empty')).toEqual([]);
});

const NIGHTLY = `
selectors:
- name: staging
  definition: models/staging
- name: nightly
  default: true
  definition:
    union:
    - method: selector
      value: staging
    - tag: nightly
    - exclude: [source:raw]
- name: no_tests
  definition: {method: fqn, value: orders, exclude: [test_type:data]}
`;

test('selectors refer to each other, and selections to selectors', () => {
  const context = { selectors: selectors(NIGHTLY) };
  const picks = (...select: readonly string[]) => selected({ select, indirectSelection: 'empty' }, context).join(' ');
  expect(selected({ selector: 'nightly', indirectSelection: 'empty' }, context).join(' ')).toBe(
    'stg_orders stg_customers orders',
  );
  expect(picks('selector:nightly,tag:nightly', 'calendar')).toBe('stg_orders orders calendar');
  expect(picks('selector:stag*')).toBe('source:raw.orders source:raw.customers stg_orders stg_customers');
  expect(picks('1+selector:nightly,resource_type:seed')).toBe('regions');
  expect(picks('selector:nightly and not orders')).toBe('stg_orders stg_customers');
});

test('what a selector excludes is not brought back by its name in a selection', () => {
  const context = { selectors: selectors(NIGHTLY) };
  expect(selected({ select: ['selector:no_tests'] }, context)).toEqual(['orders', 'order_totals_add_up']);
});

test('the default selector stands in when nothing is asked, and exclude takes away from a named one', () => {
  const context = { selectors: selectors(NIGHTLY) };
  const picks = (more: object) => selected({ ...more, indirectSelection: 'empty' }, context).join(' ');
  expect(picks({})).toBe('stg_orders stg_customers orders');
  expect(picks({ select: ['calendar'] })).toBe('calendar');
  expect(picks({ exclude: ['not calendar'] })).toBe('calendar');
  expect(picks({ selector: 'nightly', exclude: ['orders'] })).toBe('stg_orders stg_customers');
});

test('a manifest keeps selectors by name, as dbt writes them', () => {
  const kept = { nightly: { name: 'nightly', default: true, definition: { method: 'tag', value: 'nightly' } } };
  expect(selectorsOfManifest(kept)).toEqual([
    { name: 'nightly', isDefault: true, definition: { method: 'tag', value: 'nightly' } },
  ]);
  expect(selectorsOfManifest({ bare: 'tag:nightly' })).toEqual([
    { name: 'bare', isDefault: false, definition: 'tag:nightly' },
  ]);
});

/** What is wrong, with the marked text. */
const complaints = (text: string, selector: string): readonly string[] =>
  selectNodes(SHOP, request({ selector }), { selectors: selectors(text) }).diagnostics.map(
    ({ severity, code, message, at, hint }) =>
      `${severity} ${code} ${at === undefined ? 'nowhere' : at.file === 'selectors.yml' ? `«${text.slice(at.start, at.end).trim()}»` : at.file}: ${message}; ${hint}`,
  );

test.each([
  '[tag:nightly]',
  '{union: tag:nightly}',
  '{union: [orders], intersection: [orders]}',
  '{union: [orders, {exclude: [calendar]}, {exclude: [regions]}]}',
  '{method: tgas, value: nightly}',
  '{tgas: nightly}',
  '"@orders+"',
  '{method: tag}',
  '{method: tag, value: [a, b]}',
  '{method: fqn, value: orders, indirect_selection: caucious}',
  '{method: fqn, value: orders, childrens_parents: true, children: true}',
  '{method: fqn, value: orders, parents: true, parents_depth: far}',
  '{method: fqn, value: orders, parents_depth: 2}',
  '{method: fqn, value: orders, children_parents: true}',
  '{union: [ordres, tag:nigthly]}',
  '{method: selector, value: its}',
  '{union: [{union: [orders], tag: nightly}]}',
])('the definition %s is answered in its place', (definition) => {
  expect(complaints(`selectors:\n- name: it\n  definition: ${definition}\n`, 'it')).toMatchSnapshot();
});

const RING = `
selectors:
- name: morning
  definition: {method: selector, value: noon}
- name: noon
  definition: {union: [calendar, "selector:evening"]}
- name: evening
  definition: {method: selector, value: morning}
`;

test('a ring of selectors is shown as the way around it', () => {
  expect(complaints(RING, 'noon')).toMatchInlineSnapshot(`
    [
      "error select/selector-cycle «{method: selector, value: noon}»: selectors refer to each other in a ring: \`evening\` → \`morning\` → \`noon\` → \`evening\`; break the ring at one of them",
    ]
  `);
});

test('all selectors can be checked without using one', () => {
  const text = `${RING}- name: first\n  default: true\n  definition: tag:unused\n- name: second\n  default: true\n  definition: {method: selector, value: thrid}\n- name: third\n  definition: {tgas: a}\n`;
  expect(
    checkSelectors(SHOP, selectors(text)).map(({ code, message }) => `${code}: ${message}`),
  ).toMatchInlineSnapshot(`
    [
      "select/two-defaults: selectors \`first\` and \`second\` are both the default",
      "select/selector-cycle: selectors refer to each other in a ring: \`evening\` → \`morning\` → \`noon\` → \`evening\`",
      "select/unknown-selector: there is no selector \`thrid\`",
      "select/unknown-method: selector \`third\`: there is no selection method \`tgas\`",
    ]
  `);
  expect(checkSelectors(SHOP, selectors(NIGHTLY))).toEqual([]);
});

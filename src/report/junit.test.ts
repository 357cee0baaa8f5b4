import { expect, test } from 'vitest';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { RunResults } from '../run/results.ts';
import { nodeResult, paperTerminal, reporterOptions, runResults, troubled } from '../testing/recorded-run.ts';
import { junit, xunit } from './junit.ts';

function xmlOf(results: RunResults | undefined, diagnostics: readonly Diagnostic[] = [], reporter = junit): string {
  const paper = paperTerminal();
  reporter(paper.terminal, reporterOptions).close(results, diagnostics);
  return paper.text();
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Reads XML as strictly as these tests need: every tag closed, every attribute quoted, no bare & or <. */
function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open: Element[] = [root];
  const token = /<\?xml[^>]*\?>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let position = 0;
  for (const match of xml.matchAll(token)) {
    position = match.index + match[0].length;
    const [, close, name, attributes = '', empty, text] = match;
    const parent = open.at(-1);
    if (!parent) throw new Error(`nothing is open at ${match.index}`);
    if (close !== undefined) {
      if (parent.name !== close) throw new Error(`</${close}> closes <${parent.name}>`);
      open.pop();
    } else if (name !== undefined) {
      const element: Element = {
        name,
        attributes: Object.fromEntries(
          [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]),
        ),
        children: [],
        text: '',
      };
      parent.children.push(element);
      if (!empty) open.push(element);
    } else if (text !== undefined) parent.text += unescaped(text);
  }
  if (position !== xml.length) throw new Error(`not XML at ${position}: ${xml.slice(position, position + 40)}`);
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name}> is never closed`);
  const [top] = root.children;
  if (!top || root.children.length !== 1) throw new Error('there must be one root');
  return top;
}

function unescaped(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(text)) throw new Error(`bare & in ${text}`);
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

/** What Jenkins' junit-10.xsd allows and demands of what dql writes. */
const SCHEMA: Readonly<
  Record<string, { attributes: readonly string[]; required: readonly string[]; children: readonly string[] }>
> = {
  testsuites: {
    attributes: ['name', 'tests', 'failures', 'errors', 'time'],
    required: [],
    children: ['testsuite'],
  },
  testsuite: {
    attributes: [
      'name',
      'file',
      'tests',
      'failures',
      'errors',
      'time',
      'skipped',
      'timestamp',
      'hostname',
      'id',
      'package',
    ],
    required: ['name', 'tests', 'failures', 'errors'],
    children: ['testcase', 'properties', 'system-out', 'system-err'],
  },
  testcase: {
    attributes: ['name', 'classname', 'time'],
    required: ['name', 'classname'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  failure: { attributes: ['message', 'type'], required: [], children: [] },
  error: { attributes: ['message', 'type'], required: [], children: [] },
  skipped: { attributes: ['message', 'type'], required: [], children: [] },
  properties: { attributes: [], required: [], children: ['property'] },
  'system-out': { attributes: [], required: [], children: [] },
};

/** What the schema does not have any more, and GitLab and others read. */
const PLACE = ['file', 'line'];
/** Only these have text in them; between elements there may be blanks. */
const MIXED = ['failure', 'error', 'skipped', 'system-out'];

function validate(element: Element, more = PLACE): void {
  const rule = SCHEMA[element.name];
  if (!rule) throw new Error(`no element <${element.name}>`);
  for (const attribute of Object.keys(element.attributes))
    if (element.name !== 'testcase' || !more.includes(attribute)) expect(rule.attributes).toContain(attribute);
  for (const attribute of rule.required) expect(Object.keys(element.attributes)).toContain(attribute);
  for (const child of element.children) {
    expect(rule.children).toContain(child.name);
    validate(child, more);
  }
  if (!MIXED.includes(element.name)) expect(element.text.trim()).toBe('');
  for (const number of ['tests', 'failures', 'errors', 'skipped', 'line'])
    if (element.attributes[number] !== undefined) expect(element.attributes[number]).toMatch(/^\d+$/);
  if (element.attributes.time !== undefined) expect(element.attributes.time).toMatch(/^\d+\.\d{3}$/);
  if (element.attributes.timestamp !== undefined)
    expect(element.attributes.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  if (element.name === 'testsuite' || element.name === 'testsuites') {
    const cases =
      element.name === 'testsuite' ? element.children : element.children.flatMap(({ children }) => children);
    const having = (name: string) => cases.filter((one) => one.children.some((child) => child.name === name)).length;
    expect(Number(element.attributes.tests)).toBe(cases.length);
    expect(Number(element.attributes.failures)).toBe(having('failure'));
    expect(Number(element.attributes.errors)).toBe(having('error'));
    if (element.attributes.skipped !== undefined) expect(Number(element.attributes.skipped)).toBe(having('skipped'));
  }
}

test('a suite for each model, with the place of the test in its YAML', () => {
  const root = parseXml(xmlOf(troubled));
  validate(root);
  expect(root.children.map(({ attributes }) => attributes.name)).toEqual([
    'regions',
    'orders',
    'customers',
    'late_payments',
    'revenue',
  ]);
  const orders = root.children[1];
  expect(orders?.children.map(({ attributes }) => attributes.name)).toEqual([
    'build main.orders',
    'not_null_orders_order_id',
  ]);
  expect(orders?.children[1]?.attributes).toMatchObject({
    classname: 'orders.order_id',
    file: 'models/orders.yml',
    line: '6',
  });
});

test('xunit is the same without what the schema of today refuses; the place is in the body', () => {
  const broken: Diagnostic[] = [
    { code: 'compile/unknown-ref', severity: 'error', message: 'x', at: { file: 'models/a.sql', start: 0, end: 1 } },
  ];
  for (const diagnostics of [[], broken]) {
    const xml = xmlOf(troubled, diagnostics, xunit);
    validate(parseXml(xml), []);
    const without = xmlOf(troubled, diagnostics).replace(/(<testcase [^>]*?) file="[^"]*"(?: line="\d+")?/g, '$1');
    expect(xml).toBe(without);
    expect(xml).toContain('models/orders.yml:6: ');
  }
});

test('only what was compiled names its file', () => {
  const id = 'test.shop.not_null_orders_order_id.1';
  const failed = (compiled: boolean) => xmlOf(runResults([nodeResult(id, 'error', { message: 'wrong', compiled })]));
  expect(failed(true)).toContain('compiled: target/compiled/shop/models/orders.yml/not_null_orders_order_id.sql');
  expect(failed(false)).not.toContain('compiled: ');
});

test('failing rows stand in the body as they are, whatever they hold', () => {
  const root = parseXml(xmlOf(troubled));
  const failure = root.children[1]?.children[1]?.children[0];
  expect(failure?.name).toBe('failure');
  expect(failure?.attributes.type).toBe('not_null');
  expect(failure?.text).toMatch(/^models\/orders\.yml:6: /);
  expect(failure?.text).toContain('Zoë <&> "李"');
  expect(failure?.text).toContain('compiled: target/compiled/shop/models/orders.yml/not_null_orders_order_id.sql');
});

test('a warning passes and says so, what was skipped says why, an error has its frame', () => {
  const root = parseXml(xmlOf(troubled));
  const caseOf = (suite: string) => root.children.find(({ attributes }) => attributes.name === suite)?.children[0];
  expect(caseOf('late_payments')?.children[0]?.name).toBe('system-out');
  expect(caseOf('revenue')?.children[0]?.attributes.message).toBe('its parent `customers` failed');
  expect(caseOf('customers')?.children[0]?.text).toContain("2 │ from {{ ref('stg_customer') }}");
});

test('a test that considered nothing says so, not how many of no rows', () => {
  const message = 'No row was considered, configured to fail on empty';
  const failed = nodeResult('test.shop.has_rows', 'fail', { failures: 1, message }, { verdict: 'fail', considered: 0 });
  const xml = xmlOf(runResults([failed]));
  expect(xml).toContain(message);
  expect(xml).not.toContain('of 0 rows');
});

test('a project that cannot be read is a suite with its errors', () => {
  const root = parseXml(
    xmlOf(undefined, [
      { code: 'project/bad-yaml', severity: 'error', message: 'line 3 is "odd" & <wrong>' },
      { code: 'project/old-key', severity: 'warning', message: 'old' },
    ]),
  );
  validate(root);
  expect(root.children[0]?.children.map(({ attributes }) => attributes.name)).toEqual(['project/bad-yaml']);
});

test('nothing to tell is an empty but valid report', () => {
  const root = parseXml(xmlOf(runResults([])));
  validate(root);
  expect(root.children).toEqual([]);
});

test('characters XML cannot hold are replaced, not passed on', () => {
  const xml = xmlOf(
    runResults([nodeResult('model.shop.orders', 'error', { message: 'bell \u0007 half \ud800 line\nbreak' })]),
  );
  validate(parseXml(xml));
  expect(xml).not.toContain('\u0007');
  expect(xml).not.toContain('\ud800');
  expect(parseXml(xml).children[0]?.children[0]?.children[0]?.attributes.message).toBe('bell � half � line\nbreak');
});

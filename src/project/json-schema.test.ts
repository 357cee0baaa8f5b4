import { expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { isList, isMap, type JsonMap, listOf } from './json.ts';
import { projectJsonSchema, propertiesJsonSchema, settingsReference } from './json-schema.ts';

const referenced = (root: Json, reference: string): Json | undefined =>
  reference
    .slice(2)
    .split('/')
    .reduce<Json | undefined>((value, step) => (isMap(value) ? value[step] : undefined), root);

/** Every `$ref` must lead somewhere, or an editor shows nothing. */
function brokenReferences(root: Json): string[] {
  const broken: string[] = [];
  const visit = (node: Json): void => {
    if (isList(node)) for (const item of node) visit(item);
    if (!isMap(node)) return;
    const reference = node['$ref'];
    if (typeof reference === 'string') {
      const found = referenced(root, reference);
      if (found === undefined) broken.push(reference);
    }
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(root);
  return broken;
}

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: isList,
  object: isMap,
};

/** As much of a JSON Schema validator as the two schemas need. */
function accepts(root: JsonMap, value: Json, schema: Json = root): boolean {
  if (!isMap(schema)) return schema !== false;
  const {
    $ref,
    type,
    anyOf,
    allOf,
    enum: choices,
    const: only,
    pattern,
    properties,
    required,
    additionalProperties,
    items,
  } = schema;
  const test = (inner: Json, part: Json | undefined) => part === undefined || accepts(root, inner, part);
  if (typeof $ref === 'string' && !test(value, referenced(root, $ref))) return false;
  if (type !== undefined && !listOf(type).some((name) => TYPES[String(name)]?.(value))) return false;
  if (isList(anyOf) && !anyOf.some((part) => test(value, part))) return false;
  if (isList(allOf) && !allOf.every((part) => test(value, part))) return false;
  if (isList(choices) && !choices.includes(value)) return false;
  if (only !== undefined && only !== value) return false;
  if (typeof pattern === 'string' && typeof value === 'string' && !new RegExp(pattern).test(value)) return false;
  if (isList(value)) return value.every((item) => test(item, items));
  if (!isMap(value)) return true;
  if (!listOf(required).every((key) => String(key) in value)) return false;
  const known = isMap(properties) ? properties : {};
  return Object.entries(value).every(([key, inner]) => test(inner, key in known ? known[key] : additionalProperties));
}

test('both schemas are closed: every reference leads somewhere', () => {
  expect(brokenReferences(projectJsonSchema())).toEqual([]);
  expect(brokenReferences(propertiesJsonSchema())).toEqual([]);
});

test('an editor refuses an unknown key and a wrong choice, and lets templates pass', () => {
  const schema = propertiesJsonSchema();
  expect(accepts(schema, { models: [{ name: 'orders', config: { materialized: 'table', enabled: true } }] })).toBe(
    true,
  );
  expect(accepts(schema, { models: [{ name: 'orders', config: { enabled: "{{ var('on') }}" } }] })).toBe(true);
  expect(accepts(schema, { models: [{ name: 'orders', descripton: 'x' }] })).toBe(false);
  expect(accepts(schema, { models: [{ name: 'orders', config: { on_schema_change: 'explode' } }] })).toBe(false);
  expect(accepts(schema, { models: [{ description: 'nameless' }] })).toBe(false);
});

test('the trees of project.yml know `+key`, folders within folders, and refuse a wrong value', () => {
  const schema = projectJsonSchema();
  const project = (models: Json) => ({ name: 'shop', models });
  expect(
    accepts(
      schema,
      project({ shop: { '+materialized': 'table', staging: { '+tags': ['a'], deep: { enabled: false } } } }),
    ),
  ).toBe(true);
  expect(accepts(schema, project({ shop: { '+enabled': 'sometimes' } }))).toBe(false);
  expect(accepts(schema, project({ shop: { '+materialised': 'table' } }))).toBe(false);
});

test('every key has a sentence of its own', () => {
  const silent: string[] = [];
  const visit = (node: Json, path: string): void => {
    if (isList(node)) for (const item of node) visit(item, path);
    if (!isMap(node)) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties' && isMap(value)) {
        for (const [name, property] of Object.entries(value)) {
          if (
            isMap(property) &&
            property['description'] === undefined &&
            property['$ref'] === undefined &&
            property['anyOf'] === undefined &&
            property['allOf'] === undefined
          ) {
            silent.push(`${path}/${name}`);
          }
        }
      }
      visit(value, `${path}/${key}`);
    }
  };
  visit(projectJsonSchema(), '');
  visit(propertiesJsonSchema(), '');
  expect(silent).toEqual([]);
});

test('the reference has a row for each key, with its values and meaning', () => {
  const rows = settingsReference().split('\n');
  expect(rows).toContain('| `model-paths` | list of text | Folders with models. Default [models]. |');
  expect(rows).toContain(
    '| `on_schema_change` | `ignore`, `append_new_columns`, `sync_all_columns`, `fail` | What an incremental model does when its query’s columns changed. Default ignore. |',
  );
  expect(rows).toContain(
    '| `contract` | map of `enforced`, `alias_types` | A promise about columns and types that the build checks. |',
  );
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});

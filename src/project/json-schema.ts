import * as z from 'zod';
import type { Json } from '../core/node-id.ts';
import { isList, isMap, type JsonMap } from './json.ts';
import { projectFile, treeConfigs } from './schema/project-file.ts';
import { propertyFile } from './schema/properties.ts';

export { settingsReference } from './settings-reference.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** What a Jinja text stands for is known only when it is rendered, so editors let it pass anywhere. */
const TEMPLATE: JsonMap = { type: 'string', pattern: '\\{[{%]' };

/** JSON Schema of project.yml, for editors. Made from the zod schema that dql itself checks with. */
export function projectJsonSchema(): JsonMap {
  const schema = written(projectFile);
  const properties: Record<string, Json> = { ...propertiesOf(schema) };
  const trees: Record<string, Json> = {};
  for (const [kind, config] of [...Object.entries(treeConfigs), ['tests', treeConfigs.data_tests] as const]) {
    const description = isMap(properties[kind]) ? (properties[kind]['description'] ?? '') : '';
    trees[`${kind}-tree`] = configTree(config, `${kind}-tree`);
    properties[kind] = {
      description,
      anyOf: [{ $ref: `#/$defs/${kind}-tree` }, { type: 'null' }],
    };
  }
  return withTemplates({
    ...schema,
    $schema: DRAFT,
    title: 'project.yml of dql',
    properties,
    $defs: { ...(isMap(schema['$defs']) ? schema['$defs'] : {}), ...trees },
  });
}

/** JSON Schema of property files (models/*.yml …), for editors. */
export function propertiesJsonSchema(): JsonMap {
  return withTemplates({ ...written(propertyFile, 'ref'), $schema: DRAFT, title: 'property file of dql' });
}

/** A level of a tree: configs with and without `+`, and folders that are levels again. */
function configTree(config: z.ZodType, name: string): JsonMap {
  const keys = propertiesOf(written(config));
  const plus = Object.fromEntries(Object.entries(keys).map(([key, value]) => [`+${key}`, value]));
  const folder: JsonMap = { $ref: `#/$defs/${name}` };
  // Without `+` a map is a folder, even one that is called like a config.
  const plain = Object.fromEntries(
    Object.keys(keys).map((key) => [key, { anyOf: [{ $ref: `#/$defs/${name}/properties/+${key}` }, folder] }]),
  );
  return { type: 'object', properties: { ...plus, ...plain }, additionalProperties: folder };
}

function written(schema: z.ZodType, reused: 'ref' | 'inline' = 'inline'): JsonMap {
  // zod's answer is plain JSON; reading it back says so to the type checker.
  const parsed: Json = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused })),
  );
  return isMap(parsed) ? parsed : {};
}

const propertiesOf = (schema: JsonMap): JsonMap => (isMap(schema['properties']) ? schema['properties'] : {});

/** Numbers, booleans and choices may be written as a template, too. */
function withTemplates(schema: JsonMap): JsonMap {
  const visit = (node: Json): Json => {
    if (isList(node)) return node.map(visit);
    if (!isMap(node)) return node;
    if (isFixed(node)) {
      const { description, ...rest } = node;
      return { ...(description === undefined ? {} : { description }), anyOf: [rest, TEMPLATE] };
    }
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        key === 'properties' || key === '$defs'
          ? mapped(value, visit)
          : key === 'enum' || key === 'const'
            ? value
            : visit(value),
      ]),
    );
  };
  const visited = visit(schema);
  return isMap(visited) ? visited : schema;
}

const mapped = (value: Json, change: (node: Json) => Json): Json =>
  isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, node]) => [key, change(node)])) : value;

const isFixed = (node: JsonMap): boolean =>
  node['type'] === 'boolean' || node['type'] === 'integer' || node['type'] === 'number' || isList(node['enum']);

import * as z from 'zod';
import { dataTestConfig, modelConfig, seedConfig, snapshotConfig, sourceConfig } from './schema/configs.ts';
import { alternatives } from './schema/issues.ts';
import { projectFile } from './schema/project-file.ts';
import { entrySchemas, propertyFile } from './schema/properties.ts';
import { targetSettings } from './schema/target.ts';

/** The reference of project.yml and property files as Markdown tables; made from the schemas that dql checks with. */
export function settingsReference(): string {
  return [
    '## project.yml',
    table(projectFile),
    '### A target',
    'Under `targets:`, by name.',
    table(targetSettings),
    '## Configuration',
    'In a tree of project.yml (`+key`), under `config:` in a property file, or in `{{ config() }}`. A later one wins: project.yml from the outermost folder to the innermost, the property file, the file itself.',
    ...section('### Models', modelConfig),
    ...section('### Seeds', seedConfig),
    ...section('### Snapshots', snapshotConfig),
    ...section('### Sources', sourceConfig),
    ...section('### Data tests', dataTestConfig),
    '## Property files',
    'YAML beside the resources, with any name.',
    table(propertyFile),
    ...Object.entries(INTERPRETED).flatMap(([kind, title]) => section(`### ${title}`, entryOf(kind))),
    ...section('### A column', inside(entrySchemas.models, 'columns')),
    ...section('### A constraint', inside(entrySchemas.models, 'constraints')),
    ...section('### A model version', inside(entrySchemas.models, 'versions')),
    ...section('### A source table', inside(entrySchemas.sources, 'tables')),
  ].join('\n\n');
}

const INTERPRETED = {
  models: 'A model',
  sources: 'A source',
  seeds: 'A seed',
  snapshots: 'A snapshot',
  analyses: 'An analysis',
  macros: 'A macro',
  data_tests: 'A singular test',
  unit_tests: 'A unit test',
  exposures: 'An exposure',
  groups: 'A group',
} as const;

const entryOf = (kind: string): z.ZodType | undefined =>
  Object.entries(entrySchemas).find(([name]) => name === kind)?.[1];

const section = (title: string, schema: z.ZodType | undefined): readonly string[] =>
  schema === undefined ? [] : [title, table(schema)];

/** The items of a list-valued key. */
function inside(schema: z.ZodType, key: string): z.ZodType | undefined {
  const object = objectOf(schema);
  const value = object?.shape[key];
  if (!(value instanceof z.ZodType)) return undefined;
  const list = alternatives(value).find((option) => option instanceof z.ZodArray);
  return list instanceof z.ZodArray && list.element instanceof z.ZodType ? list.element : undefined;
}

const objectOf = (schema: z.ZodType): z.ZodObject | undefined =>
  alternatives(schema).find((option) => option instanceof z.ZodObject);

function table(schema: z.ZodType): string {
  const object = objectOf(schema);
  if (object === undefined) return '';
  const rows = Object.entries(object.shape).flatMap(([key, value]) =>
    value instanceof z.ZodType ? [`| \`${key}\` | ${cell(typeInWords(value))} | ${cell(describe(value))} |`] : [],
  );
  return ['| key | value | meaning |', '|---|---|---|', ...rows].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** What the schema says of itself, be it optional or not, or else what one of its alternatives says. */
function describe(schema: z.ZodType): string {
  if (schema.description !== undefined) return schema.description;
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable;
  if (isWrapped && schema.def.innerType instanceof z.ZodType) return describe(schema.def.innerType);
  return alternatives(schema).find((option) => option.description !== undefined)?.description ?? '';
}

/** `text or list of text`, `true/false`, `ignore, fail or …` */
function typeInWords(schema: z.ZodType): string {
  const words = [
    ...new Set(
      alternatives(schema)
        .map(oneType)
        .filter((word) => word !== ''),
    ),
  ];
  return words.join(' or ');
}

function oneType(schema: z.ZodType): string {
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${String(option)}\``).join(', ');
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => `\`${String(value)}\``).join(', ');
  if (schema instanceof z.ZodArray) {
    const item = schema.element instanceof z.ZodType ? typeInWords(schema.element) : '';
    return item === '' || item.includes(' or ') ? 'list' : `list of ${item}`;
  }
  if (schema instanceof z.ZodObject) return mapInWords(schema);
  if (schema instanceof z.ZodRecord) return 'map';
  if (schema instanceof z.ZodNull) return '';
  return 'anything';
}

/** A map of a few keys is told with them, unless it has a table of its own. */
function mapInWords(schema: z.ZodObject): string {
  const keys = Object.keys(schema.shape);
  const isTold = [...Object.values(entrySchemas), inside(entrySchemas.models, 'constraints')].includes(schema);
  return isTold || keys.length > 10 ? 'map' : `map of ${keys.map((key) => `\`${key}\``).join(', ')}`;
}

/** zod's findings in the user's words, placed in the user's file. */

import * as z from 'zod';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Json } from '../../core/node-id.ts';
import type { Span } from '../../core/source.ts';
import { TYPE_NOUNS } from '../../core/type-nouns.ts';
import type { YamlPath } from '../yaml/yaml-file.ts';

/** Where a value's parts stand; what is asked only when something is wrong. */
export interface Places {
  readonly span: (path: YamlPath) => Span;
  readonly keySpan: (path: YamlPath) => Span;
}

type Issue = z.core.$ZodIssue;

/** True for a text that is decided by rendering: whatever it renders to is checked again then. */
export const isTemplate = (value: unknown): boolean => typeof value === 'string' && /\{[{%]/.test(value);

export interface CheckOptions {
  /** What the value is, for messages: `model \`orders\``. */
  readonly what: string;
  /** Path of the value inside its file. */
  readonly path?: YamlPath;
  /** Accept a Jinja text in place of any value. Default true. */
  readonly templates?: boolean;
}

/** Checks a value without changing it. The answer is true when no error was found. */
export function check(schema: z.ZodType, value: Json, places: Places, options: CheckOptions): readonly Diagnostic[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => diagnostics(issue, value, places, schema, options));
}

function diagnostics(
  issue: Issue,
  root: Json,
  places: Places,
  schema: z.ZodType,
  options: CheckOptions,
): readonly Diagnostic[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const found = valueAt(root, path);
  if (options.templates !== false && isTemplate(found)) return [];
  const at = [...(options.path ?? []), ...path];
  const place = path.length === 0 ? `in ${options.what}` : `at \`${dotted(path)}\` in ${options.what}`;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) =>
        unknownKey(key, path, schemaAt(schema, path), places.keySpan([...at, key]), options.what),
      );
    case 'invalid_union':
      return unionIssue(issue, root, places, schema, options, path, found, place);
    default: {
      const missing = found === undefined;
      const parent = path.slice(0, -1);
      return [
        {
          code: missing ? 'project/missing-key' : 'project/wrong-value',
          severity: 'error',
          message: missing
            ? `\`${String(path.at(-1) ?? '')}\` is missing ${parent.length === 0 ? `in ${options.what}` : `at \`${dotted(parent)}\` in ${options.what}`}`
            : `${wanted(issue)} ${place}, but ${shown(found)} stands there`,
          at: missing ? places.keySpan([...(options.path ?? []), ...parent]) : places.span(at),
          label: missing ? undefined : wanted(issue),
          hint: hintFor(issue, found) ?? describedHint(schema, path),
        },
      ];
    }
  }
}

function unionIssue(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  root: Json,
  places: Places,
  schema: z.ZodType,
  options: CheckOptions,
  path: YamlPath,
  found: Json | undefined,
  place: string,
): readonly Diagnostic[] {
  // The alternative that was meant is the one whose findings lie inside the value, not at its own type.
  const meant = issue.errors.find(
    (errors) =>
      errors.length > 0 &&
      errors.every(
        (inner) =>
          inner.path.length > 0 ||
          inner.code === 'unrecognized_keys' ||
          inner.code === 'invalid_format' ||
          inner.code === 'too_small' ||
          inner.code === 'too_big',
      ),
  );
  if (meant !== undefined) {
    return meant.flatMap((inner) =>
      diagnostics({ ...inner, path: [...issue.path, ...inner.path] }, root, places, schema, options),
    );
  }
  const at = [...(options.path ?? []), ...path];
  const choices = [...new Set(issue.errors.flatMap((errors) => errors.slice(0, 1).map(wantedNoun)))];
  const expectation = `${choices.join(' or ')} is expected`;
  if (found === undefined) {
    return [
      {
        code: 'project/missing-key',
        severity: 'error',
        message: `\`${String(path.at(-1) ?? '')}\` is missing in ${options.what}`,
        at: places.keySpan(at.slice(0, -1)),
        hint: describedHint(schema, path),
      },
    ];
  }
  return [
    {
      code: 'project/wrong-value',
      severity: 'error',
      message: `${expectation} ${place}, but ${shown(found)} stands there`,
      at: places.span(at),
      label: expectation,
      hint: describedHint(schema, path),
    },
  ];
}

function unknownKey(key: string, path: YamlPath, schema: z.ZodType | undefined, at: Span, what: string): Diagnostic {
  const known = schema === undefined ? [] : keysOf(schema);
  if (OTHER_ENGINES.has(key) && known.includes('materialized')) {
    return {
      code: 'project/other-engine',
      severity: 'warning',
      message: `\`${key}\` configures another engine and has no effect on DuckDB`,
      at,
    };
  }
  const inside = path.length === 0 ? '' : ` under \`${dotted(path)}\``;
  return {
    code: 'project/unknown-key',
    severity: 'error',
    message: `\`${key}\` is not a key of ${what}${inside}`,
    at,
    label: 'unknown key',
    hint:
      didYouMean(key, known) ??
      elsewhere(key, known) ??
      (known.length > 0 && known.length <= 12
        ? `known here: ${known.join(', ')}`
        : 'keep keys of your own under `meta`'),
  };
}

/** Configs of dbt's other adapters, common in packages and in projects that were moved. */
const OTHER_ENGINES: ReadonlySet<string> = new Set([
  'auto_refresh',
  'automatic_clustering',
  'backup',
  'batch_size',
  'bind',
  'buckets',
  'cluster_by',
  'clustered_by',
  'copy_grants',
  'databricks_compute',
  'dist',
  'file_format',
  'hours_to_expiration',
  'include_full_name_in_path',
  'kms_key_name',
  'labels',
  'liquid_clustered_by',
  'location_root',
  'partition_expiration_days',
  'partitions',
  'query_tag',
  'require_partition_filter',
  'secure',
  'snowflake_warehouse',
  'sort',
  'sort_type',
  'target_lag',
  'tblproperties',
  'tmp_relation_type',
  'transient',
  'unlogged',
]);

/** Keys that people write one level too high. */
function elsewhere(key: string, known: readonly string[]): string | undefined {
  if (!known.includes('config')) return undefined;
  return CONFIG_KEYS.has(key) ? `write it under \`config:\`` : undefined;
}

const CONFIG_KEYS: ReadonlySet<string> = new Set([
  'materialized',
  'enabled',
  'alias',
  'schema',
  'database',
  'unique_key',
  'incremental_strategy',
  'on_schema_change',
  'strategy',
  'updated_at',
  'check_cols',
  'pre_hook',
  'post_hook',
  'pre-hook',
  'post-hook',
  'contract',
  'severity',
  'where',
  'limit',
  'warn_if',
  'error_if',
  'store_failures',
  'persist_docs',
  'grants',
  'column_types',
  'full_refresh',
  'event_time',
  'begin',
  'batch_size',
  'lookback',
  'location',
  'format',
  'delimiter',
  'quote_columns',
  'indexes',
  'publish',
  'retries',
  'retry_delay',
  'owner',
  'sla',
  'access',
  'group',
  'tags',
  'meta',
  'docs',
]);

function wantedNoun(issue: Issue): string {
  if (issue.code === 'invalid_type') return TYPE_NOUNS[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  return wanted(issue);
}

function wanted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${TYPE_NOUNS[issue.expected] ?? issue.expected} is expected`;
    case 'invalid_value':
      return `${oneOf(issue.values)} is expected`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid')
        ? `a text like ${issue.pattern ?? issue.format} is expected`
        : issue.message;
    case 'too_small':
      return issue.origin === 'string'
        ? 'a text that is not empty is expected'
        : `a number of at least ${String(issue.minimum)} is expected`;
    case 'too_big':
      return `a number of at most ${String(issue.maximum)} is expected`;
    default:
      return 'another value is expected';
  }
}

const oneOf = (values: readonly unknown[]): string => {
  const words = values.map((value) => `\`${String(value)}\``);
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
};

function hintFor(issue: Issue, found: Json | undefined): string | undefined {
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    return didYouMean(found, issue.values.map(String));
  }
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'boolean' &&
    typeof found === 'string' &&
    /^(yes|no|on|off)$/i.test(found)
  ) {
    return `write ${/^(yes|on)$/i.test(found) ? 'true' : 'false'}`;
  }
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'string' &&
    (typeof found === 'number' || typeof found === 'boolean')
  ) {
    return `put it in quotes: "${String(found)}"`;
  }
  return undefined;
}

function describedHint(schema: z.ZodType, path: YamlPath): string | undefined {
  const description = schemaAt(schema, path)?.description;
  return description === undefined ? undefined : `\`${String(path.at(-1) ?? '')}\`: ${description}`;
}

/** A found value as people would say it. */
export function shown(value: Json | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text \`${value.length > 40 ? `${value.slice(0, 39)}…` : value}\``;
  return `\`${String(value)}\``;
}

const dotted = (path: YamlPath): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step + 1}]` : text === '' ? step : `${text}.${step}`),
    '',
  );

export function valueAt(root: Json | undefined, path: YamlPath): Json | undefined {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** The schema a path leads to, through optional and nullable wrappers; in unions the first alternative that has the step. */
export function schemaAt(schema: z.ZodType, path: YamlPath): z.ZodType | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  for (const option of alternatives(schema)) {
    const next =
      option instanceof z.ZodObject
        ? option.shape[step]
        : option instanceof z.ZodArray
          ? option.element
          : option instanceof z.ZodRecord
            ? option.valueType
            : undefined;
    if (next instanceof z.ZodType) {
      const found = schemaAt(next, rest);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

export function alternatives(schema: z.ZodType): readonly z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    const inner = schema.unwrap();
    return inner instanceof z.ZodType ? alternatives(inner) : [];
  }
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => (option instanceof z.ZodType ? alternatives(option) : []));
  return [schema];
}

export const keysOf = (schema: z.ZodType): readonly string[] =>
  alternatives(schema).flatMap((option) => (option instanceof z.ZodObject ? Object.keys(option.shape) : []));

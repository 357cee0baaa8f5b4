/** Metrics, semantic models, saved queries, functions and groups: only described, never built. */
import type { GroupNode, Manifest } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';

export interface DescribedNode {
  readonly resource_type: 'metric' | 'semantic_model' | 'saved_query' | 'function' | 'group';
  readonly unique_id: NodeId;
  readonly name: string;
  readonly label: string | null;
  readonly package_name: string;
  readonly original_file_path: string;
  readonly fqn: readonly string[];
  readonly description: string;
  readonly tags: readonly string[];
  readonly meta: Fields;
  readonly config: Fields;
  /** Of the group it belongs to. */
  readonly group: string | null;
  /** A group's own. */
  readonly owner: Json;
  readonly depends_on: { readonly nodes: readonly NodeId[]; readonly macros: readonly NodeId[] };
  /** As its file says it, without what the others tell. */
  readonly written: Fields;
}

type Fields = Readonly<Record<string, Json>>;

/** Manifests of older dbt versions know fewer families. */
export function describedNodes(manifest: Partial<Manifest>): readonly DescribedNode[] {
  const { metrics, semantic_models: models, saved_queries: queries, functions, groups } = manifest;
  return [
    ...familyOf('semantic_model', models),
    ...familyOf('metric', metrics),
    ...familyOf('saved_query', queries),
    ...familyOf('function', functions),
    ...Object.values(groups ?? {}).map(groupNode),
  ];
}

const familyOf = (type: DescribedNode['resource_type'], family: Readonly<Record<NodeId, Json>> = {}) =>
  Object.entries(family).flatMap(([id, entry]): readonly DescribedNode[] => {
    if (!isFields(entry)) return [];
    const config = fieldsOf(entry.config);
    if (config.enabled === false) return [];
    const on = fieldsOf(entry.depends_on);
    const name = textOf(entry.name) ?? id;
    return [
      {
        resource_type: type,
        unique_id: id,
        name,
        label: textOf(entry.label) ?? null,
        package_name: textOf(entry.package_name) ?? '',
        original_file_path: textOf(entry.original_file_path) ?? '',
        fqn: [...textsOf(entry.fqn).slice(0, -1), name],
        description: textOf(entry.description) ?? '',
        tags: [...new Set([...tagsOf(entry.tags), ...tagsOf(config.tags)])],
        meta: { ...fieldsOf(config.meta), ...fieldsOf(entry.meta) },
        config,
        group: textOf(entry.group) ?? textOf(config.group) ?? null,
        owner: null,
        depends_on: { nodes: textsOf(on.nodes), macros: textsOf(on.macros) },
        written: Object.fromEntries(Object.entries(entry).filter(([key]) => !TOLD.has(key))),
      },
    ];
  });

const groupNode = ({ owner, description, config, ...group }: GroupNode): DescribedNode => ({
  ...group,
  resource_type: 'group',
  label: null,
  fqn: [group.package_name, group.name],
  description: description ?? '',
  tags: [],
  // dbt before 1.10 wrote none.
  config: fieldsOf(config),
  meta: fieldsOf(fieldsOf(config).meta),
  group: null,
  owner,
  depends_on: { nodes: [], macros: [] },
  written: {},
});

/** What every item's page says in its own way, and what dbt keeps for itself. */
const TOLD = new Set(
  `unique_id resource_type package_name path original_file_path fqn name label description tags meta config group depends_on
   refs sources metadata created_at unrendered_config time_granularity`.split(/\s+/),
);

/** The definition as YAML, without what nobody said. */
export function definitionOf({ written }: DescribedNode): string | null {
  const lines = linesOf(written);
  return lines.length === 0 ? null : lines.join('\n');
}

function linesOf(value: Json): readonly string[] {
  if (Array.isArray(value))
    return value.flatMap((entry) => {
      const [first = '', ...others] = linesOf(entry);
      return [`- ${first}`, ...others.map((line) => `  ${line}`)];
    });
  if (!isFields(value)) return scalarLines(value);
  return Object.entries(value).flatMap(([key, inner]) => {
    if (saysNothing(inner) || (key === 'join_to_timespine' && inner === false)) return [];
    // dbt wraps what people write.
    if (isFields(inner) && Array.isArray(inner.where_filters))
      return linesOf({ [key]: inner.where_filters.map((one) => fieldsOf(one).where_sql_template ?? null) });
    if (typeof inner === 'object') return [`${key}:`, ...linesOf(inner).map((line) => `  ${line}`)];
    const [first = '', ...others] = scalarLines(inner);
    return [`${key}: ${first}`, ...others.map((line) => `  ${line}`)];
  });
}

/** Text of several lines as a block; what YAML would read as something else in quotes. */
function scalarLines(value: Json): readonly string[] {
  if (typeof value !== 'string') return [String(value)];
  if (value.includes('\n')) return ['|', ...value.trimEnd().split('\n')];
  return [
    /^[\p{L}_][\p{L}\p{N}_ .,()'*/+<>=-]*$/u.test(value) &&
    !/^(?:true|false|null|yes|no|on|off)$/i.test(value) &&
    !value.endsWith(' ')
      ? value
      : JSON.stringify(value),
  ];
}

const saysNothing = (value: Json): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.values(value).every(saysNothing)); // arrays, too

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldsOf = (value: Json | undefined): Fields => (isFields(value) ? value : {});
const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const tagsOf = (value: Json | undefined): readonly string[] => (typeof value === 'string' ? [value] : textsOf(value));

/** What the warehouse holds, as dbt's catalog.json v1, with statistics of columns. Only reads. */
import { randomUUID } from 'node:crypto';
import type { GraphNode, ManifestColumn, SourceNode } from '../../compile/manifest.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import { type Catalog, type CatalogNode, inventorySql } from '../../docs/docs.ts';
import type { Column, Connection, Warehouse } from '../../engine/engine.ts';
import { LEDGER_SCHEMA } from '../../ledger/names.ts';
import { type LedgerState, publishedVersion, type VersionRecord } from '../../ledger/records.ts';
import { relationOf } from '../../plan/plan-run.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { Measured } from '../warehouse/measure-relations.ts';
import { relationStatistics, type Standing } from '../warehouse/relation-statistics.ts';
import { externalRelation } from '../warehouse/source-relations.ts';

export interface CatalogRequest {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  /** Without it nothing is measured. */
  readonly warehouse: Warehouse | undefined;
  readonly state: LedgerState;
  /** What stands in the warehouse; empty where nothing was built: then the catalogue says nothing of models. */
  readonly inventory: Inventory;
  readonly signal: AbortSignal;
  /** Columns whose values must not be read out, by node and name, as far as the project says so itself. */
  readonly isPersonal: (id: NodeId, column: string) => boolean;
  /** What is waited for while relations are measured. */
  readonly analysed: Promise<CatalogAnalysis>;
}

export interface CatalogAnalysis {
  /** With those that personal data flow into. */
  readonly isPersonal: CatalogRequest['isPersonal'];
  /** Columns as far as they are known without the warehouse. */
  readonly columns: ReadonlyMap<NodeId, readonly Column[]>;
}

interface Found {
  readonly node: GraphNode | SourceNode;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string | null }[];
  /** SQL that reads its rows, and about how many there are; null where that is not known without reading them. */
  readonly from: string;
  readonly rows: number | null;
  readonly version: VersionRecord | undefined;
}

export async function readCatalog(request: CatalogRequest): Promise<Catalog> {
  const { opened, options, warehouse, isPersonal } = request;
  const there = standing(request);
  const outside = request.analysed.then(({ columns }) => external(opened, columns));
  outside.catch(() => undefined); // told where it is waited for
  const toMeasure = ({ node: { unique_id: id }, from, rows, columns, version }: Found): Standing => ({
    id,
    from,
    rows,
    columns: columns.map(({ name, type }) => ({ name, type, personal: isPersonal(id, name) })),
    contentId: version?.content_id,
  });
  const analysed = async () => ({
    isPersonal: (await request.analysed).isPersonal,
    relations: (await outside).map(toMeasure),
  });
  const { measured, errors } = warehouse
    ? await relationStatistics(
        there.map(toMeasure),
        analysed(),
        () => warehouse.connect(),
        opened.targetFolder,
        request.signal,
      )
    : { measured: new Map<NodeId, Measured>(), errors: [] };
  const found = [...there, ...(await outside)];
  const entries = found.map((one): readonly [NodeId, CatalogNode] => [
    one.node.unique_id,
    catalogNode(one, measured.get(one.node.unique_id)),
  ]);
  return {
    metadata: {
      dbt_schema_version: 'https://schemas.getdbt.com/dbt/catalog/v1.json',
      dbt_version: '1.12.0',
      generated_at: options.now.toISOString(),
      invocation_id: opened.invocationId ?? randomUUID(),
      invocation_started_at: options.now.toISOString(),
      env: {},
    },
    nodes: Object.fromEntries(entries.filter(([id]) => !id.startsWith('source.'))),
    sources: Object.fromEntries(entries.filter(([id]) => id.startsWith('source.'))),
    errors: errors.length > 0 ? errors : null,
  };
}

/** Every relation of the project that is there, with where its rows are. */
function standing({ opened, state, inventory }: CatalogRequest): readonly Found[] {
  const found: Found[] = [];
  for (const node of Object.values(opened.manifest.nodes)) {
    if (node.relation_name === null || !['model', 'seed', 'snapshot'].includes(node.resource_type)) continue;
    const there = inventoried(inventory, node);
    if (!there) continue;
    const version = publishedVersion(state, relationOf(node));
    const kept =
      version?.physical.kind === 'table'
        ? inventory.get(keyOf(version.database, LEDGER_SCHEMA, `${version.schema}.${version.alias}@${version.version}`))
        : undefined;
    found.push({ node, columns: there.columns, ...placeOf(kept ?? there), version });
  }
  for (const source of Object.values(opened.manifest.sources)) {
    const call = externalRelation(source, opened.project.folder);
    const there = call === undefined ? inventoried(inventory, source) : undefined;
    if (there) found.push({ node: source, columns: there.columns, ...placeOf(there), version: undefined });
  }
  return found;
}

/** Sources that are files. */
function external(
  { manifest, project }: OpenedProject,
  columnsOf: ReadonlyMap<NodeId, readonly Column[]>,
): readonly Found[] {
  return Object.values(manifest.sources).flatMap((source): readonly Found[] => {
    const from = externalRelation(source, project.folder);
    const columns = columnsOf.get(source.unique_id);
    if (from === undefined || !columns) return [];
    const described = columns.map((column) => ({ ...column, comment: null }));
    return [{ node: source, columns: described, from, rows: null, version: undefined }];
  });
}

const placeOf = ({ database, schema, name, rows }: Inventoried): Pick<Found, 'from' | 'rows'> => ({
  from: [database, schema, name].map(quotedIdentifier).join('.'),
  rows,
});

interface Inventoried {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  /** About how many; null for a view. */
  readonly rows: number | null;
  readonly columns: Found['columns'];
}

/** By `keyOf`. */
export type Inventory = ReadonlyMap<string, Inventoried>;

/** What stands under the node's public name. */
export const inventoried = (inventory: Inventory, node: GraphNode | SourceNode): Inventoried | undefined =>
  inventory.get(keyOf(node.database, node.schema, node.resource_type === 'source' ? node.identifier : node.alias));

const keyOf = (database: string, schema: string, name: string): string =>
  [database, schema, name].join('\u0000').toLowerCase();

export async function inventoryOf(connection: Connection): Promise<Inventory> {
  const { rows } = await connection.query(inventorySql(LEDGER_SCHEMA));
  return new Map(
    rows.map((row) => {
      const [database = '', schema = '', name = ''] = row.slice(0, 3).map(String);
      const [, , , size, columns] = row;
      const about = {
        database,
        schema,
        name,
        rows: size === null || size === undefined ? null : Number(size),
        // The statement wrote it.
        columns: typeof columns === 'string' ? (JSON.parse(columns) as Found['columns']) : [],
      };
      return [keyOf(database, schema, name), about];
    }),
  );
}

function catalogNode({ node, columns, version }: Found, measured: Measured | undefined): CatalogNode {
  const isSource = node.resource_type === 'source';
  const rows = measured?.rows ?? (version === undefined || isSlice(version) ? null : version.rows);
  const bytes = version?.bytes ?? null;
  const described = (name: string): ManifestColumn | undefined =>
    Object.values(node.columns).find((column) => column.name.toLowerCase() === name.toLowerCase());
  return {
    unique_id: node.unique_id,
    metadata: {
      // What readers see is a view whatever it is; the materialization is what it is.
      type: isSource
        ? node.external === null
          ? 'table'
          : 'external'
        : (version?.materialized ?? node.config.materialized),
      schema: node.schema,
      name: isSource ? node.identifier : node.alias,
      database: node.database,
      comment: node.description === '' ? null : node.description,
      owner: textOf(node.meta['owner']) ?? null,
    },
    columns: Object.fromEntries(
      columns.map(({ name, type, comment }, index) => {
        const statistics = measured?.columns[name];
        return [
          name,
          {
            type,
            name,
            index: index + 1,
            comment: comment ?? (described(name)?.description || null),
            ...(statistics ? { meta: { dql: statistics } } : {}),
          },
        ];
      }),
    ),
    stats: statsOf(rows, bytes),
    meta: { dql: { rows, bytes, sampled: measured?.sampled ?? null } },
  };
}

/** Of a delta's version only the slice it wrote was counted, not the rows that stayed; the first of them is all there was. */
export const isSlice = ({ physical, version }: VersionRecord): boolean =>
  physical.kind === 'delta' && physical.baseVersion !== version;

/** dbt's shape: what dbt's own docs and others show. */
function statsOf(rows: number | null, bytes: number | null): Readonly<Record<string, Json>> {
  const stat = (id: string, label: string, value: Json, description: string, include = true): Json => ({
    id,
    label,
    value,
    description,
    include,
  });
  const known = rows !== null || bytes !== null;
  return {
    ...(rows === null ? {} : { row_count: stat('row_count', 'Row Count', rows, 'Rows of the published version') }),
    ...(bytes === null ? {} : { bytes: stat('bytes', 'Approximate Size', bytes, 'Bytes of the published version') }),
    has_stats: stat('has_stats', 'Has Stats?', known, 'Indicates whether there are statistics for this table', false),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

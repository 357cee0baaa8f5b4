/** The room's front door: Manifest + catalogue + RunResults → the files of the docs and lineage site. Pure; `app` writes them. */
import { withoutQuotedValues } from '../core/quoted-values.ts';
import type { Held } from '../run/results.ts';
import type { ColumnEdge } from './column-edge.ts';
import { itemDetail } from './item-detail.ts';
import { personalData, withoutSecrets } from './privacy.ts';
import { safeHtml } from './safe-html.ts';
import {
  type ColumnLineageData,
  type GuideData,
  ITEMS_PER_SHARD,
  type ItemDetail,
  type SiteIndex,
  type WrittenIndex,
} from './site-data.ts';
import { siteFacts } from './site-facts.ts';
import { siteIndex, writtenIndex } from './site-index.ts';
import type { SiteFile, SiteInput } from './site-input.ts';
import { type DataBlob, sitePage } from './site-page.ts';

export { type Catalog, type CatalogColumn, type CatalogNode, type ColumnStatistics, EMPTY_CATALOG } from './catalog.ts';
export {
  inventorySql,
  type MeasuredRelation,
  ROW_CAP,
  readSummary,
  spreadSql,
  statisticsOf,
  summarySql,
} from './catalog-sql.ts';
export type { ColumnEdge } from './column-edge.ts';
export { withoutValues } from './column-statistics.ts';
export {
  type KeptVersion,
  type MeasuredFreshness,
  type NodeHistory,
  ROLLED_BACK,
  type RolledBack,
  type RunHistoryEntry,
  type TestHistory,
} from './history.ts';
export { type PersonalData, personalData } from './privacy.ts';
export type { GuideSection, SiteFile, SiteInput } from './site-input.ts';
export { SMALL_VALUES, smallRelationsSql, smallStatistics } from './small-relations-sql.ts';

/** The files of the docs and lineage site. Rejects only when an asset is missing, which is a broken installation. */
export async function buildSite(given: SiteInput): Promise<readonly SiteFile[]> {
  const input = withComplaintsCut(withSecretsBlotted(given));
  const facts = siteFacts(input);
  const index = siteIndex(facts);
  const blobs: Promise<DataBlob>[] = [];
  // Each is packed while the next is made.
  const add = (name: string, value: WrittenIndex | readonly ItemDetail[] | ColumnLineageData | GuideData) => {
    const packed = input.gzip(JSON.stringify(value));
    blobs.push(packed.then((base64) => ({ name, base64 })));
  };
  add('index', writtenIndex(index));
  for (let first = 0; first < facts.nodes.length; first += ITEMS_PER_SHARD) {
    const nodes = facts.nodes.slice(first, first + ITEMS_PER_SHARD);
    add(
      `items-${first / ITEMS_PER_SHARD}`,
      nodes.map((node) => itemDetail(node, facts)),
    );
  }
  add(
    'columns',
    columnLineageData(input.columnLineage ?? [], index, (id) => facts.positionOf.get(id)),
  );
  add('guide', Object.fromEntries((input.guide ?? []).map(({ slug, markdown }) => [slug, safeHtml(markdown, 1)])));
  return sitePage({
    title: input.projectTitle,
    assets: input.assets,
    blobs: await Promise.all(blobs),
    singleFile: input.singleFile,
  });
}

/** Before anything is made of it: once a secret is escaped for HTML it is not recognised. */
function withSecretsBlotted(input: SiteInput): SiteInput {
  const { assets, gzip, now, personal, secrets = [], singleFile, ...told } = input;
  return { ...withoutSecrets(told, secrets), ...(personal && { personal }), assets, gzip, now, singleFile };
}

function withComplaintsCut(input: SiteInput): SiteInput {
  const { manifest, columnLineage = [], results, held } = input;
  const personal = input.personal ?? personalData(manifest, columnLineage);
  if (!personal.exists) return { ...input, personal };
  const cut = (why: Held): Held => ({ ...why, reason: withoutQuotedValues(why.reason) });
  return {
    ...input,
    personal,
    ...(results && {
      results: {
        ...results,
        results: results.results.map(({ message, meta, ...result }) => ({
          ...result,
          message: message === null ? null : withoutQuotedValues(message),
          meta: { ...meta, dql: { ...meta.dql, ...(meta.dql.held && { held: cut(meta.dql.held) }) } },
        })),
      },
    }),
    ...(held && { held: Object.fromEntries(Object.entries(held).map(([id, why]) => [id, cut(why)])) }),
  };
}

function columnLineageData(
  edges: readonly ColumnEdge[],
  index: SiteIndex,
  positionOf: (id: string) => number | undefined,
): ColumnLineageData {
  const columns = index.items.map((item) => new Map((item.columns ?? []).map((name, at) => [name.toLowerCase(), at])));
  return edges.flatMap(({ from, to, kind }) => {
    const [source, target] = [positionOf(from.node), positionOf(to.node)];
    if (source === undefined || target === undefined) return [];
    const sourceColumn = columns[source]?.get(from.column.toLowerCase());
    const targetColumn = columns[target]?.get(to.column.toLowerCase());
    if (sourceColumn === undefined || targetColumn === undefined) return [];
    return [source, sourceColumn, target, targetColumn, kind === 'copy' ? 1 : 0];
  });
}

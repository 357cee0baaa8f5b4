/** Everything the site is made of. `app` fetches it; this room only arranges it. */

import type { Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Held, RunResults } from '../run/results.ts';
import type { Catalog } from './catalog.ts';
import type { ColumnEdge } from './column-edge.ts';
import type { KeptVersion, MeasuredFreshness, RolledBack, RunHistoryEntry } from './history.ts';
import type { PersonalData } from './privacy.ts';

/** A chapter of the guide. */
export interface GuideSection {
  /** Last part of its address: `#/guide/tutorial`. */
  readonly slug: string;
  readonly title: string;
  readonly markdown: string;
}

export interface SiteInput {
  readonly projectTitle: string;
  readonly manifest: Manifest;
  readonly catalog: Catalog;
  readonly results?: RunResults;
  /** Past runs, in any order; the newest 60 are shown. */
  readonly history?: readonly RunHistoryEntry[];
  readonly versions?: Readonly<Record<NodeId, readonly KeptVersion[]>>;
  /** What is held now, from the ledger; without it the last run's word is taken. */
  readonly held?: Readonly<Record<NodeId, Held>>;
  readonly rolledBack?: Readonly<Record<NodeId, RolledBack>>;
  readonly columnLineage?: readonly ColumnEdge[];
  /** Which columns' values must not be shown; found out in `manifest` and `columnLineage` when absent, which may be a part of the project. */
  readonly personal?: PersonalData;
  /** What columns have from those they are copied from, by `inheritedKey`. */
  readonly inherited?: ReadonlyMap<string, InheritedFacts>;
  /** By criterion, `state:modified`: what it selects. What is missing cannot be told. */
  readonly answers?: Readonly<Record<string, readonly NodeId[]>>;
  /** What `state:` compared with, in words. */
  readonly comparedWith?: string;
  readonly freshness?: Readonly<Record<NodeId, MeasuredFreshness>>;
  readonly guide?: readonly GuideSection[];
  /** Values that must not appear anywhere on the site (`DBT_ENV_SECRET_…`, resolved passwords). */
  readonly secrets?: readonly string[];
  /** How a reader opens the warehouse, for the examples of how to query: `warehouse.duckdb`. */
  readonly warehouse?: string;
  /** The files of `dist/docs/assets` by name: `index.html`, `app.css`, `app.js`. */
  readonly assets: Readonly<Record<string, string>>;
  /** One HTML file to send by mail, instead of a page with its data beside it. */
  readonly singleFile: boolean;
  /** gzip in base64 (by `node:zlib`, beside the program): handed in, since pure rooms import no such thing. */
  readonly gzip: (text: string) => Promise<string>;
  readonly now: Date;
}

/** A file of the site; paths are relative to its folder, with forward slashes. */
export interface SiteFile {
  readonly path: string;
  readonly text: string;
}

export interface InheritedFacts {
  /** `stg_orders.amount`, whose description the column shows. */
  readonly describedBy?: string;
  /** Tests that hold for the column, too. */
  readonly tests: readonly NodeId[];
}

export const inheritedKey = (node: NodeId, column: string): string => `${node} ${column.toLowerCase()}`;

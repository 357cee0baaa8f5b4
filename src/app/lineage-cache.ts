/** What column lineage found out, kept in target/.dql/lineage.json by content: the same SQL over the same columns is not analysed again. */

import { join } from 'node:path';
import { writeTarget } from '../disk/write-target.ts';
import type { Column } from '../engine/engine.ts';
import { type ModelAnalysis, readAnalysis, writeAnalysis } from '../lineage/model-analysis.ts';
import { readArtifact } from './choose-nodes.ts';

export interface KnownModel {
  readonly columns: readonly Column[];
  readonly analysis: ModelAnalysis;
}

interface Kept {
  readonly columns: readonly Column[];
  readonly analysis: string;
}

/** Entries that this command used are written back; what nobody asked for any more is dropped. */
export class LineageCache {
  readonly #folder: string;
  readonly #before: Readonly<Record<string, Kept>>;
  readonly #used = new Map<string, Kept>();
  #grew = false;
  #hashes: ReadonlySet<string> | undefined;

  constructor(targetFolder: string) {
    this.#folder = targetFolder;
    this.#before = readArtifact<Record<string, Kept>>(join(targetFolder, '.dql'), 'lineage.json') ?? {};
  }

  /** Whether SQL with this hash was analysed before, over whatever columns. */
  knows(sqlHash: string): boolean {
    this.#hashes ??= new Set(Object.keys(this.#before).map((key) => key.slice(0, key.indexOf(' '))));
    return this.#hashes.has(sqlHash);
  }

  model(key: string): KnownModel | undefined {
    const kept = this.#before[key];
    const analysis = kept && readAnalysis(kept.analysis);
    if (!kept || !analysis) return undefined;
    this.#used.set(key, kept);
    return { columns: kept.columns, analysis };
  }

  /** Columns of something without SQL, such as a seed's file. */
  columns(key: string): readonly Column[] | undefined {
    const kept = this.#before[key];
    if (kept) this.#used.set(key, kept);
    return kept?.columns;
  }

  keep(
    key: string,
    { columns, analysis }: { readonly columns: readonly Column[]; readonly analysis?: ModelAnalysis },
  ): void {
    this.#grew = true;
    this.#used.set(key, { columns, analysis: analysis ? writeAnalysis(analysis) : '' });
  }

  write(): void {
    if (!this.#grew) return;
    writeTarget(this.#folder, [{ path: '.dql/lineage.json', text: JSON.stringify(Object.fromEntries(this.#used)) }]);
  }
}

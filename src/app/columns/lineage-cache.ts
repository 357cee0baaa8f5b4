/** What column lineage found out, kept in target/.dql/lineage by content: the same SQL over the same columns is not analysed again. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileToWrite } from '../../disk/write-target.ts';
import type { Column } from '../../engine/engine.ts';
import type { QueryLineage } from '../../lineage/lineage.ts';
import { type KeptModel, readKept, writeKept } from '../../lineage/model-analysis.ts';

export interface KnownModel extends KeptModel {
  readonly lineage: QueryLineage;
}

const FILE = '.dql/lineage';

/** Entries that this command used are written back; what nobody asked for any more is dropped. */
export class LineageCache {
  readonly #before: Readonly<Record<string, KeptModel>>;
  readonly #used = new Map<string, KeptModel>();
  #grew = false;

  constructor(targetFolder: string) {
    const path = join(targetFolder, FILE);
    this.#before = (existsSync(path) ? readKept(readFileSync(path, 'utf8')) : undefined) ?? {};
  }

  model(key: string): KnownModel | undefined {
    const kept = this.#used.get(key) ?? this.#before[key];
    if (!kept?.lineage) return undefined;
    this.#used.set(key, kept);
    return { columns: kept.columns, lineage: kept.lineage };
  }

  /** Columns of something without SQL, such as a seed's file. */
  columns(key: string): readonly Column[] | undefined {
    const kept = this.#before[key];
    if (kept) this.#used.set(key, kept);
    return kept?.columns;
  }

  keep(key: string, known: KeptModel): void {
    this.#grew = true;
    this.#used.set(key, known);
  }

  /** What to write for the next command; nothing when that is what it found. */
  written(): readonly FileToWrite[] {
    return this.#grew ? [{ path: FILE, text: writeKept(Object.fromEntries(this.#used)) }] : [];
  }
}

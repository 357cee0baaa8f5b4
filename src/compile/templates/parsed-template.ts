import type { Json } from '../../core/node-id.ts';

/** Offsets into the file, for carets. */
export type Stretch = readonly [start: number, end: number];

export interface ParsedRef {
  readonly name: string;
  readonly package: string | null;
  readonly version: string | number | null;
  readonly at: Stretch;
}

export interface ParsedSource {
  readonly source: string;
  readonly table: string;
  readonly at: Stretch;
}

/** A name a template uses that somebody must define: `cents_to_dollars`, `dbt_utils.star`, `adapter.dispatch`. */
export interface UsedName {
  readonly name: string;
  readonly at: Stretch;
  /** False for names that are only read, e.g. `target`. */
  readonly called: boolean;
}

/** `from main.orders`: a relation written out. Parts are unquoted. */
export interface LiteralReference {
  readonly parts: readonly string[];
  readonly at: Stretch;
}

/** What parsing a file with SQL found out: plain JSON, so that the next run can take it over while the file has the same content. */
export interface ParsedTemplate {
  /** sha256 of the text, hex. */
  readonly hash: string;
  /**
   * What else the facts depend on: '' when only on the text (all calls were literal), else a fingerprint of vars, target, flags,
   * macros and the environment variables read.
   */
  readonly world: string;
  readonly refs: readonly ParsedRef[];
  readonly sources: readonly ParsedSource[];
  /** All config() calls merged. */
  readonly config: Readonly<Record<string, Json>>;
  /** The same as written, where that differs. */
  readonly unrenderedConfig: Readonly<Record<string, Json>>;
  readonly names: readonly UsedName[];
  /** Macros reached while rendering. */
  readonly macros: readonly string[];
  readonly varsRead: Readonly<Record<string, Json>>;
  /** Null: it was asked for and not set. */
  readonly envRead: Readonly<Record<string, string | null>>;
  readonly literalReferences: readonly LiteralReference[];
}

import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json } from '../core/node-id.ts';
import type { ParsedTemplate } from './templates/parsed-template.ts';

/** Values of `flags.*`, lower-case as dbt's options are spelt; templates may ask in capitals, too. */
export interface Flags {
  readonly full_refresh?: boolean | null;
  readonly store_failures?: boolean | null;
  readonly empty?: boolean;
  /** The command: `build`, `run`, `test` … */
  readonly which?: string;
  readonly [name: string]: Json | undefined;
}

/** The data tests somebody else turns into SQL. */
export interface KnownChecks {
  /** `not_null`, `dbt_utils.expression_is_true`. */
  has(name: string): boolean;
  readonly names: readonly string[];
  /** What is wrong with arguments and options of one of them, where that can be told before anything is rendered; the place is filled in. */
  complaints?(
    name: string,
    kwargs: Readonly<Record<string, Json>>,
    config: Readonly<Record<string, Json>>,
  ): readonly Pick<Diagnostic, 'code' | 'message' | 'hint'>[];
  /** The same for the options of a test that is a query of the project's own, given the relations that it reads. */
  queryComplaints?(
    config: Readonly<Record<string, Json>>,
    inputs: readonly { readonly name: string; readonly isTested: boolean }[],
  ): readonly Pick<Diagnostic, 'code' | 'message' | 'hint'>[];
}

/** Parsed templates as JSON, kept between runs by whoever calls the compiler. Keys name the text's content. */
export interface TemplateCache {
  get(key: string): Json | undefined;
  set(key: string, template: Json): void;
}

export interface CompileOptions {
  readonly flags: Flags;
  readonly invocationId: string;
  /** `run_started_at`, and what the clock says to templates. */
  readonly runStartedAt: Date;
  readonly generatedAt: Date;
  /** dql's version, for `metadata.dql_version`. Default `0.0.0`. */
  readonly version?: string;
  readonly knownChecks: KnownChecks;
  /** Allowed values of `materialized`, beside materializations that the project defines itself. */
  readonly materializations: readonly string[];
  /** Facts of the run before, by content hash: unchanged files are not parsed again. */
  readonly reuse?: ReadonlyMap<string, ParsedTemplate>;
  /** Templates that an earlier run parsed need not be parsed again. */
  readonly templates?: TemplateCache;
}

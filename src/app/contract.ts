/**
 * The door of `app`: every use case is a function from options to a plain answer, telling what happens on the way by events.
 * It prints nothing and never exits. Called wrong or unable to start, it rejects with `DqlError`; a node or test that failed is
 * part of the answer, not a rejection. When `signal` aborts it stops as soon as nothing is half-published, and answers what it has.
 */
import type { Json, NodeId } from '../core/node-id.ts';
import type { Path } from '../core/source.ts';
import type { JobEvent } from '../lineage/open-lineage.ts';
import type * as answers from '../report/answers.ts';
import type { Describe } from '../report/describe.ts';
import type { RunEvent, RunResults } from '../run/results.ts';

export type * from '../report/answers.ts';
export type { Describe, NodeDescription } from '../report/describe.ts';

export type IndirectSelection = 'eager' | 'cautious' | 'buildable' | 'empty';

/** Which warnings become errors or are not shown: dbt's `--warn-error-options`. Names are diagnostic codes or dbt's event names. */
export interface WarnErrorOptions {
  readonly error: 'all' | readonly string[];
  readonly warn: readonly string[];
  readonly silence: readonly string[];
}

/** What every command can be told. The CLI fills all of it. */
export interface CommonOptions {
  /** Absolute. The CLI looks for project.yml or dbt_project.yml here and in the folders above the current one. */
  readonly projectDir: string;
  /** Absolute folder of profiles.yml. */
  readonly profilesDir?: string | undefined;
  readonly target?: string | undefined;
  readonly profile?: string | undefined;
  readonly vars: Readonly<Record<string, Json>>;
  /** Relative to the project, or absolute; default `target` or what project.yml says. */
  readonly targetPath?: string | undefined;
  readonly threads?: number | undefined;
  /** Selections are kept as typed: one entry an argument, each may hold several by space (union) or comma (intersection). */
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  readonly selector?: string | undefined;
  readonly indirectSelection: IndirectSelection;
  readonly resourceTypes: readonly string[];
  readonly excludeResourceTypes: readonly string[];
  /** A folder with a manifest.json, or a warehouse file whose ledger is read; absolute. */
  readonly state?: string | undefined;
  readonly defer: boolean;
  readonly favorState: boolean;
  readonly deferState?: string | undefined;
  readonly fullRefresh: boolean;
  readonly failFast: boolean;
  readonly warnError: boolean;
  readonly warnErrorOptions: WarnErrorOptions;
  /** Builds with no rows from refs and sources: dbt's `--empty`. */
  readonly empty: boolean;
  /** dbt's `--sample`: `3 days`, or `{start: …, end: …}` as typed. */
  readonly sample?: string | undefined;
  /** Overrides the tests' own `store_failures`. */
  readonly storeFailures?: boolean | undefined;
  readonly eventTimeStart?: string | undefined;
  readonly eventTimeEnd?: string | undefined;
  /** Nothing is reused. */
  readonly force: boolean;
  /** Replaces relations that dql did not make. */
  readonly adopt: boolean;
  /** Seconds to wait for the warehouse when another process writes; 0 does not wait. Default: the target's `lock_timeout`. */
  readonly lockTimeout?: number | undefined;
  readonly now: Date;
  /** False: templates may not ask the warehouse while compiling (`--no-introspect`). */
  readonly introspect: boolean;
  /** False: reads nothing from and writes nothing to the parse cache. */
  readonly partialParse: boolean;
  /** False: target/*.json is not written (`--no-write-json`). */
  readonly writeJson: boolean;
  /** What was typed, for the artifacts. Not yet masked. */
  readonly invocationCommand: string;
  /** The environment of the process, without the project's `.env`. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Names of the options above that were given by a flag or an environment variable, as spelled here (`failFast`). The rest are
   * defaults, which `flags:` in project.yml may replace.
   */
  readonly given: readonly string[];
  /** dql's version, for artifacts and the ledger. */
  readonly version: string;
}

/** What is known as soon as the project is compiled, before the first event. */
export interface ProjectFacts {
  readonly describe: Describe;
  /** Values that must never be shown: secrets from `.env` and the target, besides those the CLI finds in the environment. */
  readonly secrets: readonly string[];
}

export interface Hooks {
  onEvent(event: RunEvent): void;
  onProject?(facts: ProjectFacts): void;
  readonly signal: AbortSignal;
}

export type UseCase<Options, Answer> = (options: CommonOptions & Options, hooks: Hooks) => Promise<Answer>;

/** No options of its own. */
export type Nothing = Readonly<Record<never, never>>;

export interface InlineOptions {
  /** A template to use instead of a selection. */
  readonly inline?: string | undefined;
}
export interface ShowOptions extends InlineOptions {
  /** Rows at most; -1 for all. */
  readonly limit: number;
}
export interface HistoryOptions {
  /** One run in detail. */
  readonly run?: string | undefined;
  readonly limit: number;
}
export interface RollbackOptions {
  /** `orders@3`, `orders`, …; none with `toRun` or `toGit`: everything. */
  readonly models: readonly string[];
  readonly toRun?: string | undefined;
  readonly toGit?: string | undefined;
  readonly withDescendants: boolean;
  readonly dryRun: boolean;
}
export interface VerifyOptions {
  /** Closed intervals to rebuild per model; `whole` compares everything. */
  readonly intervals: number;
  readonly whole: boolean;
  /** Makes the choice of intervals repeatable. */
  readonly seed?: number | undefined;
}
export interface DiffOptions {
  /** Run ids, targets, `MODEL`, `MODEL@VERSION`. With one, it is compared with its last version; with none, with the published state. */
  readonly left?: string | undefined;
  readonly right?: string | undefined;
  readonly key: readonly string[];
  readonly limit: number;
}
export interface LineageOptions {
  /** `orders` or `orders.amount`. */
  readonly of: string;
  readonly upstream: boolean;
  readonly downstream: boolean;
  /** Steps at most; absent: all. */
  readonly depth?: number | undefined;
}
export interface ImpactOptions {
  /** A run id; `state` otherwise. */
  readonly against?: string | undefined;
}
export type CiPolicy = 'tests' | 'breaking' | 'schema' | 'rows' | 'coverage';
export interface CiOptions {
  /** What decides the exit code. Default: `tests`. */
  readonly failOn: readonly CiPolicy[];
  /** Rows shown per changed relation. */
  readonly limit: number;
  readonly key: readonly string[];
}
export interface CiAnswer {
  readonly results: RunResults;
  readonly diff: answers.DiffAnswer;
  readonly impact: answers.ImpactAnswer;
  /** Tests that fail now and did not before. */
  readonly newly_failing: readonly NodeId[];
  /** One sentence for each policy that was violated. */
  readonly violations: readonly string[];
}
export interface DocsOptions {
  readonly singleFile: boolean;
  /** False: uses the manifest of the last command as it is. */
  readonly compile: boolean;
  readonly emptyCatalog: boolean;
  /** Folder or file to write; default `target/docs`. */
  readonly to?: string | undefined;
}
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** Told when it listens. The use case resolves when the signal aborts. */
  readonly onListening: (url: string) => void;
}
export interface OperationOptions {
  /** A macro's name, or none with `sql`. */
  readonly macro?: string | undefined;
  readonly args: Readonly<Record<string, Json>>;
  readonly sql?: string | undefined;
}
export interface CleanOptions {
  /** Collects versions nobody needs instead of folders. */
  readonly versions: boolean;
  /** Takes from readers what nothing in the project makes any more, instead of folders. */
  readonly orphans: boolean;
}
export interface InitOptions {
  /** Absolute. */
  readonly folder: string;
  readonly ci?: 'github' | 'gitlab' | undefined;
  /** Only adds what is missing to a folder that is not empty. */
  readonly force: boolean;
}
export interface FreshnessOptions {
  /** Where sources.json goes besides the target folder. */
  readonly to?: Path | undefined;
}
export interface CoverageOptions {
  /** Percent; below it the exit code is 1. */
  readonly failUnder?: number | undefined;
}

/** What each use case takes besides `CommonOptions`, and what it answers. */
interface Shapes {
  readonly run: { takes: Nothing; answers: RunResults };
  readonly test: { takes: Nothing; answers: RunResults };
  readonly build: { takes: Nothing; answers: RunResults };
  readonly seed: { takes: Nothing; answers: RunResults };
  readonly snapshot: { takes: Nothing; answers: RunResults };
  readonly retry: { takes: Nothing; answers: RunResults };
  readonly plan: { takes: Nothing; answers: answers.PlanView };
  readonly explainTests: { takes: Nothing; answers: answers.TestExplanation };
  readonly compile: { takes: InlineOptions; answers: answers.CompileAnswer };
  readonly parse: { takes: Nothing; answers: answers.ParseAnswer };
  readonly ls: { takes: Nothing; answers: answers.LsAnswer };
  readonly show: { takes: ShowOptions; answers: answers.ShowAnswer };
  readonly debug: { takes: Nothing; answers: answers.DebugAnswer };
  readonly sourceFreshness: { takes: FreshnessOptions; answers: answers.FreshnessResults };
  readonly history: { takes: HistoryOptions; answers: answers.HistoryAnswer };
  readonly versions: { takes: Nothing; answers: answers.VersionsAnswer };
  readonly rollback: { takes: RollbackOptions; answers: answers.RollbackAnswer };
  readonly verify: { takes: VerifyOptions; answers: answers.VerifyAnswer };
  readonly diff: { takes: DiffOptions; answers: answers.DiffAnswer };
  /** `state` or `from`: a target whose tables are opened. */
  readonly clone: { takes: { readonly from?: string | undefined }; answers: answers.CloneAnswer };
  readonly promote: { takes: { readonly from: string; readonly to: string }; answers: answers.PromoteAnswer };
  readonly lineage: { takes: LineageOptions; answers: answers.LineageAnswer };
  /** Of the models around `of`; of all models without. */
  readonly openLineage: { takes: Partial<LineageOptions>; answers: readonly JobEvent[] };
  readonly impact: { takes: ImpactOptions; answers: answers.ImpactAnswer };
  readonly inspect: { takes: { readonly test: string; readonly limit: number }; answers: answers.InspectAnswer };
  readonly coverage: { takes: CoverageOptions; answers: answers.CoverageAnswer };
  readonly ci: { takes: CiOptions; answers: CiAnswer };
  readonly docsGenerate: { takes: DocsOptions; answers: answers.DocsAnswer };
  readonly docsServe: { takes: ServeOptions; answers: answers.ServeAnswer };
  readonly runOperation: { takes: OperationOptions; answers: answers.OperationAnswer };
  readonly clean: { takes: CleanOptions; answers: answers.CleanAnswer };
  readonly init: { takes: InitOptions; answers: answers.InitAnswer };
}
export type UseCaseName = keyof Shapes;
export type SpecificOptions<Name extends UseCaseName> = Shapes[Name]['takes'];
export type Answer<Name extends UseCaseName> = Shapes[Name]['answers'];

/** Every use case: `docsGenerate` lives in `app/docs-generate.ts` and is exported as `docsGenerate`. */
export type UseCases = {
  readonly [Name in UseCaseName]: UseCase<SpecificOptions<Name>, Answer<Name>>;
};

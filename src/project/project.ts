/**
 * ProjectFiles → Project: project.yml (or dbt_project.yml and profiles.yml) and property files, checked by zod, spans kept.
 * Never touches files; never renders models.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json } from '../core/node-id.ts';
import type { Path, SourceFile, Span } from '../core/source.ts';
import type {
  AnalysisProperties,
  ExposureProperties,
  GroupProperties,
  MacroProperties,
  ModelProperties,
  Opaque,
  SeedProperties,
  SingularTestProperties,
  SnapshotProperties,
  SourceProperties,
  UnitTestProperties,
} from './schema/properties.ts';

export type * from './schema/properties.ts';

export type JsonObject = Readonly<Record<string, Json>>;

/** What `disk` read. Binary and large files (seeds) come as facts, not as text. */
export interface ProjectFiles {
  /** Absolute path of the project folder; for messages and for resolving relative locations only. */
  readonly root: string;
  /** Everything that is text: yml, sql, md, selectors.yml, .env … , packages' files under their install path included. */
  readonly files: readonly SourceFile[];
  /** Data files: seeds and unit-test fixtures. `text` is there for fixtures and for seeds up to 1 MiB. */
  readonly data: readonly DataFile[];
  /** The environment a command was started with, `.env` already merged under it (the shell wins). */
  readonly environment: Readonly<Record<string, string>>;
  /** Files that could not be read. */
  readonly problems?: readonly Diagnostic[];
}

export interface DataFile {
  readonly path: Path;
  readonly bytes: number;
  /** sha256 of the content, hex. */
  readonly checksum: string;
  readonly text?: string;
}

export interface Attachment {
  readonly path: string;
  readonly alias: string;
  readonly readOnly: boolean;
  readonly type?: string;
  readonly options: Readonly<Record<string, Json>>;
}

export interface Extension {
  readonly name: string;
  /** Where it is installed from, if not from DuckDB's own. */
  readonly repository?: string;
}

/** One place to build into, after env_var() was rendered. */
export interface Target {
  readonly name: string;
  readonly profileName: string;
  readonly type: 'duckdb';
  /** `:memory:` or a path relative to the project's root (or absolute). */
  readonly path: string;
  /** Name of the database as relations spell it: the file's basename without extension, `memory` for `:memory:`. */
  readonly database: string;
  readonly schema: string;
  readonly threads: number;
  readonly settings: Readonly<Record<string, Json>>;
  readonly extensions: readonly Extension[];
  readonly attach: readonly Attachment[];
  /** How relations are published: `view` (default) or `table`. */
  readonly publish: 'view' | 'table';
  /** Percent (0–100] of source rows a sampled target reads; absent: all. */
  readonly sample?: number;
  /** Path onto which a copy of the public relations is renamed after each publication. */
  readonly serve?: string;
  /** Default folder for exported (`external`) files without a location. */
  readonly externalRoot: string;
  /** Secrets to create in DuckDB, each with a `type`. Never printed. */
  readonly createSecrets: readonly JsonObject[];
  /** Options given when the database is opened. */
  readonly configOptions: JsonObject;
  /** Seconds to wait for a database that somebody else holds. Default 0. */
  readonly lockTimeout: number;
  /** How often a failing statement is tried again. Default 0. */
  readonly retries: number;
  /** Seconds before the first retry. Default 1. */
  readonly retryDelay: number;
  /** What stands in for relations not built here: a target's name or a folder with a manifest. */
  readonly defer?: string;
  /** The target's own retention, else the project's. */
  readonly retention: Retention;
  /** Everything as rendered, for `target.x` in templates; may hold secrets. */
  readonly raw: Readonly<Record<string, Json>>;
}

/** A parsed YAML value together with the places it came from. */
export interface Located<T> {
  readonly value: T;
  readonly file: Path;
  /** The place of the value at a path inside it (`['columns', 0, 'name']`); of the nearest enclosing value when absent there. */
  readonly span: (path?: readonly (string | number)[]) => Span;
}

/** What a name in a property file or a configuration tree may stand for; dbt's spelling of the trees' keys. */
export type ConfigKind =
  | 'models'
  | 'seeds'
  | 'snapshots'
  | 'sources'
  | 'analyses'
  | 'data_tests'
  | 'unit_tests'
  | 'exposures'
  | 'metrics'
  | 'semantic-models'
  | 'saved-queries'
  | 'functions';

/** A nested configuration tree of project.yml, e.g. all below `models:`. `rendered` has env_var() and var() replaced. */
export interface ConfigTree {
  readonly rendered: JsonObject;
  readonly unrendered: JsonObject;
}

/** One text file of a package that holds a resource: a model, a test, macros … */
export interface ResourceFile {
  /** `file.path` is relative to the project's root, for spans. */
  readonly file: SourceFile;
  /** Relative to the package's folder: `models/staging/stg_orders.sql` (dbt's original_file_path). */
  readonly originalPath: Path;
  /** Relative to the resource folder: `staging/stg_orders.sql` (dbt's path). */
  readonly path: Path;
  /** The resource folder as configured: `models`. */
  readonly folder: Path;
  /** File name without extension. */
  readonly stem: string;
}

/** A seed or fixture, located as a ResourceFile is. */
export interface ResourceData {
  readonly data: DataFile;
  readonly originalPath: Path;
  readonly path: Path;
  readonly folder: Path;
  readonly stem: string;
}

/** The files of a package by what dbt takes them for. Each list is sorted by path. */
export interface PackageFiles {
  readonly models: readonly ResourceFile[];
  readonly analyses: readonly ResourceFile[];
  /** tests/*.sql outside tests/generic. */
  readonly singularTests: readonly ResourceFile[];
  /** macros/**.sql and tests/generic/**.sql: where macro, test and materialization blocks are. */
  readonly macros: readonly ResourceFile[];
  readonly snapshots: readonly ResourceFile[];
  /** *.md with docs blocks. */
  readonly docs: readonly ResourceFile[];
  readonly seeds: readonly ResourceData[];
  /** tests/fixtures: CSV and SQL rows of unit tests, by file name without extension. */
  readonly fixtures: readonly (ResourceFile | ResourceData)[];
}

/** Entries of all property files of a package. Values are as written (aliases of dbt's resolved), Jinja not rendered. */
export interface PackageProperties {
  readonly models: readonly Located<ModelProperties>[];
  readonly sources: readonly Located<SourceProperties>[];
  readonly seeds: readonly Located<SeedProperties>[];
  readonly snapshots: readonly Located<SnapshotProperties>[];
  readonly analyses: readonly Located<AnalysisProperties>[];
  readonly macros: readonly Located<MacroProperties>[];
  /** Singular tests' descriptions and configs. */
  readonly dataTests: readonly Located<SingularTestProperties>[];
  readonly unitTests: readonly Located<UnitTestProperties>[];
  readonly exposures: readonly Located<ExposureProperties>[];
  readonly groups: readonly Located<GroupProperties>[];
  /** Kept as they are. */
  readonly metrics: readonly Located<Opaque>[];
  readonly semanticModels: readonly Located<Opaque>[];
  readonly savedQueries: readonly Located<Opaque>[];
  readonly functions: readonly Located<Opaque>[];
}

/** How long earlier versions are kept; absent: no limit of that kind. */
export interface Retention {
  readonly versions?: number;
  readonly days?: number;
  readonly max_size?: string;
}

/** The paths and other settings of a package with dbt's defaults filled in; Jinja is rendered except in hooks and query comments. */
export interface PackageSettings {
  readonly version: string | null;
  readonly modelPaths: readonly Path[];
  readonly seedPaths: readonly Path[];
  readonly testPaths: readonly Path[];
  readonly analysisPaths: readonly Path[];
  readonly macroPaths: readonly Path[];
  readonly snapshotPaths: readonly Path[];
  readonly docsPaths: readonly Path[];
  readonly assetPaths: readonly Path[];
  readonly targetPath: Path;
  readonly logPath: Path;
  readonly packagesInstallPath: Path;
  readonly cleanTargets: readonly Path[];
  /** Only what was set. */
  readonly quoting: {
    readonly database?: boolean;
    readonly schema?: boolean;
    readonly identifier?: boolean;
  };
  /** Raw templates. */
  readonly onRunStart: readonly string[];
  readonly onRunEnd: readonly string[];
  readonly dispatch: readonly {
    readonly macro_namespace: string;
    readonly search_order: readonly string[];
  }[];
  /** null: none. */
  readonly queryComment: {
    readonly comment: string | null;
    readonly append: boolean;
  } | null;
  readonly flags: JsonObject;
  readonly restrictAccess: boolean;
  /** Literal references to published relations are errors instead of warnings. */
  readonly strict: boolean;
  /** `as_ready`: a node is published as soon as it passed; default `together`. */
  readonly publish: 'together' | 'as_ready';
  readonly retention: {
    readonly versions?: number;
    readonly days?: number;
    readonly max_size?: string;
  };
}

/** The project itself or an installed package. */
export interface Package {
  readonly name: string;
  /** Relative to the project's root; '' for the project itself. */
  readonly folder: Path;
  readonly settings: PackageSettings;
  /** project.yml or dbt_project.yml, for spans of hooks (`['on-run-start', 0]`) and configuration. */
  readonly file: Located<JsonObject>;
  readonly configTrees: Readonly<Record<ConfigKind, ConfigTree>>;
  readonly files: PackageFiles;
  readonly properties: PackageProperties;
}

/** Values of var(): look them up with `findVar`. */
export interface Vars {
  readonly commandLine: JsonObject;
  /** `vars:` of the root project and vars.yml: for everybody. */
  readonly global: JsonObject;
  /** Root project's `vars: {package: {…}}`, by package. */
  readonly byPackage: Readonly<Record<string, JsonObject>>;
  /** Installed packages' own defaults, by package. */
  readonly packageDefaults: Readonly<Record<string, JsonObject>>;
}

/** A YAML selector; what its definition means is the room `select`'s business. */
export interface SelectorEntry {
  readonly name: string;
  readonly description: string | null;
  /** `default` may be a boolean or an expression already rendered to one. */
  readonly isDefault: boolean;
  readonly definition: Json;
}

/** What a project is, before any model is rendered. */
export interface Project {
  /** Absolute folder of the project; for messages and relative locations only. */
  readonly folder: string;
  readonly root: Package;
  /** The root first, then installed packages by name. */
  readonly packages: readonly Package[];
  readonly target: Target;
  readonly targetNames: readonly string[];
  readonly vars: Vars;
  readonly selectors: Readonly<Record<string, Located<SelectorEntry>>>;
  /** Everything env_var() may answer. Read it with `readEnvironment` so that secrets stay secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that project.yml, profiles, selectors and packages read, with their values; secrets are left out. */
  readonly environmentRead: Readonly<Record<string, string>>;
  /** Values that no log, artifact or message may show. */
  readonly secrets: readonly string[];
  readonly now: Date;
}

/**
 * ProjectFiles → Project: project.yml (or dbt_project.yml and profiles.yml) and property files, checked by zod, spans kept.
 * Never touches files; never renders models.
 */
import type { Json } from '../core/node-id.ts';
import type { Path, SourceFile, Span } from '../core/source.ts';

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
  readonly extensions: readonly string[];
  readonly attach: readonly Attachment[];
  /** How relations are published: `view` (default) or `table`. */
  readonly publish: 'view' | 'table';
  /** Percent (0–100] of source rows a sampled target reads; absent: all. */
  readonly sample?: number;
  /** Path onto which a copy of the public relations is renamed after each publication. */
  readonly serve?: string;
  /** Default folder for exported (`external`) files without a location. */
  readonly externalRoot: string;
  readonly raw: Readonly<Record<string, Json>>;
}

/** A parsed YAML value together with the places it came from. */
export interface Located<T> {
  readonly value: T;
  readonly file: Path;
  /** The place of the value at a path inside it (`['columns', 0, 'name']`); of the nearest enclosing value when absent there. */
  readonly span: (path?: readonly (string | number)[]) => Span;
}

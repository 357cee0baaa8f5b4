/** What a project's folder says about flags, known before anything of the project is read in earnest. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readDotenv } from '../disk/dotenv.ts';
import { findProjectRoot } from '../disk/find-project-root.ts';

export interface ProjectFlags {
  /** The shell's variables over those of `.env`. */
  readonly environment: Readonly<Record<string, string>>;
  /** `flags:` of project.yml, each value as its environment variable would be written. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Reads leniently: what is wrong with these files is said when the project is opened. */
export function projectFlags(folder: string, shell: Readonly<Record<string, string>>): ProjectFlags {
  const root = findProjectRoot(folder) ?? folder;
  const dotenv = textOf(join(root, '.env'));
  const settings = textOf(join(root, 'project.yml')) ?? textOf(join(root, 'dbt_project.yml'));
  return {
    environment: dotenv === undefined ? shell : { ...readDotenv({ path: '.env', text: dotenv }, shell).value, ...shell },
    // Few projects have flags, and reading all of their settings twice costs milliseconds.
    flags: settings !== undefined && /^flags\s*:/m.test(settings) ? flagsIn(settings) : {},
  };
}

/** Behaviour flags of dbt's, and anything else that is not a flag of the command line, is left to the room `project`. */
export const PROJECT_FLAGS = [
  'debug',
  'fail_fast',
  'indirect_selection',
  'lock_timeout',
  'log_format',
  'log_level',
  'partial_parse',
  'quiet',
  'target_path',
  'use_colors',
  'warn_error',
  'warn_error_options',
  'write_json',
] as const;

function flagsIn(settings: string): Readonly<Record<string, string>> {
  const flags = mappingAt(parsed(settings), 'flags');
  return Object.fromEntries(
    PROJECT_FLAGS.flatMap((name): readonly (readonly [string, string])[] => {
      const value = flags[name];
      if (value === undefined || value === null) return [];
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}

function mappingAt(content: unknown, key: string): Readonly<Record<string, unknown>> {
  const value = typeof content === 'object' && content !== null ? (content as Record<string, unknown>)[key] : undefined; // a mapping has keys
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent', uniqueKeys: false });
  } catch {
    return undefined; // the room `project` says what is wrong with it
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // the room `disk` says what cannot be read
  }
}

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Path, SourceFile } from '../core/source.ts';
import type { DataFile, ProjectFiles } from '../project/project.ts';
import { readDotenv } from './dotenv.ts';
import { PROJECT_FILES } from './find-project-root.ts';
import { type IsIgnored, ignoreRules } from './ignore-rules.ts';
import { type ProjectFolders, projectFolders } from './project-folders.ts';

export { findProjectRoot } from './find-project-root.ts';

export interface ReadOptions {
  /** The shell's variables; `.env` is merged under them. */
  readonly environment: Readonly<Record<string, string>>;
  /** --profiles-dir; else DBT_PROFILES_DIR, the project's folder, ~/.dbt. */
  readonly profilesDir?: string | undefined;
  /** No models, no packages: what says where the warehouse is, and how. */
  readonly settingsOnly?: boolean;
}

/** Data files up to this size are handed on as text, too. */
const TEXT_LIMIT = 1024 * 1024;

const NEVER = new Set(['node_modules', '__pycache__']);

/**
 * Reads everything a project can mean: the text of its configured folders and of installed packages, settings files, `.env`,
 * profiles.yml; of data files their size and sha256. What cannot be read is in `problems`. One thread reads synchronously: with
 * thousands of small files that is three times as fast as any number of promises.
 */
export async function readProjectFiles(root: string, options: ReadOptions): Promise<ProjectFiles> {
  const folder = resolve(root);
  const reader = new FolderReader(folder);
  for (const name of options.settingsOnly ? [...PROJECT_FILES, ...VARIABLES] : SETTINGS) reader.text(name);
  const projectFile = PROJECT_FILES.map((name) => reader.textOf(name)).find((text) => text !== undefined);
  const folders = projectFolders(projectFile);
  if (!options.settingsOnly) await reader.package('', folders);
  for (const installed of options.settingsOnly ? [] : reader.folders(folders.installPath)) {
    const names = [...PROJECT_FILES].map((name) => `${installed}/${name}`);
    for (const name of names) reader.text(name);
    const text = names.map((name) => reader.textOf(name)).find((found) => found !== undefined);
    if (text !== undefined) await reader.package(installed, projectFolders(text));
  }
  const dotenv = reader.text('.env');
  const own = dotenv === undefined ? undefined : readDotenv(dotenv, options.environment);
  if (own !== undefined) reader.problems.push(...own.diagnostics);
  const environment = { ...own?.value, ...options.environment };
  reader.profiles(options.profilesDir ?? environment['DBT_PROFILES_DIR'], environment['HOME'] ?? homedir());
  return { root: folder, files: reader.files(), data: reader.data, environment, problems: reader.problems };
}

const VARIABLES = ['vars.yml', 'vars.yaml'];

/** Files at the project's root that mean something. */
const SETTINGS = [
  ...PROJECT_FILES,
  ...VARIABLES,
  'selectors.yml',
  'selectors.yaml',
  'packages.yml',
  'dependencies.yml',
];

class FolderReader {
  readonly data: DataFile[] = [];
  readonly problems: Diagnostic[] = [];
  private readonly root: string;
  private readonly found = new Map<Path, SourceFile>();
  private readonly seenData = new Set<Path>();
  private readonly ignored: IsIgnored;

  constructor(root: string) {
    this.root = root;
    this.ignored = ignoreRules(['.dbtignore', '.dqlignore'].map((name) => this.text(name)?.text ?? '').join('\n'));
  }

  files(): readonly SourceFile[] {
    return [...this.found.values()];
  }

  textOf(path: Path): string | undefined {
    return this.found.get(path)?.text;
  }

  /** Reads a text file; one that was not listed may be missing. Paths are relative to the root or absolute. */
  text(path: Path, listed = false): SourceFile | undefined {
    const known = this.found.get(path);
    if (known !== undefined) return known;
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.absolute(path));
    } catch (thrown) {
      if (listed || !(isMissing(thrown) || codeOf(thrown) === 'EISDIR')) this.unreadable(path, thrown);
      return undefined;
    }
    let text = bytes.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(bytes)) {
      this.problems.push({
        code: 'disk/not-utf8',
        severity: 'error',
        message: `${path} is not UTF-8 text`,
        hint: 'save the file with the encoding UTF-8',
      });
      return undefined;
    }
    if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    const file = { path, text };
    this.found.set(path, file);
    return file;
  }

  /** Direct subfolders of a folder, as paths. */
  folders(path: Path): readonly Path[] {
    return this.entries(path)
      .filter((entry) => entry.isFolder)
      .map((entry) => entry.path);
  }

  /** Everything in the configured folders of a package. */
  async package(folder: Path, folders: ProjectFolders): Promise<void> {
    const inside = (path: string): Path => joined(folder, path);
    const closed = new Set([...folders.outputs, folders.installPath].map(inside));
    const data = new Set(folders.data.map(inside));
    const text = new Set(folders.text.map(inside));
    for (const start of new Set([...text, ...data]))
      await this.walk(start, closed, text.has(start), data.has(start), new Set());
  }

  private async walk(
    folder: Path,
    closed: ReadonlySet<Path>,
    text: boolean,
    data: boolean,
    links: Set<string>,
  ): Promise<void> {
    for (const { path, name, isFolder, isLink } of this.entries(folder)) {
      // Editors leave hidden files, some of them broken links.
      if (NEVER.has(name) || name.startsWith('.') || this.ignored(path, isFolder)) continue;
      if (isFolder) {
        if (closed.has(path)) continue;
        if (isLink) {
          // A link to a folder above would be walked for ever.
          const real = realpathSync(this.absolute(path));
          if (links.has(real) || `${this.absolute(path)}${sep}`.startsWith(`${real}${sep}`)) continue;
          links.add(real);
        }
        await this.walk(path, closed, text, data, links);
      } else if (text && /\.(?:sql|ya?ml|md|py)$/.test(name)) this.text(path, true);
      else if (data && name.endsWith('.csv')) await this.dataFile(path);
    }
  }

  private entries(folder: Path): readonly { path: Path; name: string; isFolder: boolean; isLink: boolean }[] {
    try {
      return readdirSync(this.absolute(folder), { withFileTypes: true })
        .map((entry) => {
          const path = joined(folder, entry.name);
          const isLink = entry.isSymbolicLink();
          const isFolder = isLink
            ? statSync(this.absolute(path), { throwIfNoEntry: false })?.isDirectory() === true
            : entry.isDirectory();
          return { path, name: entry.name, isFolder, isLink };
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (thrown) {
      if (!isMissing(thrown)) this.unreadable(folder, thrown);
      return [];
    }
  }

  private async dataFile(path: Path): Promise<void> {
    if (this.seenData.has(path)) return;
    this.seenData.add(path);
    try {
      const bytes = statSync(this.absolute(path)).size;
      if (bytes <= TEXT_LIMIT) {
        const content = readFileSync(this.absolute(path));
        const checksum = createHash('sha256').update(content).digest('hex');
        this.data.push({ path, bytes: content.length, checksum, text: content.toString('utf8') });
      } else {
        const hash = createHash('sha256');
        for await (const chunk of createReadStream(this.absolute(path), { highWaterMark: TEXT_LIMIT }))
          hash.update(chunk);
        this.data.push({ path, bytes, checksum: hash.digest('hex') });
      }
    } catch (thrown) {
      this.unreadable(path, thrown);
    }
  }

  /** The first profiles.yml of: the folder asked for, the project's, ~/.dbt. A folder asked for is the only one looked at. */
  profiles(asked: string | undefined, home: string): void {
    const places = asked === undefined ? [this.root, join(home, '.dbt')] : [resolve(this.root, asked)];
    for (const place of places) {
      const absolute = join(place, 'profiles.yml');
      const inside = relative(this.root, absolute);
      const path = inside.startsWith('..') || isAbsolute(inside) ? absolute : inside.split(sep).join('/');
      if (existsSync(absolute) && this.text(path) !== undefined) return;
    }
  }

  private absolute(path: Path): string {
    return isAbsolute(path) ? path : join(this.root, path);
  }

  private unreadable(path: Path, thrown: unknown): void {
    this.problems.push({
      code: 'disk/unreadable',
      severity: 'error',
      message: `${path} cannot be read: ${reasonOf(thrown)}`,
      hint: 'check that the file exists and that you may read it',
    });
  }
}

const joined = (folder: Path, path: string): Path => {
  const plain = path
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  if (plain === '.' || plain === '') return folder;
  return folder === '' || folder === '.' ? plain : `${folder}/${plain}`;
};

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;

const isMissing = (thrown: unknown): boolean => codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist (a broken link?)',
  ELOOP: 'its links go in a circle',
  EMFILE: 'too many files are open',
};

const reasonOf = (thrown: unknown): string =>
  REASONS[codeOf(thrown) ?? ''] ?? (thrown instanceof Error ? thrown.message : String(thrown));

import type { Path, SourceFile } from '../core/source.ts';
import type { DataFile, PackageFiles, PackageSettings, ResourceData, ResourceFile } from './project.ts';

/** The files of one package: paths inside the package, their text, and its data files. */
export interface PackageContent {
  /** Relative to the project's root; '' for the project itself. */
  readonly folder: Path;
  readonly files: readonly SourceFile[];
  readonly data: readonly DataFile[];
}

const stemOf = (path: Path): string => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? name : name.slice(0, dot);
};

const byPath = (a: { readonly originalPath: Path }, b: { readonly originalPath: Path }): number =>
  a.originalPath < b.originalPath ? -1 : a.originalPath > b.originalPath ? 1 : 0;

/** A configured folder as paths spell it: no `./` in front, no slash behind; '' is the package's own folder. */
export const plainFolder = (folder: Path): Path => {
  const plain = folder
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  return plain === '.' ? '' : plain;
};

const pathIn = (originalPath: Path, folder: Path): Path | undefined => {
  if (folder === '') return originalPath;
  return originalPath.startsWith(folder) && originalPath.charCodeAt(folder.length) === 47
    ? originalPath.slice(folder.length + 1)
    : undefined;
};

interface Placed {
  readonly originalPath: Path;
  readonly path: Path;
  readonly folder: Path;
  readonly stem: string;
}

function place(originalPath: Path, folders: readonly Path[]): Placed | undefined {
  for (const folder of folders) {
    const path = pathIn(originalPath, folder);
    if (path !== undefined) return { originalPath, path, folder, stem: stemOf(path) };
  }
  return undefined;
}

/** Sorts the files of a package into what dbt takes them for: by folder and extension. */
export function packageFiles(content: PackageContent, settings: PackageSettings): PackageFiles {
  const prefix = content.folder === '' ? 0 : content.folder.length + 1;
  const models: ResourceFile[] = [];
  const analyses: ResourceFile[] = [];
  const singularTests: ResourceFile[] = [];
  const macros: ResourceFile[] = [];
  const snapshots: ResourceFile[] = [];
  const docs: ResourceFile[] = [];
  const seeds: ResourceData[] = [];
  const fixtures: (ResourceFile | ResourceData)[] = [];
  for (const file of content.files) {
    const originalPath = file.path.slice(prefix);
    const take = (list: ResourceFile[], folders: readonly Path[]): void => {
      const placed = place(originalPath, folders);
      if (placed !== undefined) list.push({ file, ...placed });
    };
    if (originalPath.endsWith('.md')) take(docs, settings.docsPaths);
    if (!originalPath.endsWith('.sql')) continue;
    take(models, settings.modelPaths);
    take(analyses, settings.analysisPaths);
    take(snapshots, settings.snapshotPaths);
    take(macros, settings.macroPaths);
    const test = place(originalPath, settings.testPaths);
    if (test === undefined) continue;
    const list = test.path.startsWith('generic/')
      ? macros
      : test.path.startsWith('fixtures/')
        ? fixtures
        : singularTests;
    list.push({ file, ...test });
  }
  for (const data of content.data) {
    const originalPath = data.path.slice(prefix);
    const seed = place(originalPath, settings.seedPaths);
    if (seed !== undefined) seeds.push({ data, ...seed });
    const fixture = place(originalPath, settings.testPaths);
    if (fixture?.path.startsWith('fixtures/')) fixtures.push({ data, ...fixture });
  }
  for (const list of [models, analyses, singularTests, macros, snapshots, docs, seeds, fixtures]) list.sort(byPath);
  return { models, analyses, singularTests, macros, snapshots, docs, seeds, fixtures };
}

/** The property files of a package: YAML in any resource folder, sorted by path, each once. */
export function propertyFiles(content: PackageContent, settings: PackageSettings): readonly SourceFile[] {
  const prefix = content.folder === '' ? 0 : content.folder.length + 1;
  const folders = [
    ...new Set([
      ...settings.modelPaths,
      ...settings.seedPaths,
      ...settings.snapshotPaths,
      ...settings.analysisPaths,
      ...settings.macroPaths,
      ...settings.testPaths,
    ]),
  ];
  return content.files
    .filter((file) => /\.ya?ml$/.test(file.path) && place(file.path.slice(prefix), folders) !== undefined)
    .filter((file) => !OTHER_YAML.has(file.path.slice(prefix)))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** YAML at a package's root that is no property file, should a resource folder be `.`. */
const OTHER_YAML: ReadonlySet<string> = new Set(
  [
    'project',
    'dbt_project',
    'profiles',
    'selectors',
    'packages',
    'dependencies',
    'package-lock',
    'vars',
    'catalogs',
  ].flatMap((name) => [`${name}.yml`, `${name}.yaml`]),
);

/** `dql init`: the example project that dql carries with it, in a folder of the user's. Overwrites nothing. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import type { Path } from '../core/source.ts';
import { writeMissing } from '../disk/write-missing.ts';
import type { FileToWrite } from '../disk/write-target.ts';
import type { UseCases } from './contract.ts';
import { ownFiles, schemaLine, workflow } from './project-template.ts';

export const init: UseCases['init'] = async ({ folder, ci, force, version }) => {
  const refused = refusal(folder, force);
  if (refused) throw new DqlError([refused]);
  const dataVersion = versionOfTheData();
  const hadPackage = namesIn(folder).includes('package.json');
  const files = writeMissing(folder, [
    ...exampleFiles(),
    ...ownFiles({ name: basename(folder), version, dataVersion }),
    ...(ci === undefined ? [] : [workflow(ci)]),
  ]);
  return { folder, files, next: nextCommands(folder, hadPackage, dataVersion) };
};

/** The package's own folder: this file is compiled to dist/app/init.js. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

const PARTS = ['project.yml', 'models', 'tests', 'seeds', 'macros'];

/** What a package manager or git leaves in a folder does not make it somebody's project. */
const HARMLESS = /^(\..*|package(-lock)?\.json|node_modules|LICENSE.*|README.*)$/i;

function refusal(folder: string, force: boolean): Diagnostic | undefined {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (!status) return undefined;
  if (!status.isDirectory())
    return {
      code: 'init/not-a-folder',
      severity: 'error',
      message: `${folder} is a file`,
      hint: 'name a folder: dql init my_project',
    };
  const found = namesIn(folder).filter((name) => !HARMLESS.test(name));
  if (found.length === 0 || force) return undefined;
  return {
    code: 'init/not-empty',
    severity: 'error',
    message: `${folder} is not empty: it has ${found.slice(0, 3).join(', ')}${found.length > 3 ? ' and more' : ''}`,
    hint: 'name another folder, or add what is missing with --force; nothing is ever overwritten',
  };
}

const namesIn = (folder: string): readonly string[] =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];

function exampleFiles(): readonly FileToWrite[] {
  return PARTS.flatMap((part) => filesBelow(join(PACKAGE, part))).map((file) => {
    const path = relative(PACKAGE, file).replaceAll('\\', '/');
    const text = readFileSync(file, 'utf8');
    return { path, text: /\.ya?ml$/.test(path) ? withSchema(path, text) : text };
  });
}

function filesBelow(path: string): readonly string[] {
  return statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesBelow(join(path, name)))
    : [path];
}

const withSchema = (path: Path, text: string): string =>
  text.includes('yaml-language-server:')
    ? text
    : `${schemaLine(path === 'project.yml' ? 'project' : 'properties', path.split('/').length - 1)}${text}`;

/** The example's files are read from exactly the version of vega-datasets it was written for. */
function versionOfTheData(): string {
  const manifest: { readonly devDependencies?: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(PACKAGE, 'package.json'), 'utf8'),
  );
  return manifest.devDependencies?.['vega-datasets'] ?? 'latest';
}

function nextCommands(folder: string, hadPackage: boolean, dataVersion: string): readonly string[] {
  const here = relative(process.cwd(), folder);
  return [
    ...(here === '' ? [] : [`cd ${/^[\w./-]+$/.test(here) ? here : `'${here.replaceAll("'", `'\\''`)}'`}`]),
    ...(hadPackage
      ? ['npm pkg set scripts.dql=dql', `npm install --save-dev dql-cli vega-datasets@${dataVersion}`]
      : ['npm install']),
    'npm run dql -- build',
  ];
}

import { type Checked, type Diagnostic, hasErrors } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import { checkConfigTrees, coerceConfigTrees, configTrees } from './config-trees.ts';
import { secretValues } from './environment.ts';
import { isMap, type JsonMap } from './json.ts';
import { missingPackages } from './missing-packages.ts';
import type { JsonObject, Package, Project, ProjectFiles, Target } from './project.ts';
import { readPropertyFiles } from './property-files.ts';
import { pythonModels } from './python-models.ts';
import { renderSettings, type SettingsScope } from './render-settings.ts';
import { type PackageContent, packageFiles, plainFolder, propertyFiles } from './resource-files.ts';
import { coerced } from './schema/coerce.ts';
import { check } from './schema/issues.ts';
import { type ProjectFileContent, projectFile } from './schema/project-file.ts';
import { readSelectors } from './selectors.ts';
import { packageSettings } from './settings.ts';
import { chooseTarget } from './targets.ts';
import { unknownFlags } from './unknown-flags.ts';
import { resolveVars } from './vars.ts';
import { meets } from './version-range.ts';
import { readYaml, type YamlFile, type YamlPath } from './yaml/yaml-file.ts';

export interface ParseOptions {
  /** --target; default: the project's or profile's own choice. */
  readonly target?: string | undefined;
  /** --profile, of profiles.yml. */
  readonly profile?: string | undefined;
  /** --vars */
  readonly vars?: JsonObject | undefined;
  readonly now: Date;
  /** dql's own version, to be compared with require-dql-version; not compared when absent. */
  readonly version?: string | undefined;
}

/**
 * Reads a project's files into what they mean, before any model is rendered. Always answers a Project: parts with errors are left
 * out of it, so that later stages can find more errors; a project with errors must not be built.
 */
export function parseProject(files: ProjectFiles, options: ParseOptions): Checked<Project> {
  const diagnostics: Diagnostic[] = [...(files.problems ?? [])];
  const keep = <T>(checked: Checked<T>): T => {
    diagnostics.push(...checked.diagnostics);
    return checked.value;
  };
  const { yamlAt, rootFile, written, rootVars, read, scope, target, names } = readBeginning(files, options, keep);
  const settingsScope: SettingsScope = { ...scope, secretsAllowed: false, target: target.raw };

  const contents = divide(files, installPath(written));
  const root = keep(readPackage(rootFile, contents.root, settingsScope));
  const installed: Package[] = [];
  for (const content of contents.packages) {
    const yaml = yamlAt(`${content.folder}/project.yml`, `${content.folder}/dbt_project.yml`);
    if (yaml === undefined) continue;
    const read = readPackage(yaml, content, settingsScope);
    installed.push(read.value);
    diagnostics.push(...forgiving(read));
  }
  diagnostics.push(
    ...missingPackages(
      yamlAt('packages.yml', 'dependencies.yml'),
      installed.map(({ folder }) => folder),
      installPath(written),
    ),
  );
  diagnostics.push(...requiredVersion(rootFile, options.version), ...sameName(root, installed), ...unknownFlags(root));
  const vars = resolveVars(
    options.vars ?? {},
    { name: root.name, vars: rootVars },
    installed.map((installedPackage) => {
      const own = installedPackage.file.value['vars'];
      return { name: installedPackage.name, vars: isMap(own) ? own : {} };
    }),
  );
  const selectors = keep(readSelectors(yamlAt('selectors.yml', 'selectors.yaml'), settingsScope));
  const secrets = secretValues(files.environment);
  return {
    value: {
      folder: files.root,
      root,
      packages: [root, ...installed.toSorted((a, b) => (a.name < b.name ? -1 : 1))],
      target,
      targetNames: names,
      vars,
      selectors,
      environment: files.environment,
      environmentRead: Object.fromEntries([...read].filter(([, value]) => !secrets.includes(value))),
      secrets,
      now: options.now,
    },
    diagnostics: once(diagnostics),
  };
}

type Keep = <T>(checked: Checked<T>) => T;

/** One target of a project, which is all that another target of a project that was parsed needs. */
export function parseTarget(files: ProjectFiles, options: ParseOptions): Checked<Target> {
  const diagnostics: Diagnostic[] = [];
  const { target } = readBeginning(files, options, ({ value, diagnostics: found }) => {
    diagnostics.push(...found);
    return value;
  });
  return { value: target, diagnostics: once(diagnostics) };
}

/** The project's own file as far as its target, which the rest may ask for. */
function readBeginning(files: ProjectFiles, options: ParseOptions, keep: Keep) {
  const byPath = new Map(files.files.map((file) => [file.path, file]));
  const yamlAt = (...paths: readonly string[]): YamlFile | undefined => {
    const file = paths.map((path) => byPath.get(path)).find((found) => found !== undefined);
    return file === undefined ? undefined : keep(readYaml(file));
  };
  const rootFile = yamlAt('project.yml', 'project.yaml', 'dbt_project.yml', 'dbt_project.yaml');
  if (rootFile === undefined) keep({ value: undefined, diagnostics: [noProjectFile(files)] });
  const written = isMap(rootFile?.value) ? rootFile.value : {};
  const name = typeof written['name'] === 'string' ? written['name'] : 'project';
  const rootVars = keep(readVars(written, rootFile, yamlAt('vars.yml', 'vars.yaml')));

  const read = new Map<string, string>();
  const commandLine = options.vars ?? {};
  const ownVars = isMap(rootVars[name]) ? rootVars[name] : {};
  const scope: SettingsScope = {
    environment: files.environment,
    secretsAllowed: true,
    heard: (variable, value) => read.set(variable, value),
    vars: { ...rootVars, ...ownVars, ...commandLine },
  };
  const profiles = files.files.find((file) => /^(?:\/.*\/|[A-Za-z]:.*[\\/])?profiles\.ya?ml$/.test(file.path));
  const needsProfiles = !isMap(written['targets']);
  const { target, names } = keep(
    chooseTarget({
      project: rootFile,
      profiles: profiles === undefined || !needsProfiles ? undefined : keep(readYaml(profiles)),
      scope,
      target: options.target,
      profile: options.profile,
    }),
  );
  return { yamlAt, rootFile, written, rootVars, read, scope, target, names };
}

const noProjectFile = ({ root }: ProjectFiles): Diagnostic => ({
  code: 'project/no-project-file',
  severity: 'error',
  message: `there is no project.yml in ${root}`,
  hint: 'run `dql init` to begin one, or name the folder with --project-dir',
});

/** The chosen target is looked at as a target and as a part of its file; one finding is enough. */
function once(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, message, at }) => {
    const key = at === undefined ? message : `${code} ${at.file} ${at.start} ${at.end}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** `vars:` of project.yml, or vars.yml; dbt allows one of the two. */
function readVars(project: JsonMap, yaml: YamlFile | undefined, file: YamlFile | undefined): Checked<JsonObject> {
  const own = isMap(project['vars']) ? project['vars'] : {};
  if (file === undefined || file.value === null) return { value: own, diagnostics: [] };
  if (!isMap(file.value)) {
    return {
      value: own,
      diagnostics: [
        { code: 'project/wrong-value', severity: 'error', message: 'vars.yml is a map of variables', at: file.span() },
      ],
    };
  }
  if (isMap(project['vars'])) {
    return {
      value: own,
      diagnostics: [
        {
          code: 'project/vars-twice',
          severity: 'error',
          message: `variables are set in ${file.file.path} and under \`vars:\` of the project file`,
          at: yaml?.keySpan(['vars']),
          hint: 'keep them in one place',
        },
      ],
    };
  }
  const inner = file.value['vars'];
  return { value: isMap(inner) && Object.keys(file.value).length === 1 ? inner : file.value, diagnostics: [] };
}

const installPath = (project: JsonMap): string => {
  const path = project['packages-install-path'];
  return plainFolder(typeof path === 'string' ? path : 'dbt_packages');
};

/** Divides the files among the project itself and the packages installed in it. */
function divide(
  files: ProjectFiles,
  folder: string,
): { readonly root: PackageContent; readonly packages: readonly PackageContent[] } {
  interface Growing {
    readonly folder: string;
    readonly files: SourceFile[];
    readonly data: ProjectFiles['data'][number][];
  }
  const root: Growing = { folder: '', files: [], data: [] };
  const packages = new Map<string, Growing>();
  const prefix = `${folder}/`;
  const home = (path: string): Growing => {
    if (!path.startsWith(prefix)) return root;
    const end = path.indexOf('/', prefix.length);
    if (end === -1) return root;
    const inner = path.slice(0, end);
    let found = packages.get(inner);
    if (found === undefined) {
      found = { folder: inner, files: [], data: [] };
      packages.set(inner, found);
    }
    return found;
  };
  for (const file of files.files) home(file.path).files.push(file);
  for (const data of files.data) home(data.path).data.push(data);
  return { root, packages: [...packages.values()] };
}

/** Hooks and comments are rendered when they run, variables never. */
const keepsTemplate = (path: YamlPath): boolean => {
  const [first] = path;
  if (first === 'vars' || first === 'on-run-start' || first === 'on-run-end' || first === 'query-comment') return true;
  if (first === 'targets' || first === 'target') return true;
  return path.some((step) => typeof step === 'string' && /^\+?(?:pre|post)[-_]hook$/.test(step));
};

function readPackage(yaml: YamlFile | undefined, content: PackageContent, scope: SettingsScope): Checked<Package> {
  const diagnostics: Diagnostic[] = [];
  const written = isMap(yaml?.value) ? yaml.value : {};
  let settings: Partial<ProjectFileContent> = {};
  let rendered: JsonMap = {};
  if (yaml !== undefined) {
    const result = renderSettings(written, scope, yaml, keepsTemplate);
    diagnostics.push(...result.diagnostics);
    const value = coerceConfigTrees(coerced(projectFile, isMap(result.value) ? result.value : {}, written), written);
    const problems = check(projectFile, isMap(yaml.value) ? value : yaml.value, yaml, { what: yaml.file.path });
    diagnostics.push(...problems, ...bothSpellings(value, yaml), ...checkConfigTrees(value, yaml));
    rendered = value;
    // With problems only the paths are trusted, so that files are still found and their errors shown, too.
    const isRight = !hasErrors(problems.filter(({ code }) => code !== 'project/unknown-key'));
    settings = isRight ? (value as ProjectFileContent) : onlyPaths(value);
  }
  const complete = packageSettings(settings);
  const files = packageFiles(content, complete);
  const properties = readPropertyFiles(propertyFiles(content, complete));
  diagnostics.push(...properties.diagnostics, ...pythonModels(content, complete.modelPaths));
  return {
    value: {
      name: typeof written['name'] === 'string' ? written['name'] : content.folder.split('/').at(-1) || 'project',
      folder: content.folder,
      settings: complete,
      file: {
        value: written,
        file: yaml?.file.path ?? 'project.yml',
        span: (path) => yaml?.span(path) ?? { file: 'project.yml', start: 0, end: 0 },
      },
      configTrees: configTrees(rendered, written),
      files,
      properties: properties.value,
    },
    diagnostics,
  };
}

function bothSpellings(value: JsonMap, yaml: YamlFile): readonly Diagnostic[] {
  return [['source-paths', 'model-paths'] as const, ['data-paths', 'seed-paths'] as const].flatMap(([older, key]) =>
    older in value && key in value
      ? [
          {
            code: 'project/both-spellings',
            severity: 'error',
            message: `\`${older}\` is the older spelling of \`${key}\`, and both are there`,
            at: yaml.keySpan([older]),
            hint: `keep \`${key}\``,
          },
        ]
      : [],
  );
}

function onlyPaths(value: JsonMap): Partial<ProjectFileContent> {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, paths]) =>
        key.endsWith('-paths') && Array.isArray(paths) && paths.every((path) => typeof path === 'string'),
    ),
  );
}

/**
 * A user cannot repair an installed package: keys that dql does not know there are one warning, settings for other engines none; other
 * errors stay errors.
 */
function forgiving(read: Checked<Package>): readonly Diagnostic[] {
  const unknown = read.diagnostics.filter(({ code }) => code === 'project/unknown-key');
  const others = read.diagnostics.filter(
    ({ code }) => code !== 'project/unknown-key' && code !== 'project/other-engine',
  );
  const [first] = unknown;
  if (first === undefined) return others;
  const more = unknown.length === 1 ? '' : ` (and ${unknown.length - 1} more)`;
  return [
    ...others,
    {
      ...first,
      code: 'project/unknown-key-in-package',
      severity: 'warning',
      message: `${first.message}${more}, in package \`${read.value.name}\``,
    },
  ];
}

function requiredVersion(yaml: YamlFile | undefined, version: string | undefined): readonly Diagnostic[] {
  const required = isMap(yaml?.value) ? yaml.value['require-dql-version'] : undefined;
  if (yaml === undefined || version === undefined || required === undefined || required === null) return [];
  const ranges = (Array.isArray(required) ? required : [required]).map(String);
  const answer = meets(version, ranges);
  if (answer === true) return [];
  return [
    {
      code: answer === undefined ? 'project/wrong-value' : 'project/other-version-required',
      severity: 'error',
      message:
        answer === undefined
          ? `\`require-dql-version\` is a version range such as \`>=0.1.0\``
          : `the project requires dql ${ranges.join(', ')}, but this is dql ${version}`,
      at: yaml.span(['require-dql-version']),
    },
  ];
}

function sameName(root: Package, installed: readonly Package[]): readonly Diagnostic[] {
  const seen = new Map([[root.name, root]]);
  const diagnostics: Diagnostic[] = [];
  for (const other of installed) {
    const first = seen.get(other.name);
    if (first === undefined) seen.set(other.name, other);
    else {
      diagnostics.push({
        code: 'project/duplicate-package',
        severity: 'error',
        message: `two packages are called \`${other.name}\`: ${first.folder || 'the project itself'} and ${other.folder}`,
        at: other.file.span(['name']),
        hint: 'remove or rename one of them',
      });
    }
  }
  return diagnostics;
}

import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import { seconds } from './duration.ts';
import { isMap, type JsonMap } from './json.ts';
import type { Retention, Target } from './project.ts';
import { renderSettings, type SettingsScope } from './render-settings.ts';
import { coerced } from './schema/coerce.ts';
import { check, valueAt } from './schema/issues.ts';
import { profile as profileSchema } from './schema/profiles-file.ts';
import { type TargetSettings, targetSettings, UNSUPPORTED_TARGET_KEYS } from './schema/target.ts';
import type { YamlFile, YamlPath } from './yaml/yaml-file.ts';

export interface TargetChoice {
  readonly project: YamlFile | undefined;
  readonly profiles: YamlFile | undefined;
  readonly scope: SettingsScope;
  /** --target, --profile */
  readonly target?: string | undefined;
  readonly profile?: string | undefined;
}

interface Candidates {
  readonly profileName: string;
  readonly targets: JsonMap;
  readonly wanted: string | undefined;
  readonly yaml: YamlFile;
  readonly path: YamlPath;
}

/** Seconds: long enough for another run's last steps, short enough for a person. */
const LOCK_TIMEOUT = 60;

/** What stands in where no target could be read, so that later stages can go on collecting errors. */
const NOWHERE: TargetSettings = { path: ':memory:' };

/** Chooses and checks the target: from `targets:` of project.yml, else from the profile in profiles.yml. */
export function chooseTarget(
  choice: TargetChoice,
): Checked<{ readonly target: Target; readonly names: readonly string[] }> {
  const diagnostics: Diagnostic[] = [];
  const candidates = targetsOfProject(choice, diagnostics) ?? targetsOfProfile(choice, diagnostics);
  if (candidates === undefined)
    return { value: { target: target('default', 'default', NOWHERE, {}), names: [] }, diagnostics };
  const { targets, yaml, path, profileName } = candidates;
  const names = Object.keys(targets);
  const name = choice.target ?? candidates.wanted ?? names[0] ?? 'default';
  const settings = targets[name];
  const value = (found: TargetSettings, raw: JsonMap) => ({ target: target(name, profileName, found, raw), names });
  if (!isMap(settings)) {
    const asked = choice.target !== undefined;
    diagnostics.push({
      code: 'project/unknown-target',
      severity: 'error',
      message: `there is no target \`${name}\`${names.length === 0 ? '' : `; there are ${names.map((known) => `\`${known}\``).join(', ')}`}`,
      at: asked ? yaml.keySpan(path) : yaml.span(targetKeyPath(choice, path)),
      hint: didYouMean(name, names) ?? (asked ? 'name one of them with --target' : 'add it, or name another one'),
    });
    return { value: value(NOWHERE, {}), diagnostics };
  }
  const at = (inner: YamlPath): YamlPath => [...path, name, ...inner];
  const type = setting(yaml, at(['type']), choice.scope, diagnostics);
  if (type !== null && type !== 'duckdb') {
    diagnostics.push({
      code: 'project/unsupported-warehouse',
      severity: 'error',
      message: `target \`${name}\` is of type \`${String(type)}\`, but dql builds on DuckDB`,
      at: yaml.span(at(['type'])),
      hint: otherTarget(targets),
    });
    return { value: value(NOWHERE, settings), diagnostics };
  }
  const rendered = renderSettings(settings, choice.scope, { file: yaml.file, span: (inner) => yaml.span(at(inner)) });
  diagnostics.push(...rendered.diagnostics);
  const raw = isMap(rendered.value) ? rendered.value : {};
  const checked = coerced(targetSettings, raw, settings);
  const problems = check(targetSettings, checked, yaml, {
    what: `target \`${name}\``,
    path: [...path, name],
    templates: false,
  });
  diagnostics.push(...problems);
  if (problems.length > 0) return { value: value(NOWHERE, raw), diagnostics };
  for (const key of UNSUPPORTED_TARGET_KEYS) {
    if (raw[key] === undefined) continue;
    diagnostics.push({
      code: 'project/unsupported-setting',
      severity: 'warning',
      message: `\`${key}\` of target \`${name}\` belongs to dbt-duckdb’s Python side and has no effect in dql`,
      at: yaml.keySpan(at([key])),
    });
  }
  // `check` has found nothing to object to, and the schema does not transform.
  return { value: value(checked as TargetSettings, checked), diagnostics };
}

function otherTarget(targets: JsonMap): string {
  const fitting = Object.keys(targets).find((name) => isMap(targets[name]) && targets[name]['type'] === 'duckdb');
  return fitting === undefined
    ? 'add a target with `type: duckdb` and choose it with --target'
    : `there is a target on DuckDB: --target ${fitting}`;
}

const targetKeyPath = (choice: TargetChoice, path: YamlPath): YamlPath =>
  choice.project !== undefined && path[0] === 'targets' ? ['target'] : [...path.slice(0, -1), 'target'];

/** One setting of a file, rendered. */
function setting(yaml: YamlFile, path: YamlPath, scope: SettingsScope, diagnostics: Diagnostic[]): Json {
  const rendered = renderSettings(valueAt(yaml.value, path) ?? null, scope, {
    file: yaml.file,
    span: () => yaml.span(path),
  });
  diagnostics.push(...rendered.diagnostics);
  return rendered.value;
}

function targetsOfProject({ project, scope }: TargetChoice, diagnostics: Diagnostic[]): Candidates | undefined {
  const content = project?.value;
  if (project === undefined || !isMap(content) || !isMap(content['targets'])) return undefined;
  const wanted = setting(project, ['target'], scope, diagnostics);
  return {
    profileName: typeof content['profile'] === 'string' ? content['profile'] : String(content['name'] ?? 'default'),
    targets: content['targets'],
    wanted: typeof wanted === 'string' ? wanted : undefined,
    yaml: project,
    path: ['targets'],
  };
}

function targetsOfProfile(
  { project, profiles, profile, scope }: TargetChoice,
  diagnostics: Diagnostic[],
): Candidates | undefined {
  const rendered = project === undefined ? undefined : setting(project, ['profile'], scope, diagnostics);
  const name = profile ?? (typeof rendered === 'string' ? rendered : undefined);
  const content = isMap(profiles?.value) ? profiles.value : undefined;
  if (profiles === undefined || content === undefined || name === undefined) {
    diagnostics.push({
      code: 'project/no-target',
      severity: 'error',
      message:
        name === undefined
          ? 'the project names no target to build into'
          : `no profiles.yml was found for profile \`${name}\``,
      at: name === undefined ? project?.span(['name']) : project?.keySpan(['profile']),
      hint: `add to ${project?.file.path ?? 'project.yml'}:  targets: {dev: {type: duckdb, path: warehouse.duckdb}}`,
    });
    return undefined;
  }
  const chosen = content[name];
  if (chosen === undefined) {
    diagnostics.push({
      code: 'project/unknown-profile',
      severity: 'error',
      message: `there is no profile \`${name}\` in ${profiles.file.path}`,
      at: profile === undefined ? project?.span(['profile']) : profiles.span(),
      hint: didYouMean(name, Object.keys(content)) ?? `profiles there: ${Object.keys(content).join(', ')}`,
    });
    return undefined;
  }
  const problems = check(profileSchema, chosen, profiles, { what: `profile \`${name}\``, path: [name] });
  diagnostics.push(...problems);
  if (problems.length > 0 || !isMap(chosen) || !isMap(chosen['outputs'])) return undefined;
  const wanted = setting(profiles, [name, 'target'], scope, diagnostics);
  return {
    profileName: name,
    targets: chosen['outputs'],
    wanted: typeof wanted === 'string' ? wanted : 'default',
    yaml: profiles,
    path: [name, 'outputs'],
  };
}

/** `:memory:` is the database `memory`; a file gives its name without extension. */
function databaseOf(path: string): string {
  if (path === ':memory:' || path === '') return 'memory';
  const name = path.replaceAll('\\', '/').split('/').at(-1) ?? path;
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? name : name.slice(0, dot);
}

function target(name: string, profileName: string, settings: TargetSettings, raw: JsonMap): Target {
  const path = settings.path ?? ':memory:';
  const database = settings.database ?? databaseOf(path);
  const schema = settings.schema ?? 'main';
  const threads = settings.threads === undefined || settings.threads === 0 ? 4 : settings.threads;
  const retries = typeof settings.retries === 'number' ? settings.retries : (settings.retries?.query_attempts ?? 1) - 1;
  const sample =
    settings.sample === null || settings.sample === undefined ? undefined : Number.parseFloat(String(settings.sample));
  const retention: Retention = settings.retention ?? {};
  return {
    name,
    profileName,
    type: 'duckdb',
    path,
    database,
    schema,
    threads,
    settings: settings.settings ?? {},
    extensions: (settings.extensions ?? []).map((extension) =>
      typeof extension === 'string'
        ? { name: extension }
        : { name: extension.name, ...(extension.repo ? { repository: extension.repo } : {}) },
    ),
    attach: (settings.attach ?? []).map((attachment) => ({
      path: attachment.path,
      alias: attachment.alias ?? databaseOf(attachment.path),
      readOnly: attachment.read_only ?? false,
      ...(attachment.type ? { type: attachment.type } : {}),
      options: { ...attachment.options, ...(attachment.secret ? { secret: attachment.secret } : {}) },
    })),
    publish: settings.publish ?? 'view',
    ...(sample === undefined || sample === 100 ? {} : { sample }),
    ...(settings.serve ? { serve: settings.serve } : {}),
    externalRoot: settings.external_root ?? '.',
    createSecrets: settings.secrets ?? [],
    configOptions: settings.config_options ?? {},
    lockTimeout: seconds(settings.lock_timeout) ?? LOCK_TIMEOUT,
    retries: Math.max(0, retries),
    retryDelay: seconds(settings.retry_delay) ?? 1,
    ...(typeof settings.defer === 'string' ? { defer: settings.defer } : {}),
    retention,
    raw: {
      name,
      target_name: name,
      profile_name: profileName,
      type: 'duckdb',
      path,
      database,
      schema,
      threads,
      ...withoutNull(raw),
    },
  };
}

const withoutNull = (map: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries(map).filter(([, value]: [string, Json]) => value !== null));

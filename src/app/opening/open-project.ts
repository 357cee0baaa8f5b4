/** The first steps every command shares: read the folder, understand it, compile it. */

import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { compileProject } from '../../compile/compile.ts';
import { DqlError, hasErrors } from '../../core/diagnostic.ts';
import { materializationNames } from '../../plan/materializations.ts';
import { parseProject } from '../../project/parse-project.ts';
import type { Project, ProjectFiles } from '../../project/project.ts';
import { watchedEnvironment } from '../../project/watched-environment.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { warehousePath } from '../warehouse/open-target.ts';
import { projectFor } from './attach-target.ts';
import { describeNodes } from './describe-nodes.ts';
import { eventTimes } from './event-times.ts';
import { checks } from './known-checks.ts';
import type { EarlierState, OpenedProject } from './opened-project.ts';
import { environmentHash, filesHash } from './project-hash.ts';
import { readFiles } from './read-files.ts';
import { stateAt, stateOfTarget, type Waiting } from './state-manifest.ts';
import { projectTemplates } from './template-cache.ts';
import { judged, refuseUnknownWarnings } from './warning-policy.ts';

/**
 * Rejects with DqlError (exit code 2) when the project cannot be compiled; all its errors at once.
 * @param read the project's files, where the caller read them
 * @param onParsed what is to begin when the target is known, before the project is compiled
 */
export async function openProject(
  options: CommonOptions,
  which: string,
  hooks: Hooks,
  read?: ProjectFiles,
  onParsed?: (project: Project) => Promise<void>,
): Promise<OpenedProject> {
  const startedAt = performance.now();
  refuseUnknownWarnings(options);
  eventTimes(options);
  const files = read ?? (await readFiles(options));
  const { environment, read: variables } = watchedEnvironment(files.environment);
  const parsed = parseProject(
    { ...files, environment },
    {
      target: options.target,
      profile: options.profile,
      vars: options.vars,
      now: options.now,
      version: options.version,
    },
  );
  const project = parsed.value;
  const problems = judged(parsed.diagnostics, options);
  if (hasErrors(problems)) throw new DqlError(problems);
  await onParsed?.(project);
  const invocationId = randomUUID();
  const targetFolder = targetPath(options, project);
  const templates = projectTemplates(targetFolder, options.version, options.partialParse);
  const flags = {
    full_refresh: options.fullRefresh,
    store_failures: options.storeFailures ?? null,
    empty: options.empty,
    sample: options.sample ?? null,
    event_time_start: options.eventTimeStart ?? null,
    event_time_end: options.eventTimeEnd ?? null,
  };
  const compiled = compileProject(project, {
    flags: {
      ...flags,
      which,
      fail_fast: options.failFast,
      warn_error: options.warnError,
      warn_error_options: { ...options.warnErrorOptions },
      defer: options.defer,
      favor_state: options.favorState,
      indirect_selection: options.indirectSelection,
    },
    invocationId,
    runStartedAt: options.now,
    generatedAt: options.now,
    version: options.version,
    knownChecks: checks,
    materializations: [...materializationNames],
    reuse: templates.facts,
    templates,
  });
  // What is asked for later, by a query that is rendered, is not part of the manifest.
  const asked = [...variables];
  const diagnostics = [...problems, ...judged(compiled.diagnostics, options)];
  if (hasErrors(diagnostics)) throw new DqlError(diagnostics);
  const { manifest } = compiled.value;
  const state = options.state ?? options.deferState;
  const isFile = state !== undefined && statSync(resolve(project.folder, state), { throwIfNoEntry: false })?.isFile();
  const waiting = { ...hooks, lockTimeout: options.lockTimeout };
  const earlier = isFile ? await stateAt(state, project, waiting) : undefined;
  const deferred = options.defer ? await deferredState(options, { files, project }, earlier, waiting) : undefined;
  const { placeOf } = compiled.value;
  const describe = describeNodes(
    manifest,
    project.target.database,
    relative(project.folder, targetFolder),
    placeOf,
    files.files,
  );
  hooks.onProject?.({
    describe,
    secrets: project.secrets,
  });
  return {
    files,
    variables,
    project: deferred ? withAttached(project, deferred) : project,
    earlier,
    deferred,
    compiler: compiled.value,
    describe,
    manifest,
    manifestId: () => {
      const { createSecrets, settings, attach, ...target } = project.target;
      const read = environmentHash(asked, files.environment);
      return filesHash(files, [options.version, options.target ?? null, target, project.vars, flags, read]);
    },
    warnings: diagnostics,
    invocationId,
    targetFolder,
    learnt: () => templates.written(compiled.value.parsedTemplates),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function targetPath(options: CommonOptions, project: Project): string {
  const path = options.targetPath ?? project.root.settings.targetPath;
  return isAbsolute(path) ? path : join(project.folder, path);
}

/** `--defer-state` counts more than `--state`, and both more than the target's own `defer`. Rejects with DqlError where none says. */
async function deferredState(
  options: CommonOptions,
  { files, project }: Pick<OpenedProject, 'files' | 'project'>,
  earlier: EarlierState | undefined,
  waiting: Waiting,
): Promise<EarlierState> {
  const given = options.deferState ?? options.state;
  if (given !== undefined) return earlier && given === options.state ? earlier : stateAt(given, project, waiting);
  const { defer } = project.target;
  if (defer === undefined)
    throw new DqlError([
      {
        code: 'run/defer-needs-state',
        severity: 'error',
        message: '--defer needs --state, the artifacts of the environment to read from',
        hint: `e.g. --defer --state prod-artifacts/, or for every time \`defer: prod\` at target \`${project.target.name}\``,
      },
    ]);
  return project.targetNames.includes(defer)
    ? stateOfTarget(projectFor({ files, project }, defer, options), waiting)
    : stateAt(defer, project, waiting);
}

/** Deferred relations are read in the other environment's files, attached under the names that its views were written with. */
function withAttached(
  project: Project,
  { warehouse, manifest, database, attached = new Map() }: EarlierState,
): Project {
  if (warehouse === undefined || warehouse === warehousePath(project)) return project;
  const databases = Object.values(manifest.nodes).flatMap((node) =>
    node.relation_name === null ? [] : [node.database],
  );
  // A file that was renamed since is called in it as it was.
  const name = database !== undefined && databases.includes(database) ? database : (databases[0] ?? '');
  if (name.toLowerCase() === project.target.database.toLowerCase())
    throw new DqlError([
      {
        code: 'run/same-database-name',
        severity: 'error',
        message: `the warehouse of --state is called \`${name}\`, and so is that of target \`${project.target.name}\`: one command cannot open both`,
        hint: 'give the target’s file another name: a database is called after its file',
      },
    ]);
  const known = new Set([project.target.database, ...project.target.attach.map(({ alias }) => alias)].map(lower));
  const attach = [...new Map([...attached, [name, warehouse]])].flatMap(([alias, path]) =>
    known.has(lower(alias)) || !existsSync(path) ? [] : [{ alias, path, readOnly: true, options: {} }],
  );
  return { ...project, target: { ...project.target, attach: [...project.target.attach, ...attach] } };
}

const lower = (name: string): string => name.toLowerCase();

/** `dql debug`: what dql needs, one check after another; a failed one does not keep the others from being made. */
import { existsSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { type Diagnostic, DqlError, hasErrors } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import { positionAt } from '../core/source.ts';
import { findProjectRoot, readProjectFiles } from '../disk/read-project.ts';
import { openWarehouse } from '../engine/open.ts';
import { ledgerVersion } from '../ledger/open-ledger.ts';
import { LEDGER_VERSION } from '../ledger/schema.ts';
import { parseProject } from '../project/parse-project.ts';
import type { Project, ProjectFiles } from '../project/project.ts';
import { bytes, count } from '../report/amounts.ts';
import type { CommonOptions, DebugAnswer, Hooks, UseCases } from './contract.ts';
import { gitFacts } from './opening/git-facts.ts';
import { openProject } from './opening/open-project.ts';
import { openForLooking, warehousePath } from './warehouse/open-target.ts';

type Check = DebugAnswer['checks'][number];

const OLDEST_NODE = [20, 19] as const;

export const debug: UseCases['debug'] = async (options, hooks) => {
  const root = findProjectRoot(options.projectDir);
  const checks: Check[] = [
    good('dql', options.version),
    nodeCheck(process.versions.node),
    await engineCheck(),
    await gitCheck(root ?? options.projectDir),
  ];
  if (root === undefined)
    return {
      checks: [
        ...checks,
        bad('project', `there is no project.yml in ${options.projectDir} or above`, 'dql init writes one'),
      ],
    };
  const files = await readProjectFiles(root, { environment: options.environment, profilesDir: options.profilesDir });
  const { value: project, diagnostics } = parseProject(files, {
    target: options.target,
    profile: options.profile,
    vars: options.vars,
    now: options.now,
    version: options.version,
  });
  const problems = [...(files.problems ?? []), ...diagnostics];
  checks.push(ofDiagnostics('project', problems, files, `${project.root.name} in ${root}`));
  if (hasErrors(problems)) return { checks };
  checks.push(await modelsCheck(options, hooks, files));
  checks.push(targetCheck(project));
  checks.push(...(await warehouseChecks(project, options, hooks)));
  return { checks };
};

const good = (name: string, detail: string): Check => ({ name, ok: true, detail, hint: null });
const bad = (name: string, detail: string, hint: string | null): Check => ({ name, ok: false, detail, hint });

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  const platform = `${version} on ${process.platform} ${process.arch}`;
  return old ? bad('node', platform, `dql needs node ${OLDEST_NODE.join('.')} or newer`) : good('node', platform);
}

/** The engine is native code: a wrong build of it shows here and not in the middle of a run. */
async function engineCheck(): Promise<Check> {
  try {
    const warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
    const connection = await warehouse.connect();
    const { rows } = await connection.query(
      'select extension_name from duckdb_extensions() where loaded order by extension_name',
    );
    connection.close();
    await warehouse.close();
    return good('duckdb', `${warehouse.version}, with ${rows.map(([name]) => String(name)).join(', ')}`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return bad('duckdb', firstLine(error.message), 'install the packages again: npm ci');
  }
}

async function gitCheck(folder: string): Promise<Check> {
  const { sha, dirty } = await gitFacts(folder);
  return good(
    'git',
    sha === null
      ? 'not a repository, so runs do not say which commit made them'
      : `${sha}${dirty ? ', with changes' : ''}`,
  );
}

async function modelsCheck(options: CommonOptions, hooks: Hooks, files: ProjectFiles): Promise<Check> {
  try {
    const { manifest, warnings, seconds } = await openProject(options, 'debug', hooks);
    const models = Object.values(manifest.nodes).filter(({ resource_type }) => resource_type === 'model').length;
    const told = warnings.length > 0 ? `, with ${count(warnings.length, 'warning')} (dql parse)` : '';
    return good('models', `${count(models, 'model')} parsed in ${seconds.toFixed(2)}s${told}`);
  } catch (error) {
    if (!(error instanceof DqlError)) throw error;
    return ofDiagnostics('models', error.diagnostics, files, '');
  }
}

/** The first error, with how many more there are. */
function ofDiagnostics(name: string, diagnostics: readonly Diagnostic[], files: ProjectFiles, fine: string): Check {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return good(name, fine);
  const more = errors.length > 1 ? `, and ${count(errors.length - 1, 'more error')}` : '';
  return bad(name, `${first.message}${placeOf(first, files)}${more}`, first.hint ?? 'dql parse shows every place');
}

function placeOf({ at }: Diagnostic, { files }: ProjectFiles): string {
  if (!at) return '';
  const text = files.find(({ path }) => path === at.file)?.text;
  return text === undefined ? ` (${at.file})` : ` (${at.file}:${positionAt(text, at.start).line})`;
}

function targetCheck(project: Project): Check {
  const { target, targetNames } = project;
  const others = targetNames.filter((name) => name !== target.name);
  const path =
    target.path === ':memory:' ? ':memory: (lives for one command)' : relative(project.folder, warehousePath(project));
  return good(
    'target',
    `${target.name}: ${path}, schema ${target.schema}, ${count(target.threads, 'thread')}${others.length > 0 ? `; there are also ${others.join(', ')}` : ''}`,
  );
}

async function warehouseChecks(project: Project, options: CommonOptions, hooks: Hooks): Promise<readonly Check[]> {
  const path = warehousePath(project);
  const there = path !== ':memory:' && existsSync(path);
  try {
    const warehouse = await openForLooking(project, { lockTimeout: options.lockTimeout ?? 0 }, hooks);
    try {
      const connection = await warehouse.connect();
      const version = await ledgerVersion(connection, warehouse.database);
      connection.close();
      // What cannot be loaded keeps the warehouse from being opened.
      const extensions = project.target.extensions.map(({ name }) => name);
      return [
        good(
          'warehouse',
          there
            ? `${relative(project.folder, path)}, ${bytes(statSync(path).size)}`
            : 'not built yet: dql build makes it',
        ),
        version > LEDGER_VERSION
          ? bad(
              'ledger',
              `version ${version}, this dql understands up to ${LEDGER_VERSION}`,
              'a newer dql wrote it: upgrade dql',
            )
          : good('ledger', version === 0 ? 'none yet' : `version ${version}`),
        good('extensions', extensions.length > 0 ? extensions.join(', ') : 'none needed'),
      ];
    } finally {
      await warehouse.close();
    }
  } catch (error) {
    if (error instanceof DqlError) {
      const [first] = error.diagnostics;
      return [bad('warehouse', first?.message ?? error.message, first?.hint ?? null)];
    }
    if (error instanceof EngineError) return [bad('warehouse', firstLine(error.message), null)];
    throw error;
  }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

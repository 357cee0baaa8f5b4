/**
 * dql as a library: every command of the command line as a function with types.
 *
 *     import { build } from 'dql-cli';
 *     const { results, meta } = await build({ projectDir: 'analytics', select: ['+revenue'] });
 *
 * Each answers what its command prints with `--output json`. It rejects with `DqlError` where the command would end with exit code 2;
 * a failed node or test is part of the answer. Nothing is printed. What a use case needs is loaded when it is first called.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Answer, CommonOptions, Hooks, SpecificOptions, UseCaseName } from './app/contract.ts';
import { OPTION_DEFAULTS } from './app/option-defaults.ts';
import { projectFlags } from './app/project-flags.ts';
import { useCase } from './cli/use-cases.ts';

export type * from './app/contract.ts';
export type { Diagnostic } from './core/diagnostic.ts';
export { DqlError } from './core/diagnostic.ts';
export type { Cell, Column, Connection, QueryResult, Warehouse, WarehouseOptions } from './engine/engine.ts';
/**
 * Opens a warehouse file as dql does: for reading in the process that also builds (DuckDB wants one instance a file and process).
 * Read several relations inside one `connection.transaction` to see the state of one run.
 */
export { openWarehouse } from './engine/open.ts';
export type { NodeResult, NodeStatus, RunEvent, RunResults } from './run/results.ts';

/** Options of a use case: its own, and of the common ones whatever differs from the command line's defaults. */
export type Options<Name extends UseCaseName> = Partial<CommonOptions> & SpecificOptions<Name>;

export const run = callable('run');
export const test = callable('test');
export const build = callable('build');
export const seed = callable('seed');
export const snapshot = callable('snapshot');
export const retry = callable('retry');
export const plan = callable('plan');
export const explainTests = callable('explainTests');
export const compile = callable('compile');
export const parse = callable('parse');
export const ls = callable('ls');
export const show = callable('show');
export const debug = callable('debug');
export const sourceFreshness = callable('sourceFreshness');
export const history = callable('history');
export const versions = callable('versions');
export const rollback = callable('rollback');
export const verify = callable('verify');
export const diff = callable('diff');
export const clone = callable('clone');
export const promote = callable('promote');
export const lineage = callable('lineage');
export const openLineage = callable('openLineage');
export const impact = callable('impact');
export const inspect = callable('inspect');
export const coverage = callable('coverage');
export const ci = callable('ci');
export const docsGenerate = callable('docsGenerate');
export const docsServe = callable('docsServe');
export const runOperation = callable('runOperation');
export const clean = callable('clean');
export const init = callable('init');

/** A use case with the defaults of the command line; `hooks` hear of events and can stop it. */
function callable<Name extends UseCaseName>(name: Name) {
  return async (options: Options<Name>, hooks: Partial<Hooks> = {}): Promise<Answer<Name>> => {
    const call = await useCase(name);
    const projectDir = resolve(options.projectDir ?? '.');
    return call(
      { ...commandLineDefaults(name), ...(await saidByProject(projectDir)), ...options, projectDir },
      { onEvent: () => {}, signal: new AbortController().signal, ...hooks },
    );
  };
}

/** `flags:` of project.yml, as the command line understands them. */
async function saidByProject(projectDir: string): Promise<Partial<CommonOptions>> {
  const readFile = (file: string) => {
    const path = resolve(projectDir, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const { flags } = await projectFlags({}, readFile);
  if (Object.keys(flags).length === 0) return {};
  const [{ Command }, { valuesOf }, { everywhere, failFast, selection }, { commonOptions }] = await Promise.all([
    import('commander'),
    import('./cli/values.ts'),
    import('./cli/flags.ts'),
    import('./cli/common-options.ts'),
  ]);
  const values = valuesOf(new Command(), [...everywhere, ...selection, ...failFast], { environment: {}, flags });
  const world = { cwd: projectDir, environment: {}, now: () => new Date(), readFile, version: packageVersion() };
  const options = await commonOptions(values, world, []);
  return Object.fromEntries(Object.entries(options).filter(([name]) => values.given.includes(name)));
}

function commandLineDefaults(name: UseCaseName): CommonOptions {
  return {
    ...OPTION_DEFAULTS,
    now: new Date(),
    invocationCommand: `dql ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
    environment: Object.fromEntries(
      Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
    version: packageVersion(),
  };
}

function packageVersion(): string {
  const { version }: { version?: unknown } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return String(version);
}

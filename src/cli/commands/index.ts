import type { Command } from '../command.ts';

export interface CommandEntry {
  readonly group: 'Build' | 'Look' | 'Look back' | 'Environments' | 'Project';
  /** One line for the page of `dql --help`. */
  readonly summary: string;
  readonly aliasOf?: string;
  readonly load: () => Promise<Command>;
}

/** The commands there are, in the order of the help page. A file is read when its command is called. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  build: {
    group: 'Build',
    summary: 'build, test and publish the selected nodes in dependency order',
    load: async () => (await import('./build.ts')).build,
  },
  run: {
    group: 'Build',
    summary: 'build and publish models without testing them',
    load: async () => (await import('./run.ts')).run,
  },
  test: {
    group: 'Build',
    summary: 'test what is published',
    load: async () => (await import('./test.ts')).test,
  },
  seed: {
    group: 'Build',
    summary: 'load the CSV files of seeds/',
    load: async () => (await import('./seed.ts')).seed,
  },
  snapshot: {
    group: 'Build',
    summary: 'keep the history of changing tables',
    load: async () => (await import('./snapshot.ts')).snapshot,
  },
  retry: {
    group: 'Build',
    summary: 'go on where the last command failed',
    load: async () => (await import('./retry.ts')).retry,
  },
  plan: {
    group: 'Look',
    summary: 'show what a build would do, and why',
    load: async () => (await import('./plan.ts')).plan,
  },
  ls: { group: 'Look', summary: 'list nodes', load: async () => (await import('./ls.ts')).ls },
  // dbt's other name for it.
  list: { group: 'Look', summary: '', aliasOf: 'ls', load: async () => (await import('./ls.ts')).ls },
  show: {
    group: 'Look',
    summary: 'print rows of a node or of any query',
    load: async () => (await import('./show.ts')).show,
  },
  compile: {
    group: 'Look',
    summary: 'render templates to SQL',
    load: async () => (await import('./compile.ts')).compile,
  },
  lineage: {
    group: 'Look',
    summary: 'where a node or column comes from, and what is made of it',
    load: async () => (await import('./lineage.ts')).lineage,
  },
  impact: {
    group: 'Look',
    summary: 'what a change means downstream',
    load: async () => (await import('./impact.ts')).impact,
  },
  inspect: {
    group: 'Look',
    summary: "a test's failing rows and where they come from",
    load: async () => (await import('./inspect.ts')).inspect,
  },
  coverage: { group: 'Look', summary: 'what nobody tests', load: async () => (await import('./coverage.ts')).coverage },
  diff: {
    group: 'Look',
    summary: 'compare data: runs, targets, versions',
    load: async () => (await import('./diff.ts')).diff,
  },
  'source freshness': {
    group: 'Look',
    summary: "how old the sources' newest rows are",
    load: async () => (await import('./source-freshness.ts')).sourceFreshness,
  },
  history: { group: 'Look back', summary: 'list the runs', load: async () => (await import('./history.ts')).history },
  versions: {
    group: 'Look back',
    summary: 'list the kept versions of data',
    load: async () => (await import('./versions.ts')).versions,
  },
  rollback: {
    group: 'Look back',
    summary: 'publish earlier versions again',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  verify: {
    group: 'Look back',
    summary: 'does an incremental model equal its full refresh?',
    load: async () => (await import('./verify.ts')).verify,
  },
  clone: {
    group: 'Environments',
    summary: "open a target on another's tables, without copying",
    load: async () => (await import('./clone.ts')).clone,
  },
  promote: {
    group: 'Environments',
    summary: 'publish what was tested in another target',
    load: async () => (await import('./promote.ts')).promote,
  },
  ci: {
    group: 'Environments',
    summary: 'build, test and explain a pull request',
    load: async () => (await import('./ci.ts')).ci,
  },
  init: {
    group: 'Project',
    summary: 'write a project to begin with',
    load: async () => (await import('./init.ts')).init,
  },
  debug: {
    group: 'Project',
    summary: 'check that everything needed is there',
    load: async () => (await import('./debug.ts')).debug,
  },
  parse: {
    group: 'Project',
    summary: 'read and check the project, touch no data',
    load: async () => (await import('./parse.ts')).parse,
  },
  'docs generate': {
    group: 'Project',
    summary: 'write the site of this project',
    load: async () => (await import('./docs-generate.ts')).docsGenerate,
  },
  'docs serve': {
    group: 'Project',
    summary: 'show it, reloading',
    load: async () => (await import('./docs-serve.ts')).docsServe,
  },
  'run-operation': {
    group: 'Project',
    summary: 'call a macro',
    load: async () => (await import('./run-operation.ts')).runOperation,
  },
  clean: {
    group: 'Project',
    summary: 'remove artifacts or old versions',
    load: async () => (await import('./clean.ts')).clean,
  },
};

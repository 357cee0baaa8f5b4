/** A world for the tests of the command line: no process, no files, use cases that remember what they were asked. */
import type { Answer, CommonOptions, Hooks, UseCaseName } from '../app/contract.ts';
import { main } from '../cli/main.ts';
import type { ExitCode, World } from '../cli/world.ts';
import { nodeResult, runResults } from './recorded-run.ts';

/** An answer for each use case, small but whole. */
const answers: { readonly [Name in UseCaseName]: Answer<Name> } = {
  run: runResults([]),
  test: runResults([]),
  build: runResults([nodeResult('model.shop.orders', 'success', {}, { rows: 3 })]),
  seed: runResults([]),
  snapshot: runResults([]),
  retry: runResults([]),
  plan: { command: 'build', target: 'dev', rows: [], project_nodes: 3, estimated_seconds: null, warnings: [] },
  explainTests: { tests: [], statements: 0 },
  compile: { nodes: [], seconds: 0.1, warnings: [] },
  parse: { counts: { model: 2 }, files: 3, seconds: 0.1, manifest_path: 'target/manifest.json', warnings: [] },
  ls: {
    rows: [
      {
        unique_id: 'model.shop.orders',
        selector: 'shop.orders',
        name: 'orders',
        path: 'models/orders.sql',
        node: { name: 'orders', config: { materialized: 'table' } },
      },
    ],
    warnings: [],
  },
  show: { tables: [], warnings: [] },
  debug: { checks: [{ name: 'project', ok: true, detail: 'found', hint: null }] },
  sourceFreshness: { metadata: {}, results: [], elapsed_time: 0 },
  history: { runs: [], held: [], rolled_back: [] },
  versions: { versions: [] },
  rollback: {
    run_id: 'r',
    to: 'run q',
    git_sha: null,
    moved: [],
    inconsistent: [],
    of_today: [],
    with_descendants: false,
    seconds: 0.01,
    unserved: null,
  },
  verify: { checks: [] },
  diff: { left: 'prod', right: 'dev', relations: [] },
  clone: { from: 'prod', to: 'dev', cloned: [], seconds: 0.1, unserved: null },
  promote: {
    from: 'staging',
    to: 'prod',
    run_id: 'r',
    promoted: [],
    already_there: 0,
    refused: [],
    seconds: 0.1,
    unserved: null,
  },
  lineage: { root: 'a', nodes: [], edges: [], unresolved: [] },
  openLineage: [],
  impact: { against: 'prod', verdict: 'none', changes: [], affected: [], owners: [] },
  inspect: {
    test: 't',
    name: 't',
    about: null,
    status: 'pass',
    message: null,
    failures: 0,
    considered: 1,
    failing_since: null,
    last_run: null,
    path: null,
    line: null,
    sql: 'select 1',
    rows: null,
    origins: [],
    hint: null,
    owner: null,
  },
  coverage: { models: [], percent: 50, fail_under: null },
  ci: {
    results: runResults([]),
    diff: { left: 'prod', right: 'dev', relations: [] },
    impact: { against: 'prod', verdict: 'none', changes: [], affected: [], owners: [] },
    newly_failing: [],
    violations: [],
  },
  docsGenerate: { path: 'target/docs/index.html', pages: 1, bytes: 10, seconds: 0.1 },
  docsServe: { url: 'http://localhost' },
  runOperation: { macro: 'm', ok: true, value: null, message: null, seconds: 0.1 },
  clean: { removed: [], bytes: 0, run_id: null, unserved: null },
  init: { folder: '/home/shop', files: [], next: [] },
};

/** The small answers, some of them replaced. */
export const answersWith = (more: Partial<typeof answers>): typeof answers => ({ ...answers, ...more });

export interface Invocation {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: Readonly<Record<string, string>>;
  /** What each use case was asked, in order. */
  readonly asked: readonly { readonly name: UseCaseName; readonly options: CommonOptions & Record<string, unknown> }[];
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The width of the terminal; 0, the default, is a pipe. */
  readonly columns?: number;
  /** Stands in for every use case: what happens before it answers. */
  readonly during?: (hooks: Hooks, interrupt: () => void) => void | Promise<void>;
  /** Answers instead of the small ones. */
  readonly answers?: Partial<typeof answers>;
}

export async function invoke(argv: readonly string[], around: Surroundings = {}): Promise<Invocation> {
  const files: Record<string, string> = { '/home/shop/project.yml': 'name: shop\n', ...around.files };
  const asked: { name: UseCaseName; options: CommonOptions & Record<string, unknown> }[] = [];
  let stdout = '';
  let stderr = '';
  let interrupt = () => {};
  const all = answersWith(around.answers ?? {});
  const stream = (write: (text: string) => void) => ({ isTTY: false, columns: around.columns ?? 0, rows: 0, write });
  const world: World = {
    environment: around.environment ?? {},
    cwd: around.cwd ?? '/home/shop',
    version: '1.2.3',
    stdout: stream((text) => {
      stdout += text;
    }),
    stderr: stream((text) => {
      stderr += text;
    }),
    now: () => new Date('2001-07-02T06:00:00Z'),
    useCase: async (name) => async (options: CommonOptions, hooks: Hooks) => {
      asked.push({ name, options: { ...options } });
      await around.during?.(hooks, () => interrupt());
      return all[name];
    },
    readFile: (path) => files[path],
    writeFile: (path, text) => {
      files[path] = text;
    },
    appendFile: (path, text) => {
      files[path] = (files[path] ?? '') + text;
    },
    onInterrupt(listener) {
      interrupt = listener;
      return () => {
        interrupt = () => {};
      };
    },
  };
  const code = await main(argv, world);
  return { code, stdout, stderr, files, asked };
}

/** The workflows we ship are executed as GitHub and GitLab would: every step's script by its shell, with npm, npx and gh stood in for. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly 'working-directory'?: string;
}
interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly required: boolean; readonly default?: string }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}
interface Workflow {
  readonly on: unknown;
  readonly jobs: Readonly<Record<string, { readonly 'runs-on': string; readonly steps: readonly Step[] }>>;
}

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/cli/dql.cjs');
const action: Action = parse(readFileSync(join(ROOT, '.github/actions/dql/action.yml'), 'utf8'));

/** Programs a runner has. `npx` and `npm run` find the project's own dql; `gh` writes down what it was asked and answers from a file. */
const tools = mkdtempSync(join(tmpdir(), 'dql-runner-'));
const program = (name: string, text: string) =>
  writeFileSync(join(tools, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
program('npx', `[ "$1 $2" = "--no-install dql" ] || exit 90\nshift 2\nexec ${process.execPath} ${PROGRAM} "$@"`);
program(
  'npm',
  `[ "$1" = ci ] && { echo "npm $*" >> "$RUNNER_TEMP/npm.log"; exit 0; }\n[ "$1 $2 $3" = "run dql --" ] || exit 90\nshift 3\nexec ${process.execPath} ${PROGRAM} "$@"`,
);
program(
  'gh',
  `printf '%s\\n' "$*" >> "$RUNNER_TEMP/gh.log"
for word in "$@"; do case "$word" in body=@*) cp "\${word#body=@}" "$RUNNER_TEMP/sent.md";; esac; done
case "$*" in *--jq*) cat "$RUNNER_TEMP/comments" 2>/dev/null;; esac
exit 0`,
);

const open: StoryProject[] = [];
afterAll(() => {
  for (const project of open) project.remove();
  rmSync(tools, { recursive: true });
});

function shop(): StoryProject {
  const project = storyProject({
    'project.yml': `name: shop
target: prod
targets:
  prod: { path: prod.duckdb }
  review: { path: review.duckdb }
`,
    'models/orders.sql': 'select 1 as order_id, 10 as amount',
    'models/orders.yml': 'models: [{ name: orders, columns: [{ name: order_id, data_tests: [not_null] }] }]',
  });
  mkdirSync(join(project.folder, 'runner'));
  open.push(project);
  return project;
}

/** The script as the runner starts it: `shell: bash` is strict, GitLab's is not told otherwise. */
function script(project: StoryProject, text: string, environment: Readonly<Record<string, string>>) {
  const file = join(project.folder, 'runner/step.sh');
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    cwd: project.folder,
    encoding: 'utf8',
    env: {
      PATH: `${tools}:${process.env['PATH']}`,
      HOME: project.folder,
      RUNNER_TEMP: join(project.folder, 'runner'),
      ...environment,
    },
  });
  return { status, said: stdout + stderr };
}

/** `${{ inputs.state }}` and the like, from what is known; an expression of anything else is a mistake of ours. */
function expanded(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => {
    const value = known[name];
    if (value === undefined) throw new Error(`\${{ ${name} }} is nothing`);
    return value;
  });
}

/** Takes the steps of the composite action as a pull request would. */
function act(project: StoryProject, inputs: Readonly<Record<string, string>>) {
  const known: Record<string, string> = {
    'github.token': 'a-token',
    'github.repository': 'shop/data',
    'github.event.pull_request.number': '7',
  };
  for (const [name, input] of Object.entries(action.inputs)) {
    const value = inputs[name] ?? input.default;
    if (value === undefined) throw new Error(`the input ${name} is required`);
    known[`inputs.${name}`] = value;
  }
  const output = join(project.folder, 'runner/output');
  const statuses: (number | null)[] = [];
  let said = '';
  for (const step of action.runs.steps) {
    writeFileSync(output, '');
    const environment = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([name, value]) => [name, expanded(value, known)]),
    );
    const ended = script(project, step.run ?? '', { ...environment, GITHUB_OUTPUT: output });
    statuses.push(ended.status);
    said += ended.said;
    for (const line of readFileSync(output, 'utf8').split('\n').filter(Boolean)) {
      const [name = '', value = ''] = line.split(/=(.*)/s);
      known[`steps.${step.id}.outputs.${name}`] = value;
    }
  }
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [name, expanded(value, known)]),
  );
  return { statuses, said, outputs };
}

test('every input of the action is used, every expression names something, every script has its shell', () => {
  const text = readFileSync(join(ROOT, '.github/actions/dql/action.yml'), 'utf8');
  const used = new Set([...text.matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual(Object.keys(action.inputs).sort());
  const ids = action.runs.steps.flatMap(({ id }) => id ?? []);
  for (const [, id = ''] of text.matchAll(/steps\.([\w-]+)\./g)) expect(ids).toContain(id);
  expect(action.runs.using).toBe('composite');
  for (const step of action.runs.steps) {
    expect(step.shell).toBe('bash');
    // Text of a pull request must not become part of a script.
    expect(step.run).not.toContain('${{');
    const named = new Set([...(step.run ?? '').matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name = '']) => name));
    for (const name of named) expect([...Object.keys(step.env ?? {}), 'RUNNER_TEMP', 'GITHUB_OUTPUT']).toContain(name);
  }
});

test('the action builds the change, fails by its policies, and comments once', async () => {
  const project = shop();
  expect((await project.dql('build')).code).toBe(0);
  project.write({ 'models/orders.sql': 'select 1 as order_id, 12 as amount' });
  const inputs = { state: 'prod.duckdb', target: 'review', 'fail-on': 'tests rows', arguments: '--key order_id' };
  const first = act(project, inputs);
  expect(first.statuses).toEqual([1, 0]);
  expect(first.outputs).toEqual({ report: join(project.folder, 'runner/dql-report.md') });
  expect(project.read('runner/dql-report.md')).toContain('rows differ from production in orders');
  expect(project.read('runner/sent.md')).toMatch(/^<!-- dql ci -->\n# ❌ This change is held up/);
  expect(project.read('runner/gh.log')).toContain('--method POST repos/shop/data/issues/7/comments');
  project.write({ 'runner/comments': '11\n12\n', 'runner/gh.log': '' });
  expect(act(project, { ...inputs, 'fail-on': 'tests' }).statuses).toEqual([0, 0]);
  expect(project.read('runner/gh.log')).toContain('--method PATCH repos/shop/data/issues/comments/11 ');
  expect(project.read('runner/sent.md')).toContain('This change may go in');
});

test('the action with nothing but a state takes its defaults; what dql refuses leaves no comment', async () => {
  const project = shop();
  expect((await project.dql('build', '-t', 'review')).code).toBe(0);
  const clean = act(project, { state: 'review.duckdb' });
  expect(`${clean.statuses} ${clean.said}`).toMatch(/^0,0 /);
  const other = shop();
  const refused = act(other, { state: 'nowhere.duckdb', 'fail-on': '' });
  expect(refused.statuses).toEqual([2, 0]);
  expect(refused.said).toContain('nowhere.duckdb');
  expect(existsSync(join(other.folder, 'runner/gh.log'))).toBe(false);
});

test.each(['github', 'gitlab'] as const)(
  'what `dql init --ci %s` writes runs, and leaves the report that it names',
  async (provider) => {
    const project = shop();
    expect((await project.dql('init', 'made', '--ci', provider)).code).toBe(0);
    const runs: { readonly lines: readonly string[]; readonly kept: readonly string[] } =
      provider === 'github'
        ? ofGithub(parse(project.read('made/.github/workflows/dql.yml')))
        : ofGitlab(parse(project.read('made/.gitlab-ci.yml')));
    const environment: Readonly<Record<string, string>> =
      provider === 'github'
        ? { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(project.folder, 'runner/summary.md') }
        : { GITLAB_CI: 'true' };
    let said = '';
    for (const line of runs.lines) {
      const ended = script(project, line, environment);
      expect(`${ended.status} ${ended.said}`).toMatch(/^0 /);
      said += ended.said;
    }
    expect(said).toContain('orders');
    for (const path of runs.kept) expect(existsSync(join(project.folder, path))).toBe(true);
    if (provider === 'github') expect(project.read('runner/summary.md')).toContain('Passed');
  },
);

function ofGithub({ on, jobs }: Workflow) {
  expect(Object.keys(Object(on))).toEqual(['push', 'pull_request']);
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  for (const { uses, run } of steps) expect(uses ?? run).toMatch(/^actions\/[\w-]+@v\d+$|^npm (ci|run dql -- )/);
  return { lines: steps.flatMap(({ run }) => run ?? []), kept: ['target/junit.xml', 'target/run_results.json'] };
}

function ofGitlab({
  dql,
}: {
  readonly dql: {
    readonly script: readonly string[];
    readonly artifacts: { readonly paths: readonly string[]; readonly reports: Readonly<Record<string, string>> };
  };
}) {
  return { lines: dql.script, kept: [...dql.artifacts.paths, ...Object.values(dql.artifacts.reports)] };
}

test('our own workflow is YAML whose scripts are there to be run', () => {
  const { jobs }: Workflow = parse(readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8'));
  for (const { steps } of Object.values(jobs))
    for (const { uses, run } of steps) {
      expect(uses ?? run).toBeDefined();
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
      if (run !== undefined) expect(existsSync(join(ROOT, run.split(' ')[0] ?? ''))).toBe(true);
    }
});

import { expect, test } from 'vitest';
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import { reporters } from '../report/index.ts';
import { invoke } from '../testing/fake-world.ts';
import { nodeResult, runResults } from '../testing/recorded-run.ts';
import { commands } from './commands/index.ts';
import { requestsOfCi } from './reporting.ts';

test('--version answers on standard output and loads nothing', async () => {
  expect(await invoke(['--version'])).toMatchObject({ code: 0, stdout: 'dql 1.2.3\n', stderr: '', asked: [] });
});

test('--help reads like a page: every command in its group, examples, exit codes', async () => {
  const { code, stdout } = await invoke(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "dql 1.2.3: a folder of SQL becomes tested tables on DuckDB. Bad data is never published.

    Usage
      dql COMMAND [flags]        flags may stand before or after the command

    Build
      build             build, test and publish the selected nodes in dependency order
      run               build and publish models without testing them
      test              test what is published
      seed              load the CSV files of seeds/
      snapshot          keep the history of changing tables
      retry             go on where the last command failed

    Look
      plan              show what a build would do, and why
      ls                list nodes
      show              print rows of a node or of any query
      compile           render templates to SQL
      lineage           where a node or column comes from, and what is made of it
      impact            what a change means downstream
      inspect           a test's failing rows and where they come from
      coverage          what nobody tests
      diff              compare data: runs, targets, versions
      source freshness  how old the sources' newest rows are

    Look back
      history           list the runs
      versions          list the kept versions of data
      rollback          publish earlier versions again
      verify            does an incremental model equal its full refresh?

    Environments
      clone             open a target on another's tables, without copying
      promote           publish what was tested in another target
      ci                build, test and explain a pull request

    Project
      init              write a project to begin with
      debug             check that everything needed is there
      parse             read and check the project, touch no data
      docs generate     write the site of this project
      docs serve        show it, reloading
      run-operation     call a macro
      clean             remove artifacts or old versions

    Examples
      dql init shop && cd shop && npm install              a project to begin with; then dql build
      dql plan -s +orders                                  what would run for orders and its parents, and why
      dql build -s state:modified+ --defer --state prod/   only what changed, on production's tables
      dql build --report junit=target/junit.xml            tell a CI system too

    Exit codes
      0    all good; warnings too, unless --warn-error
      1    a node or a test failed
      2    called wrong, or could not start
      130  interrupted

    Answers go to standard output, talk to standard error. A flag with "env: DQL_NAME" on its
    page can be set by that environment variable (DQL_TARGET=prod, DQL_FORCE=1; one that says
    --no- by false: DQL_WRITE_JSON=false); dbt's DBT_NAME is heard, too.
    More: dql COMMAND --help, and README.md of the package dql-cli.
    "
  `);
});

test('without a command the page goes to standard error, and the exit code says so', async () => {
  const { code, stdout, stderr } = await invoke([]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Usage');
});

test('each command has a page, by --help and by `dql help`', async () => {
  const page = await invoke(['retry', '--help']);
  expect(page.code).toBe(0);
  expect(page.stdout).toMatchInlineSnapshot(`
    "Usage: dql retry [flags]

    Runs the last command again from where it failed: what failed, what was skipped, and what was held back. What
    was built and tested meanwhile is taken over. It takes no selection.

    State:
      --state <path>               an earlier state to compare with: a folder with manifest.json, or a warehouse
                                   (env: DQL_STATE)

    Building:
      -f, --full-refresh           rebuild incremental models and seeds from nothing (env: DQL_FULL_REFRESH)
      -x, --fail-fast              start nothing more after the first failure (env: DQL_FAIL_FAST)
      --no-fail-fast               never do that
      --force                      rebuild and test everything, reuse nothing (env: DQL_FORCE)
      --adopt                      replace relations that dql did not make (env: DQL_ADOPT)

    Output:
      --output <format>            the answer on standard output (text | json, default: text)
      --warn-error                 warnings are errors (env: DQL_WARN_ERROR)
      --warn-error-options <yaml>  some of them: '{error: [..], warn: [..], silence: [..]}' (env:
                                   DQL_WARN_ERROR_OPTIONS)
      --report <kind=file>         tell others too, several at a time: text, json, junit, xunit, tap, sarif,
                                   github, github-summary, gitlab; or none (env: DQL_REPORT)
      -q, --quiet                  only the answer and what went wrong (env: DQL_QUIET)
      -d, --debug                  the same as --log-level debug (env: DQL_DEBUG)
      --log-level <level>          how much is said (debug | info | warn | error | none, default: info, env:
                                   DQL_LOG_LEVEL)
      --log-format <format>        json: one event a line on standard output (text | json, default: text, env:
                                   DQL_LOG_FORMAT)
      --color                      colours, also in a pipe (NO_COLOR and FORCE_COLOR are heard) (env:
                                   DQL_USE_COLORS)
      --no-color                   no colours

    Project:
      -t, --target <name>          where to build: a target of project.yml (env: DQL_TARGET)
      --profile <name>             a profile of profiles.yml (env: DQL_PROFILE)
      --vars <yaml>                values for var(): '{start: 2001-01-01}' (env: DQL_VARS)
      --threads <n>                how many nodes run at a time (env: DQL_THREADS)
      --project-dir <path>         the project; else this folder or the nearest above (env: DQL_PROJECT_DIR)
      --profiles-dir <path>        the folder of profiles.yml (env: DQL_PROFILES_DIR)
      --target-path <path>         where artifacts are written (env: DQL_TARGET_PATH)
      --lock-timeout <time>        how long to wait for a warehouse another process writes: 30s, 10m; else the
                                   target’s, else 60s (env: DQL_LOCK_TIMEOUT)
      --now <time>                 the time it is, for tests, freshness and intervals (env: DQL_NOW)
      --no-partial-parse           read every file again, ignore the parse cache (env: DQL_PARTIAL_PARSE)
      --no-write-json              write no artifacts (env: DQL_WRITE_JSON)

    Options:
      -h, --help                   this page

    Examples:
      dql retry                       after a fix
      dql retry --state old-target/   of another run_results.json

    Exit codes
      0    all good; warnings too, unless --warn-error
      1    a node or a test failed
      2    called wrong, or could not start
      130  interrupted
    "
  `);
  expect((await invoke(['help', 'retry'])).stdout).toBe(page.stdout);
});

test('a page is as narrow as the terminal, and tells what a flag may be', async () => {
  const { stdout } = await invoke(['build', '--help'], { columns: 80 });
  const [flags = ''] = stdout.split('\nExamples:');
  expect(flags.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const told = flags.replace(/\s+/g, ' ');
  for (const value of ['text | json', 'eager | cautious', 'debug | info', ...Object.keys(reporters)])
    expect(told).toContain(value);
});

test('what a command is about fills its lines, wherever the source breaks them', async () => {
  for (const name of Object.keys(commands)) {
    const { stdout } = await invoke([...name.split(' '), '--help']);
    const [, about = ''] = stdout.split('\n\n');
    for (const [index, line] of about.split('\n').slice(0, -1).entries()) {
      const next = about.split('\n')[index + 1]?.split(' ')[0] ?? '';
      expect(`${line} ${next}`.length, `${name}: ${line}`).toBeGreaterThan(110);
    }
  }
});

test.each([
  [['bild'], 'cli/unknown-command', 'did you mean `build`?'],
  [['docs'], 'cli/unknown-command', 'there are `dql docs generate` and `dql docs serve`'],
  [['source', '--help'], 'cli/unknown-command', 'there is `dql source freshness`'],
  [['freshness'], 'cli/unknown-command', 'there is `dql source freshness`'],
  [['deps'], 'cli/unknown-command', 'put their folders below dbt_packages/'],
  [['build', '--slect', 'orders'], 'cli/unknown-flag', 'did you mean `--select`?'],
  [['run', 'orders'], 'cli/too-many-arguments', 'dql run --select orders'],
  [['lineage'], 'cli/missing-argument', '--help'],
  [['build', '--threads', 'many'], 'cli/bad-flag', '--threads'],
  [['build', '--threads', '0'], 'cli/bad-flag', '1 or more'],
  [['build', '--now', 'yesterday'], 'cli/bad-flag', 'ISO 8601'],
  [['build', '--indirect-selection', 'bold'], 'cli/bad-flag', 'eager'],
  [['build', '--vars', '[1, 2]'], 'cli/bad-flag', 'must be a mapping'],
  [['build', '--vars', '{a: '], 'cli/bad-flag', 'is not YAML'],
  [['build', '--warn-error-options', '{errors: all}'], 'cli/bad-flag', 'has no key `errors`'],
  [['build', '--report', 'junitt=x.xml'], 'cli/unknown-reporter', 'did you mean `junit`?'],
  [['build', '--report', 'junit', '--report', 'tap'], 'cli/two-answers', '--report tap=FILE'],
  [['build', '--no-version-check'], 'cli/unknown-flag', 'leave it out'],
  [['promote', '--to', 'prod'], 'cli/missing-flag', '--from'],
  [['rollback', 'orders', '--to', 'r1'], 'cli/two-places', 'give one of them'],
  [['run-operation'], 'cli/missing-argument', '--sql'],
  [['ci', '--fail-on', 'test'], 'cli/unknown-policy', 'did you mean `tests`?'],
])('%j is refused with exit code 2 and a hint, and nothing runs', async (argv, code, hint) => {
  const told = await invoke(argv);
  expect(told.code).toBe(2);
  expect(told.stdout).toBe('');
  expect(told.stderr).toContain(`error[${code}]`);
  expect(told.stderr).toContain(hint);
  expect(told.asked).toEqual([]);
});

test('an environment variable that makes no sense is refused like its flag', async () => {
  const told = await invoke(['build'], { environment: { DQL_THREADS: 'many' } });
  expect(told.code).toBe(2);
  expect(told.stderr).toContain('DQL_THREADS=many');
});

test('the exit code is that of the run', async () => {
  const failed = runResults([nodeResult('model.shop.orders', 'error', { message: 'no' })], { exit_code: 1 });
  expect((await invoke(['build'])).code).toBe(0);
  expect((await invoke(['build'], { answers: { build: failed } })).code).toBe(1);
});

test('answers go to standard output, talk to standard error', async () => {
  const ls = await invoke(['ls']);
  expect([ls.stdout, ls.stderr]).toEqual(['shop.orders\n', '']);
  const build = await invoke(['build']);
  expect(build.stdout).toBe('');
  expect(build.stderr).toContain('Done. PASS=1');
  const json = await invoke(['build', '--output', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ results: [{ status: 'success' }] });
});

test('errors of the project are drawn with their frame, exit code 2', async () => {
  const diagnostic: Diagnostic = {
    code: 'compile/unknown-ref',
    severity: 'error',
    message: 'model `ordrs` does not exist',
    at: { file: 'models/daily.sql', start: 21, end: 28 },
    label: 'no model has this name',
  };
  const told = await invoke(['build', '--report', 'sarif=out.sarif'], {
    files: { '/home/shop/models/daily.sql': "select * from {{ ref('ordrs') }}" },
    during: () => {
      throw new DqlError([diagnostic]);
    },
  });
  expect(told.code).toBe(2);
  expect(told.stderr).toContain(
    "1 │ select * from {{ ref('ordrs') }}\n  │                      ^^^^^^^ no model has this name",
  );
  expect(JSON.parse(told.files['/home/shop/out.sarif'] ?? '').runs[0].results[0].ruleId).toBe('compile/unknown-ref');
});

test('with --log-format json the errors are JSON lines, too', async () => {
  const told = await invoke(['build', '--log-format', 'json'], {
    during: () => {
      throw new DqlError([{ code: 'a/b', severity: 'error', message: 'broken' }]);
    },
  });
  expect(told.stderr).toBe('');
  expect(JSON.parse(told.stdout)).toMatchObject({ v: 1, type: 'diagnostic', code: 'a/b', message: 'broken' });
});

test('a bug shows its trace and says that it is one', async () => {
  const told = await invoke(['build'], {
    during: () => {
      throw new TypeError('cannot read properties of undefined');
    },
  });
  expect(told.code).toBe(2);
  expect(told.stderr).toContain('TypeError: cannot read');
  expect(told.stderr).toContain('    at ');
  expect(told.stderr).toContain('this is a bug in dql 1.2.3');
});

test('the first Ctrl-C aborts the signal; whatever the use case then does, the exit code is 130', async () => {
  for (const rejects of [false, true]) {
    let aborted = false;
    const told = await invoke(['build'], {
      during: (hooks, interrupt) => {
        interrupt();
        aborted = hooks.signal.aborted;
        if (rejects) throw new Error('interrupted');
      },
    });
    expect(aborted).toBe(true);
    expect(told.code).toBe(130);
    expect(told.stderr).toContain('Stopping');
    expect(told.stderr).not.toContain('bug');
  }
});

test('secrets reach no output and no report', async () => {
  const secret = 'pa"ss<1>';
  const failed = runResults(
    [nodeResult('model.shop.orders', 'error', { message: `no access with ${secret} or hunter2` })],
    {
      exit_code: 1,
    },
  );
  const told = await invoke(
    [
      'build',
      '--output',
      'json',
      '--report',
      'junit=j.xml',
      '--report',
      'json=j.jsonl',
      '--report',
      'github-summary=s.md',
    ],
    {
      environment: { DBT_ENV_SECRET_TOKEN: secret },
      answers: { build: failed },
      during: (hooks) => {
        hooks.onProject?.({ describe: () => undefined, secrets: ['hunter2'] });
        hooks.onEvent({ type: 'log', level: 'info', message: `token ${secret}`, node: null });
      },
    },
  );
  const everything = [told.stdout, told.stderr, ...Object.values(told.files)].join('\n');
  for (const trace of ['pa"ss', 'pa\\"ss', 'pa&quot;ss', 'ss<1>', 'ss&lt;1', 'hunter2'])
    expect(everything).not.toContain(trace);
  expect(told.stderr).toContain('token *****');
  expect(told.files['/home/shop/j.xml']).toContain('*****');
});

test('CI systems are recognised and told what they can show; `--report none` stops that', async () => {
  const github = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/ci/summary.md' };
  const failed = { build: runResults([nodeResult('model.shop.orders', 'error', { message: 'no' })], { exit_code: 1 }) };
  const onGithub = await invoke(['build'], {
    environment: github,
    answers: failed,
    files: { '/ci/summary.md': 'of an earlier step\n' },
  });
  expect(onGithub.stderr).toContain('::error ');
  expect(onGithub.files['/ci/summary.md']).toMatch(/^of an earlier step\n## ❌ Failed: dql build/);
  expect((await invoke(['build', '--report', 'none'], { environment: github, answers: failed })).stderr).not.toContain(
    '::error',
  );
  const onGitlab = await invoke(['build'], { environment: { GITLAB_CI: 'true' }, answers: failed });
  expect(Object.keys(onGitlab.files)).toEqual(
    expect.arrayContaining(['/home/shop/target/junit.xml', '/home/shop/target/gl-code-quality-report.json']),
  );
  const chosen = (environment: Readonly<Record<string, string>>) =>
    requestsOfCi(environment, '/ci').map(({ kind, file }) => `${kind}=${file}`);
  expect(chosen({ CIRCLECI: 'true' })).toEqual(['junit=/ci/junit.xml']);
  // Its xUnit plugin takes only what the schema knows.
  expect(chosen({ JENKINS_URL: 'https://ci.example.com' })).toEqual(['xunit=/ci/junit.xml']);
  expect(chosen({})).toEqual([]);
});

test('the project is looked for in the folders above; without one this folder is named', async () => {
  expect((await invoke(['ls'], { cwd: '/home/shop/models/staging' })).asked[0]?.options.projectDir).toBe('/home/shop');
  expect((await invoke(['ls'], { cwd: '/elsewhere' })).asked[0]?.options.projectDir).toBe('/elsewhere');
});

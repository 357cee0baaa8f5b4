import { resolve } from 'node:path';
import type { CommonOptions, Hooks, ProjectFacts } from '../app/contract.ts';
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import type { Describe } from '../report/describe.ts';
import type { Reporter, ReporterOptions } from '../report/reporter.ts';
import { maskSecrets, secretsIn } from '../report/secrets.ts';
import type { RunResults } from '../run/results.ts';
import type { Call, Command } from './command.ts';
import { openReporters, reportRequests, requestsOfCi } from './reporting.ts';
import { canRedraw, streamTerminal, wantsColour } from './stream-terminal.ts';
import type { Values } from './values.ts';
import type { ExitCode, World } from './world.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'none'] as const;

/** Calls a command: opens its reporters, hands it what it may use, and turns how it ended into an exit code. */
export async function callCommand(
  name: string,
  command: Command,
  args: readonly string[],
  values: Values,
  options: CommonOptions,
  world: World,
): Promise<ExitCode> {
  let facts: ProjectFacts | undefined;
  const outside = secretsIn(world.environment);
  const mask = (text: string) => maskSecrets(text, [...outside, ...(facts?.secrets ?? [])]);
  const describe: Describe = (id) => facts?.describe(id);
  const quiet = values.yes('quiet');
  const jsonLog = values.text('logFormat') === 'json';
  const jsonAnswer = values.text('output') === 'json';

  const colour = values.maybe('color');
  const talk = await streamTerminal(world.stderr, {
    colour: wantsColour(world.stderr, world.environment, colour),
    live: canRedraw(world.stderr, world.environment) && !quiet && !jsonLog,
    pipeColumns: 160,
    mask,
  });
  const page = await streamTerminal(world.stdout, {
    colour: wantsColour(world.stdout, world.environment, colour),
    live: false,
    pipeColumns: Number.POSITIVE_INFINITY,
    mask,
  });

  const interrupt = new AbortController();
  const stopListening = world.onInterrupt(() => {
    talk.print('Stopping: running queries are cancelled, nothing is half-published. Ctrl-C again to kill.');
    interrupt.abort();
  });

  const warnings: Diagnostic[] = [];
  let results: RunResults | undefined;
  let reporter: Reporter | undefined;
  try {
    const reporting: ReporterOptions = {
      describe,
      readSource: (path) => world.readFile(resolve(options.projectDir, path)),
      command: name,
      version: world.version,
      quiet,
      logLevel: values.yes('debug') ? 'debug' : (LEVELS.find((level) => level === values.text('logLevel')) ?? 'info'),
    };
    const asked = reportRequests(values.list('report'));
    const ci = asked.none
      ? []
      : requestsOfCi(world.environment, resolve(options.projectDir, options.targetPath ?? 'target'));
    const extra = ci.filter(({ kind }) => !asked.requests.some((request) => request.kind === kind));
    reporter = openReporters(
      [{ kind: jsonLog ? 'json' : 'text' }, ...asked.requests, ...extra],
      { talk, page, answersOnPage: jsonAnswer },
      world,
      mask,
      reporting,
    );
    const hear = reporter.hear;
    const hooks: Hooks = {
      onEvent: hear,
      onProject: (known) => {
        facts = known;
      },
      signal: interrupt.signal,
    };
    const call: Call = {
      args,
      values,
      options,
      world,
      reporting,
      page,
      use: async (useCaseName, own, changed = {}) => {
        const useCase = await world.useCase(useCaseName);
        return await useCase({ ...options, ...changed, ...own }, hooks);
      },
      execute: async (useCaseName) => {
        const useCase = await world.useCase(useCaseName);
        results = await useCase(options, hooks);
        if (jsonAnswer) page.print(JSON.stringify(results, null, 2));
        return results.meta.dql.exit_code;
      },
      reply: (answer, text) => {
        const drawn = jsonAnswer ? JSON.stringify(answer, null, 2) : text();
        if (drawn !== '') page.print(drawn);
      },
      say: (text) => {
        if (!quiet) talk.print(text);
      },
      warn: (diagnostics) => {
        warnings.push(...diagnostics);
      },
      writeFile: (path, text) => world.writeFile(resolve(world.cwd, path), mask(text)),
      finish: (run) => {
        results = run;
      },
    };
    const code = await command.run(call);
    reporter.close(results, warnings);
    return interrupt.signal.aborted ? 130 : code;
  } catch (error) {
    if (interrupt.signal.aborted) {
      reporter?.close(results, warnings);
      talk.print('Interrupted.');
      return 130;
    }
    if (!(error instanceof DqlError)) {
      reporter?.close(results, warnings);
      throw error;
    }
    const all = [...error.diagnostics, ...warnings];
    if (reporter) reporter.close(results, all);
    else {
      const { frames } = await import('../report/frame.ts');
      talk.print(frames(all, { readSource: () => undefined, colour: talk.colour }));
    }
    return error.exitCode;
  } finally {
    stopListening();
  }
}

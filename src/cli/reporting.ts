import { resolve } from 'node:path';
import { DqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { type ReporterName, reporters } from '../report/index.ts';
import type { Reporter, ReporterOptions } from '../report/reporter.ts';
import type { Terminal } from '../report/terminal.ts';
import { fileTerminal } from './stream-terminal.ts';
import type { World } from './world.ts';

export interface ReportRequest {
  readonly kind: ReporterName;
  /** Absent: the place the kind is used to. */
  readonly file?: string | undefined;
}

/** `junit=target/junit.xml` → kind and file. @throws DqlError for a kind there is none of. */
export function reportRequests(asked: readonly string[]): { requests: ReportRequest[]; none: boolean } {
  const requests = asked
    .filter((text) => text !== 'none')
    .map((text) => {
      const [name = '', ...rest] = text.split('=');
      const kinds = Object.keys(reporters);
      if (!isReporter(name))
        throw new DqlError([
          {
            code: 'cli/unknown-reporter',
            severity: 'error',
            message: `there is no reporter \`${name}\``,
            hint: didYouMean(name, kinds) ?? `there are ${kinds.join(', ')}, and none`,
          },
        ]);
      return { kind: name, file: rest.length > 0 ? rest.join('=') : undefined };
    });
  return { requests, none: asked.includes('none') };
}

const isReporter = (name: string): name is ReporterName => Object.hasOwn(reporters, name);

/** What the CI system at hand shows when it is given it. Files go below the artifacts' folder, where workflows pick them up. */
export function requestsOfCi(environment: Readonly<Record<string, string>>, targetDir: string): ReportRequest[] {
  const below = (name: string) => resolve(targetDir, name);
  if (environment.GITHUB_ACTIONS === 'true')
    return [{ kind: 'github' }, ...(environment.GITHUB_STEP_SUMMARY ? [{ kind: 'github-summary' as const }] : [])];
  if (environment.GITLAB_CI)
    return [
      { kind: 'junit', file: below('junit.xml') },
      { kind: 'gitlab', file: below('gl-code-quality-report.json') },
    ];
  // Jenkins' xUnit plugin takes only what its schema knows.
  if (environment.JENKINS_URL) return [{ kind: 'xunit', file: below('junit.xml') }];
  // Azure Pipelines, CircleCI, Buildkite, Bamboo, TeamCity: all read JUnit.
  const readsJunit = ['TF_BUILD', 'CIRCLECI', 'BUILDKITE', 'bamboo_buildKey', 'TEAMCITY_VERSION'];
  return readsJunit.some((name) => environment[name]) ? [{ kind: 'junit', file: below('junit.xml') }] : [];
}

/** Talk goes to standard error; what a program reads, to standard output. */
const TALKS: readonly ReporterName[] = ['text', 'github'];

/**
 * One reporter that hears for all of them. @throws DqlError when two would write to standard output at once, or one would mix
 * with the answer.
 */
export function openReporters(
  requests: readonly ReportRequest[],
  places: { readonly talk: Terminal; readonly page: Terminal; readonly answersOnPage: boolean },
  world: World,
  mask: (text: string) => string,
  options: ReporterOptions,
): Reporter {
  const onPage = requests.filter(
    ({ kind, file }) => file === undefined && !TALKS.includes(kind) && kind !== 'github-summary',
  );
  const [first, second] = onPage;
  if (first && (second || places.answersOnPage))
    throw new DqlError([
      {
        code: 'cli/two-answers',
        severity: 'error',
        message: second
          ? `\`${first.kind}\` and \`${second.kind}\` cannot both go to standard output`
          : `\`${first.kind}\` would mix with the answer on standard output`,
        hint: `name a file: --report ${(second ?? first).kind}=FILE`,
      },
    ]);
  const open = requests.map(({ kind, file }) => {
    const summaryFile =
      kind === 'github-summary' && file === undefined ? world.environment.GITHUB_STEP_SUMMARY : undefined;
    const terminal =
      summaryFile !== undefined
        ? fileTerminal((text) => world.appendFile(summaryFile, text), mask)
        : file !== undefined
          ? fileTerminal(replacing(resolve(world.cwd, file), world), mask)
          : TALKS.includes(kind)
            ? places.talk
            : places.page;
    return reporters[kind](terminal, kind === 'text' && file === undefined ? options : { ...options, quiet: false });
  });
  return {
    hear: (event) => {
      for (const reporter of open) reporter.hear(event);
    },
    close: (results, diagnostics) => {
      for (const reporter of open) reporter.close(results, diagnostics);
    },
  };
}

function replacing(path: string, world: World): (text: string) => void {
  let fresh = true;
  return (text) => {
    if (fresh) world.writeFile(path, text);
    else world.appendFile(path, text);
    fresh = false;
  };
}

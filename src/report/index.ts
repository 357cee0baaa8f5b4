import { github } from './github.ts';
import { githubSummary } from './github-summary.ts';
import { gitlab } from './gitlab.ts';
import { json } from './json.ts';
import { junit, xunit } from './junit.ts';
import type { OpenReporter } from './reporter.ts';
import { sarif } from './sarif.ts';
import { tap } from './tap.ts';
import { text } from './text.ts';

/** The reporters there are; the keys are what `--report` takes. */
export const reporters = {
  text,
  json,
  junit,
  xunit,
  github,
  'github-summary': githubSummary,
  gitlab,
  sarif,
  tap,
} satisfies Record<string, OpenReporter>;
export type ReporterName = keyof typeof reporters;

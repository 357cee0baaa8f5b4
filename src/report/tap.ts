import type { NodeResult } from '../run/results.ts';
import { describeWith } from './describe.ts';
import { frame } from './frame.ts';
import { placedDetailsOf } from './junit.ts';
import { isFailure, outcomeOf, reasonOf } from './outcome.ts';
import type { OpenReporter, ReporterOptions } from './reporter.ts';

/** Test Anything Protocol 14: one line a node, as it finishes; details of what is not good as comments. */
export const tap: OpenReporter = (terminal, options) => {
  let told = 0;
  let total: number | undefined;
  return {
    hear(event) {
      if (event.type === 'run-started') {
        total = event.total;
        terminal.print(`TAP version 14\n1..${event.total}`);
      }
      if (event.type !== 'node-finished') return;
      told += 1;
      terminal.print(point(event.result, told, options));
    },
    close(results, diagnostics) {
      if (total === undefined) terminal.print('TAP version 14');
      for (const diagnostic of diagnostics)
        terminal.print(comment(frame(diagnostic, { readSource: options.readSource, colour: false })));
      if (results?.meta.dql.interrupted) terminal.print('Bail out! interrupted');
      else if (!results && diagnostics.some(({ severity }) => severity === 'error'))
        terminal.print('Bail out! the project has errors');
      else if (total === undefined) terminal.print('1..0');
    },
  };
};

function point(result: NodeResult, number: number, options: ReporterOptions): string {
  const node = describeWith(options.describe, result.unique_id);
  const outcome = outcomeOf(result);
  const name = escaped(`${node.kind} ${node.name}`);
  if (outcome === 'skip') return `ok ${number} - ${name} # SKIP ${escaped(reasonOf(result).replaceAll('\n', ' '))}`;
  const line = `${isFailure(result) ? 'not ok' : 'ok'} ${number} - ${name}${outcome === 'warn' ? ' (warning)' : ''}`;
  return isFailure(result) || outcome === 'warn' ? `${line}\n${comment(placedDetailsOf(result, node, options))}` : line;
}

const comment = (text: string): string => text.replace(/^/gm, '# ');
const escaped = (text: string): string => text.replace(/[\\#]/g, '\\$&');

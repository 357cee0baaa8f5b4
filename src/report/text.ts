import type { NodeId } from '../core/node-id.ts';
import type { RunEvent } from '../run/results.ts';
import { count, seconds, thousands } from './amounts.ts';
import { paint } from './colour.ts';
import { describeWith } from './describe.ts';
import { frames } from './frame.ts';
import { heartbeat, liveBlock, type Progress } from './live-block.ts';
import { nodeLine } from './node-line.ts';
import { isFailure } from './outcome.ts';
import type { OpenReporter } from './reporter.ts';
import { summary } from './summary.ts';

const REDRAW = 100;
const SILENCE = 30_000;
const LEVELS = ['debug', 'info', 'warn', 'error', 'none'] as const;

/** For people: at a terminal a live block under the finished lines, in a pipe the lines alone. */
export const text: OpenReporter = (terminal, options) => {
  const colours = paint(terminal.colour);
  const started = terminal.now();
  const running = new Map<NodeId, number>();
  let done = 0;
  let total = 0;
  let failed = 0;
  let doing: string | undefined;
  let spoke = started;
  const timers: (() => void)[] = [];

  const since = (from: number) => (terminal.now() - from) / 1000;
  const progress = (): Progress => ({
    done,
    total,
    failed,
    elapsed: since(started),
    running: [...running].map(([id, from]) => {
      const node = describeWith(options.describe, id);
      return { name: node.relation ?? node.name, since: since(from) };
    }),
    doing,
  });
  let drawn = Number.NEGATIVE_INFINITY;
  const redraw = () => {
    drawn = terminal.now();
    terminal.redraw(liveBlock(progress(), colours, terminal));
  };
  const say = (line: string) => {
    spoke = terminal.now();
    terminal.print(line);
  };
  const start = () => {
    if (terminal.live) timers.push(terminal.every(REDRAW, redraw));
    else
      timers.push(
        terminal.every(SILENCE, () => {
          if (running.size > 0 && terminal.now() - spoke >= SILENCE) say(heartbeat(progress()));
        }),
      );
  };

  return {
    hear(event: RunEvent) {
      switch (event.type) {
        case 'run-started':
          total = event.total;
          if (options.quiet) break;
          say(
            colours.bold(
              `dql ${options.version} · ${event.command} · target ${event.target} · ${count(event.threads, 'thread')} · ${count(event.total, 'node')}`,
            ),
          );
          start();
          break;
        case 'waiting-for-lock':
          // Said with --quiet too: a command that stands still must say why.
          say(
            `waiting for ${event.file ?? 'the warehouse'}, ${seconds(event.seconds)} at most: ${event.holder ?? 'another process'} holds it`,
          );
          break;
        case 'log':
          if (LEVELS.indexOf(event.level) < LEVELS.indexOf(options.logLevel)) break;
          if (options.quiet && event.level !== 'warn') break;
          say(event.level === 'warn' ? `${colours.yellow('warning:')} ${event.message}` : event.message);
          break;
        case 'node-started':
          running.set(event.node, terminal.now());
          break;
        case 'node-finished': {
          running.delete(event.result.unique_id);
          done = event.done;
          total = event.total;
          if (isFailure(event.result)) failed += 1;
          if (event.result.meta.dql.silenced || (options.quiet && !isFailure(event.result))) break;
          const node = describeWith(options.describe, event.result.unique_id);
          say(nodeLine(event.result, node, colours, terminal.columns));
          break;
        }
        case 'publishing':
          doing = `publishing ${count(event.nodes, 'node')}`;
          break;
        case 'published':
          doing = undefined;
          if (options.quiet) break;
          say(
            `  ${colours.green('Published')} ${thousands(event.nodes)} in ${seconds(event.seconds)}${event.held > 0 ? `, held back ${thousands(event.held)}` : ''}`,
          );
          break;
        case 'run-finished':
          break;
        default:
          event satisfies never;
      }
      if (terminal.live && !options.quiet && terminal.now() - drawn >= REDRAW) redraw();
    },
    close(results, diagnostics) {
      for (const stop of timers) stop();
      terminal.redraw('');
      const shown = options.quiet ? diagnostics.filter(({ severity }) => severity === 'error') : diagnostics;
      const wrong = frames(shown, {
        readSource: options.readSource,
        colour: terminal.colour,
        columns: Math.min(terminal.columns, 160),
      });
      if (wrong !== '') terminal.print(wrong);
      const end = results ? summary(results, terminal, options) : '';
      if (end !== '') terminal.print(`\n${end}`);
    },
  };
};

import type { OpenReporter } from './reporter.ts';

/** For programs: every event as one JSON object a line, as it happens; `diagnostic` lines for what is wrong with the project. */
export const json: OpenReporter = (terminal, options) => {
  const line = (event: object) => terminal.print(JSON.stringify({ v: 1, ...event }));
  return {
    hear(event) {
      // run-finished repeats every result; they were said one by one, and run_results.json has them together.
      if (event.type === 'run-finished')
        line({
          type: event.type,
          elapsed_time: event.results.elapsed_time,
          metadata: event.results.metadata,
          ...event.results.meta.dql,
        });
      else if (event.type === 'node-finished') {
        const node = options.describe(event.result.unique_id);
        line({ ...event, node: node ?? null });
      } else line(event);
    },
    close(_results, diagnostics) {
      for (const diagnostic of diagnostics) line({ type: 'diagnostic', ...diagnostic });
    },
  };
};

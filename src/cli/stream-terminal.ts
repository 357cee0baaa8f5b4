import type { Terminal } from '../report/terminal.ts';
import type { Stream } from './world.ts';

export interface TerminalSettings {
  readonly colour: boolean;
  readonly live: boolean;
  /** What a pipe's lines may take; a terminal tells its own width. */
  readonly pipeColumns: number;
  /** Applied to everything that is written. */
  readonly mask: (text: string) => string;
}

/** A terminal on a stream. The live block is drawn by log-update, which this file alone knows. */
export async function streamTerminal(stream: Stream, settings: TerminalSettings): Promise<Terminal> {
  const { mask } = settings;
  const tty = settings.live ? stream.tty : undefined;
  // Loaded only where a person looks on: it costs more than the rest of the start.
  const log = tty && (await import('log-update')).createLogUpdate(tty);
  let block = '';
  // Lines told while a block stands wait for its next drawing: thousands of nodes would spend more time drawing than running.
  let waiting = '';
  const flush = () => {
    if (waiting === '') return;
    log?.clear();
    stream.write(waiting);
    waiting = '';
  };
  return {
    get columns() {
      return stream.isTTY && stream.columns > 0 ? stream.columns : settings.pipeColumns;
    },
    get rows() {
      return stream.rows > 0 ? stream.rows : 24;
    },
    colour: settings.colour,
    live: log !== undefined,
    now: () => performance.now(),
    print(text) {
      if (block === '') stream.write(`${mask(text)}\n`);
      else waiting += `${mask(text)}\n`;
    },
    redraw(next) {
      if (!log || (next === '' && block === '')) return;
      flush();
      block = mask(next);
      if (block !== '') return log(block);
      log.clear();
      log.done();
    },
    every,
  };
}

/** A terminal that is a file: the first thing printed replaces what was there, unless it is to be appended to. */
export function fileTerminal(write: (text: string) => void, mask: (text: string) => string): Terminal {
  return {
    columns: 160,
    rows: Number.POSITIVE_INFINITY,
    colour: false,
    live: false,
    now: () => performance.now(),
    print: (text) => write(`${mask(text)}\n`),
    redraw: () => {},
    every,
  };
}

function every(milliseconds: number, work: () => void): () => void {
  const timer = setInterval(work, milliseconds).unref();
  return () => clearInterval(timer);
}

/** Decided once per stream: the flag, then NO_COLOR, then FORCE_COLOR (`0` means none), then whether a person looks on. */
export function wantsColour(
  stream: Stream,
  environment: Readonly<Record<string, string>>,
  flag: boolean | undefined,
): boolean {
  if (flag !== undefined) return flag;
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '')
    return !['0', 'false'].includes(environment.FORCE_COLOR);
  return stream.isTTY && environment.TERM !== 'dumb';
}

/** Git hooks give a terminal of no width, CI systems one nobody looks at. */
export const canRedraw = (stream: Stream, environment: Readonly<Record<string, string>>): boolean =>
  stream.isTTY && stream.columns > 0 && environment.TERM !== 'dumb' && !environment.CI;

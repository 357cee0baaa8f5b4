import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../disk/make-folder.ts';
import { useCase } from './use-cases.ts';
import type { Stream, World } from './world.ts';

/** Ctrl-C, the `kill` of a supervisor, a terminal that is closed. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The process as the world `main` acts in. */
export function processWorld(): World {
  const toldTogether = joinedWrites();
  return {
    environment: Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    cwd: process.cwd(),
    version: packageVersion(),
    stdout: processStream(process.stdout, toldTogether),
    stderr: processStream(process.stderr, toldTogether),
    now: () => new Date(),
    useCase,
    readFile(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        // Missing, a folder, not permitted: whoever asked can do without, or says so in better words.
        return undefined;
      }
    },
    writeFile(path, text) {
      makeFolder(dirname(path));
      writeFileSync(path, text);
    },
    appendFile: (path, text) => appendFileSync(path, text),
    onInterrupt(listener) {
      let interrupted = false;
      const hear = (signal: NodeJS.Signals) => {
        if (!interrupted) {
          interrupted = true;
          listener();
        } else if (signal !== 'SIGHUP') {
          // The default action ends the process at once, whatever native code is doing.
          stop();
          process.kill(process.pid, signal);
        }
        // A terminal that closes is told by the shell and by the system: the second SIGHUP is nobody's impatience.
      };
      const stop = () => {
        for (const signal of ENDING) process.off(signal, hear);
      };
      for (const signal of ENDING) process.on(signal, hear);
      return stop;
    },
  };
}

type Write = (stream: NodeJS.WriteStream, text: string) => void;

/**
 * Joins what is written in one turn of the program: a line each is a call of the system each, and a run tells thousands. What goes to
 * two streams keeps its order, as both may lead into one file.
 */
function joinedWrites(): Write {
  let waiting: { readonly stream: NodeJS.WriteStream; readonly texts: string[] } | undefined;
  const flush = () => {
    waiting?.stream.write(waiting.texts.join(''));
    waiting = undefined;
  };
  process.on('exit', flush);
  return (stream, text) => {
    if (waiting && waiting.stream !== stream) flush();
    if (waiting) waiting.texts.push(text);
    else {
      waiting = { stream, texts: [text] };
      queueMicrotask(flush);
    }
  };
}

function processStream(stream: NodeJS.WriteStream, writeJoined: Write): Stream {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `dql ls | head -1`: the reader has seen enough. EIO: the terminal was closed.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    gone = true;
  });
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 0;
    },
    get rows() {
      return stream.rows ?? 0;
    },
    write: (text) => {
      if (gone) return;
      // A terminal is also drawn on by others, who know nothing of what waits.
      if (stream.isTTY) stream.write(text);
      else writeJoined(stream, text);
    },
    tty: stream.isTTY ? stream : undefined,
  };
}

/** Resolves when everything written has left the process. */
export const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });

function packageVersion(): string {
  const { version }: { version?: unknown } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return String(version);
}

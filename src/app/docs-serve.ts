/** `dql docs serve`: the site on a local address; the page reloads when files of the project or a run's results change. */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, relative } from 'node:path';
import { DqlError } from '../core/diagnostic.ts';
import type { SiteFile } from '../docs/docs.ts';
import type { CommonOptions, DocsOptions, Hooks, UseCases } from './contract.ts';
import { siteFiles } from './docs-generate.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';

const DOCS: DocsOptions = { singleFile: false, compile: true, emptyCatalog: false };
const RELOAD = '/__reload';
/** Files are saved in bursts. */
const QUIET_MILLISECONDS = 250;

export const docsServe: UseCases['docsServe'] = async (options, hooks) => {
  const opened = await openProject(options, 'serve', hooks);
  let files = served((await siteFiles(opened, { ...options, ...DOCS }, hooks)).files);
  const readers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] === RELOAD) follow(response, readers);
    else answer(request, response, files);
  });
  const url = await listening(server, options.host, options.port);
  options.onListening(url);
  const stop = watching(opened, async () => {
    try {
      files = served((await rebuilt(options, hooks)).files);
      for (const reader of readers) reader.write('data: reload\n\n');
    } catch (error) {
      // A half-written file is no reason to stop: what was shown stays until it can be understood.
      if (!(error instanceof DqlError)) throw error;
      hooks.onEvent({
        type: 'log',
        level: 'warn',
        message: `not reloaded: ${error.diagnostics.map(({ message, at }) => (at ? `${at.file}: ${message}` : message)).join('; ')}`,
        node: null,
      });
    }
  });
  await aborted(hooks.signal);
  stop();
  for (const reader of readers) reader.end();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return { url };
};

const rebuilt = async (options: CommonOptions, hooks: Hooks) => {
  // The clock of the command would stand still while the server runs.
  const now = { ...options, now: options.given.includes('now') ? options.now : new Date() };
  return siteFiles(await openProject(now, 'serve', hooks), { ...now, ...DOCS }, hooks);
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const LISTENER = `<script>new EventSource('${RELOAD}').onmessage = () => location.reload()</script>`;

/** By path. The page listens for changes, which its own policy (no connection anywhere) forbids: on this server it is left out. */
const served = (files: readonly SiteFile[]): ReadonlyMap<string, string> =>
  new Map(
    files.map(({ path, text }) => [
      `/${path}`,
      path.endsWith('.html')
        ? text
            .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>\s*/i, '')
            .replace('</body>', () => `${LISTENER}\n</body>`)
        : text,
    ]),
  );

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function answer(request: IncomingMessage, response: ServerResponse, files: ReadonlyMap<string, string>): void {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const name = path.endsWith('/') ? `${path}index.html` : path;
  const text = files.get(name);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  if (text === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('there is no such page\n');
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function follow(response: ServerResponse, readers: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': listening\n\n');
  readers.add(response);
  response.on('close', () => readers.delete(response));
}

function listening(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new DqlError([
          {
            code: 'docs/cannot-listen',
            severity: 'error',
            message:
              error.code === 'EADDRINUSE'
                ? `port ${port} is in use`
                : `cannot listen on ${host}:${port}: ${error.message}`,
            hint: 'choose another with --port, or --port 0 for any free one',
          },
        ]),
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}/`);
    });
  });
}

/** Watches the project's folders, and the results of runs; answers how to stop. */
function watching({ project, targetFolder }: OpenedProject, changed: () => Promise<void>): () => void {
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(changed);
    }, QUIET_MILLISECONDS);
  };
  const skipped = new Set(['node_modules', '.git', relative(project.folder, targetFolder)]);
  const relevant = (name: string | null) => name === null || /\.(sql|ya?ml|md|csv)$/i.test(name);
  for (const entry of readdirSync(project.folder)) {
    const path = join(project.folder, entry);
    if (skipped.has(entry) || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) continue;
    watchers.push(watch(path, { recursive: true }, (_, name) => relevant(name) && soon()));
  }
  watchers.push(watch(project.folder, (_, name) => name !== null && relevant(name) && soon()));
  // Its own catalog.json and manifest.json are written there, too: only results mean news.
  if (statSync(targetFolder, { throwIfNoEntry: false }))
    watchers.push(watch(targetFolder, (_, name) => (name === 'run_results.json' || name === 'sources.json') && soon()));
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

// Makes dist: the program and the library as a few modules (a command starts three times faster than from one file a source), their
// types, the docs site's assets, the JSON Schemas for editors, and the licences of what was taken in.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleSite } from './docs/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const newest = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

/** The program is one script, not modules: see cli/dql.ts. */
const SCRIPT = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: { js: "const moduleAddress = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'moduleAddress' },
};

// A stamp keeps `npm run dql` from compiling again when no source changed.
const stamp = join(dist, '.built');
const latest = String(Math.max(newest(join(root, 'src')), statSync(join(root, 'package.json')).mtimeMs));
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== latest) {
  rmSync(dist, { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--emitDeclarationOnly'], {
    cwd: root,
    stdio: 'inherit',
  });
  const modules = await bundle({ 'cli/start': 'cli/start.ts', index: 'index.ts' }, { splitting: true });
  const program = await bundle(
    { 'cli/program': 'cli/start.ts' },
    {
      ...SCRIPT,
      banner: { js: `(function (exports, require, module, __filename, __dirname) {${SCRIPT.banner.js}` },
      footer: { js: '})' },
      entryNames: '[dir]/[name]-[hash]',
    },
  );
  const PROGRAM = JSON.stringify(basename(program.files[0]));
  await bundle(
    { 'cli/dql': 'cli/dql.ts' },
    { ...SCRIPT, define: { ...SCRIPT.define, PROGRAM }, external: ['./start.js'] },
  );
  await bundle({ 'bench/bench': 'bench/bench.ts', 'bench/floor': 'bench/floor.ts' });
  await bundle({ 'bench/peak-memory': 'bench/peak-memory.ts' }, SCRIPT);
  writeFileSync(join(dist, 'LICENSES'), licences([...new Set([...modules.packages, ...program.packages])].sort()));
  cpSync(join(root, 'src/docs/assets'), join(dist, 'docs/assets'), { recursive: true });
  bundleSite(dist);
  await writeSchemas();
  writeFileSync(stamp, latest);
}

/** Joins modules, libraries included; answers the files written and the libraries. DuckDB's binary stays a package of its own: npm picks the platform's. */
async function bundle(entries, settings) {
  const { metafile } = await build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, 'src', file)])),
    outdir: dist,
    absWorkingDir: root,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    // The bench opens a browser with it where there is one.
    external: ['@duckdb/node-bindings*', 'playwright-core'],
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Some libraries are CommonJS inside.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    // Names stay: a trace in a bug report must tell something.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    metafile: true,
    logLevel: 'warning',
    ...settings,
  });
  const packages = Object.keys(metafile.inputs).map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return { files: Object.keys(metafile.outputs), packages: new Set(packages.filter((name) => name !== undefined)) };
}

function licences(packages) {
  return packages
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** JSON Schemas of project.yml and property files, for editors; made of the schemas that dql checks with. */
async function writeSchemas() {
  const folder = join(dist, 'schema');
  await bundle({ 'schema/json-schema': 'project/json-schema.ts' });
  const module = join(folder, 'json-schema.js');
  const { projectJsonSchema, propertiesJsonSchema } = await import(pathToFileURL(module).href);
  rmSync(module);
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of [
    ['project', projectJsonSchema()],
    ['properties', propertiesJsonSchema()],
  ])
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(schema, null, 1)}\n`);
}

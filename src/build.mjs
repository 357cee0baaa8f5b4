// Compiles src to dist and copies the files that tsc leaves behind (the docs site's assets).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleSite } from './docs/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const newest = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);

// A stamp keeps `npm run dql` from compiling again when no source changed.
const stamp = join(root, 'dist', '.built');
const latest = String(Math.max(newest(join(root, 'src')), statSync(join(root, 'package.json')).mtimeMs));
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== latest) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: root, stdio: 'inherit' });
  const assets = join(root, 'src/docs/assets');
  if (existsSync(assets)) cpSync(assets, join(root, 'dist/docs/assets'), { recursive: true });
  bundleSite(join(root, 'dist'));
  await writeSchemas(join(root, 'dist'));
  writeFileSync(stamp, latest);
}

/** JSON Schemas of project.yml and property files, for editors; made of the schemas that dql checks with. */
async function writeSchemas(dist) {
  const { projectJsonSchema, propertiesJsonSchema } = await import(
    pathToFileURL(join(dist, 'project/json-schema.js')).href
  );
  const folder = join(dist, 'schema');
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of [
    ['project', projectJsonSchema()],
    ['properties', propertiesJsonSchema()],
  ])
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(schema, null, 1)}\n`);
}

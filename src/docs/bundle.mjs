// Compiles the site's browser code (src/docs/browser, its own tsconfig: it alone knows the DOM) and joins it into assets/app.js.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkModules } from './link-modules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

/** Libraries as ES modules; what `require` finds is their CommonJS twin. */
const LIBRARIES = {
  minisearch: join(dirname(require.resolve('minisearch')), '../es/index.js'),
  'fastest-levenshtein': join(dirname(require.resolve('fastest-levenshtein')), 'esm/mod.js'),
};

/** Writes app.js into `folder`/docs/assets; compiled modules lie beside it, as tsc leaves them. */
export function bundleSite(folder) {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'src/docs/browser'), '--outDir', folder], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const entry = join(folder, 'docs/browser/main.js');
  const nameOf = (file) => (file.startsWith(folder) ? relative(folder, file) : `vendor/${relative(root, file)}`);
  const fileOf = new Map();
  const idOf = (file) => {
    fileOf.set(nameOf(file), file);
    return nameOf(file);
  };
  const script = linkModules(
    idOf(entry),
    (id) => readFileSync(fileOf.get(id), 'utf8'),
    (from, specifier) =>
      idOf(specifier.startsWith('.') ? join(dirname(fileOf.get(from)), specifier) : libraryNamed(specifier)),
  );
  mkdirSync(join(folder, 'docs/assets'), { recursive: true });
  writeFileSync(join(folder, 'docs/assets/app.js'), script);
}

function libraryNamed(name) {
  const file = LIBRARIES[name];
  if (!file) throw new Error(`the docs page imports ${name}, which bundle.mjs does not know`);
  return file;
}

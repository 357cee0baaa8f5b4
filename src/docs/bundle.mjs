// The site's script: src/docs/browser (its own tsconfig: it alone knows the DOM) and the libraries it uses, as one file.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const entry = fileURLToPath(new URL('./browser/main.ts', import.meta.url));

/** Writes app.js into `folder`/docs/assets. */
export function bundleSite(folder) {
  buildSync({
    entryPoints: [entry],
    outfile: join(folder, 'docs/assets/app.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    // The page lies in one HTML file, too: `</script>` in a string would end it.
    supported: { 'inline-script': false },
    logLevel: 'warning',
  });
}

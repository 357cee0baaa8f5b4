/** `npm run bench [part…]`: one table, and the same as target/bench.json. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checks } from './checks.ts';
import { docsSite } from './docs-site.ts';
import type { Figure } from './figure.ts';
import { largeData } from './large-data.ts';
import { parts } from './parts.ts';
import { storeSales } from './store-sales.ts';

const all = { ...parts, checks, docs: docsSite, 'store-sales': storeSales, ...largeData };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in all));
if (unknown.length > 0) {
  console.error(`no part ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}`);
  process.exit(2);
}

const figures: (Figure & { readonly load: number })[] = [];
const cells = ['part', 'what', 'seconds', 'floor', 'ratio', 'peak MB', 'load', 'target'];
const widths = [12, 60, 9, 9, 7, 9, 6, 20];
const line = (values: readonly string[]): string =>
  values
    .map((value, index) =>
      index < 2 || index === 7 ? value.padEnd(widths[index] ?? 0) : value.padStart(widths[index] ?? 0),
    )
    .join('  ')
    .trimEnd();
console.log(line(cells));
for (const [name, measure] of Object.entries(all)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), `dql-bench-${name}-`));
  try {
    for await (const found of measure(folder)) {
      const load = loadavg()[0] ?? 0;
      figures.push({ ...found, load });
      console.log(
        line([
          found.part,
          found.what,
          found.seconds.toFixed(3),
          found.floorSeconds?.toFixed(3) ?? '',
          found.floorSeconds === null ? '' : (found.seconds / found.floorSeconds).toFixed(2),
          found.peakMb?.toFixed(0) ?? '',
          load.toFixed(1),
          found.target ?? '',
        ]),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const target = fileURLToPath(new URL('../../target', import.meta.url));
mkdirSync(target, { recursive: true });
writeFileSync(
  join(target, 'bench.json'),
  `${JSON.stringify({ measured_at: new Date().toISOString(), node: process.version, cores: availableParallelism(), memory_bytes: totalmem(), figures }, null, 2)}\n`,
);

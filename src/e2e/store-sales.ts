/** The store-sales pipeline: its project and its raw files, of any number of shops and days. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quotedString } from '../core/quote.ts';
import { openWarehouse } from '../engine/open.ts';

// Compiled, this file lies in dist/, the project stays in src/.
const folder = fileURLToPath(new URL('../../src/e2e/projects/store-sales', import.meta.url));
const paths = [
  'project.yml',
  'macros/features.sql',
  ...[
    'raw.yml',
    'stores.sql',
    'sales.sql',
    'cleaned.sql',
    'features.sql',
    'features_file.sql',
    'features_by_year.sql',
  ].map((name) => `models/${name}`),
];

/** The project's files, by path. */
export const storeSalesProject = (): Readonly<Record<string, string>> =>
  Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));

export interface RawFiles {
  readonly stores: number;
  /** Name of a file of sales → the days it holds, from..to without the last, counted from 2013-01-01. */
  readonly files: Readonly<Record<string, readonly [from: number, to: number]>>;
  /** What `select * replace (…)` or `* exclude (…)` to write instead of every column as it is. */
  readonly columns?: string | undefined;
}

/** Writes raw/stores.csv and the given files of sales below `project`. Deterministic. */
export async function makeRawFiles(project: string, { stores, files, columns = '*' }: RawFiles): Promise<void> {
  const raw = join(project, 'raw');
  mkdirSync(raw, { recursive: true });
  const warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  const days = Math.max(...Object.values(files).map(([, to]) => to));
  await connection.run(`set variable stores = ${stores}; set variable days = ${days};`);
  await connection.run(readFileSync(join(folder, 'raw-files.sql'), 'utf8'));
  await connection.run(`copy store to ${quotedString(join(raw, 'stores.csv'))}`);
  for (const [name, [from, to]] of Object.entries(files))
    await connection.run(
      `copy (
         select ${columns} from train where "Date" >= date '2013-01-01' + ${from} and "Date" < date '2013-01-01' + ${to}
         order by "Date" desc, "Store"
       ) to ${quotedString(join(raw, name))}`,
    );
  connection.close();
  await warehouse.close();
}

/** What people get wrong, and what they are told: the place, in their words, and what to do. */
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());
async function told(
  files: Readonly<Record<string, string>>,
  words = 'build',
): Promise<{ code: number; stderr: string }> {
  open?.close();
  open = temporaryProject(files);
  return open.dql(words);
}

test('a seed’s row with a field too few or too many, a value of another type, a quote left open, nothing at all', async () => {
  const seed = (text: string, yml = 'seeds: []') => told({ 'seeds/people.csv': text, 'seeds/seeds.yml': yml });
  const few = await seed('id,name,country\n1,Ada,UK\n2,Bob\n');
  expect(few.code).toBe(1);
  expect(few.stderr).toContain('seed `people`: it has 3 columns but line 3 has 2');
  expect(few.stderr).toContain('seeds/people.csv:3:1');
  // DuckDB would have taken the rows before it for notes and loaded none.
  expect((await seed('id,name\n1,Ada\n2,Bob,x\n')).stderr).toContain('it has 2 columns but line 3 has 3');
  const typed = 'seeds: [{ name: people, config: { column_types: { id: integer } } }]';
  expect((await seed('id,name\n1,Ada\nzwei,Bob\n', typed)).stderr).toContain(
    '`zwei` in column `id`, line 3, is no INT32',
  );
  expect((await seed('id,name\n1,"Ada\n2,Bob\n')).stderr).toContain('opened in line 2 is never closed');
  expect((await seed('')).stderr).toContain('seed `people`: it is empty');
});

test('a source whose file is not there, or is not what it is called', async () => {
  const source = {
    'models/sources.yml': 'sources:\n  - name: raw\n    tables: [{ name: flights, external: raw/flights.parquet }]\n',
    'models/flights.sql': "select * from {{ source('raw', 'flights') }}",
  };
  const missing = await told(source);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('the source `raw.flights` cannot be read: no file is there: raw/flights.parquet');
  expect(missing.stderr).toContain('see its `external` in models/sources.yml');
  const junk = await told({ ...source, 'raw/flights.parquet': 'no parquet' });
  expect(junk.stderr).toMatch(/the source `raw.flights` cannot be read: .*Parquet/);
});

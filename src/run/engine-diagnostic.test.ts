import { expect, test } from 'vitest';
import { EngineError } from '../core/engine-error.ts';
import { engineDiagnostic } from './engine-diagnostic.ts';

/** DuckDB's error about the word in «», in the statement that builds a view of the compiled SQL. */
function placed(raw: string, compiled: string): string | undefined {
  const sql = compiled.replace(/[«»]/g, '');
  const before = 'create view "_dql"."main.orders@1" as\n';
  const error = new EngineError('Binder Error: no such column', 'binder', {
    offset: before.length + compiled.trimStart().indexOf('«'),
    statement: `${before}${sql.trim()}`,
  });
  const node = {
    resource_type: 'model',
    name: 'orders',
    original_file_path: 'models/orders.sql',
    raw_code: raw,
  } as const;
  const { at, notes } = engineDiagnostic(error, node, sql);
  if (!at || at.end === 0) return notes?.join();
  return `${raw.slice(0, at.start)}«${raw.slice(at.start, at.end)}»${raw.slice(at.end)}`;
}

test('an error is shown on the model’s line that was copied unchanged', () => {
  expect(placed('select id,\n  amout\nfrom {{ ref("raw") }}', 'select id,\n  «amout\nfrom main.raw')).toBe(
    'select id,\n  «amout»\nfrom {{ ref("raw") }}',
  );
});

test('blank lines before the compiled SQL move nothing', () => {
  expect(placed('{{ config() }}\n\nselect größe,\n  amout', '\n\nselect größe,\n  «amout')).toBe(
    '{{ config() }}\n\nselect größe,\n  «amout»',
  );
});

test('on a line with a template it is the word that both texts have once', () => {
  expect(placed('select amout from {{ ref("raw") }}', 'select «amout from main.raw')).toBe(
    'select «amout» from {{ ref("raw") }}',
  );
});

test('what a macro wrote is shown in the compiled SQL', () => {
  expect(placed('select {{ money("amount") }}', 'select «amout / 100 as amount')).toBe(
    'in the compiled SQL, line 1, column 8: select amout / 100 as amount',
  );
});

test('a full disk comes with what makes room on it; the limit of temporary files with the engine’s own words', () => {
  const node = {
    resource_type: 'model',
    name: 'orders',
    original_file_path: 'models/orders.sql',
    raw_code: '',
  } as const;
  const hint = (message: string) => engineDiagnostic(new EngineError(message, 'full'), node, '').hint;
  expect(hint('IO Error: Could not write file "shop.duckdb.wal": No space left on device')).toMatch(/clean --versions/);
  expect(hint('Out of Memory Error: failed to offload data block, max_temp_directory_size was exceeded')).toBe(
    undefined,
  );
});

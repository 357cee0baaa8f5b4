import { expect, test } from 'vitest';
import { EngineError } from '../core/engine-error.ts';
import { oneStatement } from './one-statement.ts';

function answer(sql: string): string {
  try {
    return oneStatement(sql);
  } catch (error) {
    if (!(error instanceof EngineError) || error.offset === undefined) throw error;
    return `${sql.slice(0, error.offset)}«${sql.slice(error.offset)}`;
  }
}

test('semicolons behind a query are left out, those inside texts, names and comments are no end', () => {
  expect(answer('select 1;\n ; -- done; really\n')).toBe('select 1\n  -- done really\n');
  for (const sql of ["select ';' as a", 'select 1 as ";"', 'select 1 -- ;\n', 'select $$;$$ /* ; */'])
    expect(answer(sql)).toBe(sql);
});

test('a second statement is found', () => {
  expect(answer("select ';'; -- and\nselect 2")).toBe("select ';'; -- and\n«select 2");
});

/**
 * dbt's unit tests: given rows → the model's SQL over them → expected rows. No parent is built or read; the inputs are CTEs, typed as the real
 * relations are, or as their contracts say.
 */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Span } from '../core/source.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { type Fixture, fixtureSql, readFixture } from './fixture-rows.ts';
import { indent } from './measure.ts';
import { type CellText, diffRows, diffText, type RowDiff } from './row-diff.ts';

export interface UnitTestRequest {
  readonly name: string;
  /** The model's SQL, rendered so that each input is read by its `as` name, quoted. */
  readonly model: string;
  readonly inputs: readonly UnitTestInput[];
  readonly expect: Fixture;
  readonly span?: Span | undefined;
}

export interface UnitTestInput {
  /** The CTE's name: dbt's `__dbt__cte__orders`. */
  readonly as: string;
  /** What people call it: `ref('orders')`. */
  readonly input: string;
  readonly fixture: Fixture;
  /** Columns of the real relation or of the contract; undefined when neither is known. */
  readonly columns: readonly Column[] | undefined;
}

/** The model over its given rows, as one query. */
export function unitTestSql(request: UnitTestRequest): Checked<string | undefined> {
  const diagnostics: Diagnostic[] = [];
  const ctes = request.inputs.flatMap(({ as, input, fixture, columns }) => {
    const made = fixtureSql(fixture, columns, {
      what: `\`given\` of ${input} in unit test \`${request.name}\``,
      at: request.span,
    });
    diagnostics.push(...made.diagnostics);
    return made.value === undefined ? [] : [`${quotedIdentifier(as)} as (\n${indent(made.value)}\n)`];
  });
  if (diagnostics.length > 0) return { value: undefined, diagnostics };
  const model = request.model.trim().replace(/;\s*$/, '');
  const given = ctes.length === 0 ? '' : `with ${ctes.join(',\n')}\n`;
  return {
    value: `${given}select *\nfrom (\n${indent(model)}\n) as actual`,
    diagnostics,
  };
}

/** The expected rows, typed as the model's columns; only the columns the test names. `sql` expectations bring their own columns. */
export function expectedSql(request: UnitTestRequest, actual: readonly Column[]): Checked<string | undefined> {
  const what = `\`expect\` of unit test \`${request.name}\``;
  return fixtureSql(request.expect, actual, {
    what,
    at: request.span,
    only: true,
  });
}

export interface UnitTestOutcome {
  readonly status: 'pass' | 'fail';
  /** dbt's number: 1 when the rows differ. */
  readonly failures: 0 | 1;
  /** null when it passes; else what differs, as text. */
  readonly message: string | null;
  readonly diff: RowDiff;
  /** The statement that was run, for `target/compiled`. */
  readonly sql: string;
}

/** Runs a unit test. Wrong fixtures come back as diagnostics; errors of the model's SQL reject with the engine's error. */
export async function executeUnitTest(
  connection: Connection,
  request: UnitTestRequest,
): Promise<Checked<UnitTestOutcome | undefined>> {
  const actual = unitTestSql(request);
  if (actual.value === undefined) return { value: undefined, diagnostics: actual.diagnostics };
  const produced = await connection.describe(actual.value);
  const expected = expectedSql(request, produced);
  const nothingExpected = readFixture(request.expect, '', request.span).value?.names.length === 0;
  if (expected.value === undefined && !nothingExpected) return { value: undefined, diagnostics: expected.diagnostics };
  // No expected rows and no columns named: the model must give no rows, whatever its columns.
  const query = expected.value ?? `${fixtureSql({ format: 'dict', rows: [] }, produced, { what: '' }).value}`;
  const compared = await connection.describe(query);
  const unknown = compared.filter(({ name }) => !produced.some((column) => same(column.name, name)));
  if (unknown.length > 0)
    return {
      value: undefined,
      diagnostics: unknown.map(({ name }) => notProduced(name, produced, request)),
    };
  const types = compared.map(({ name }) => produced.find((column) => same(column.name, name))?.type ?? 'VARCHAR');
  const texts = compared.map(
    ({ name }, index) =>
      `cast(cast(${quotedIdentifier(name)} as ${types[index]}) as varchar) as ${quotedIdentifier(name)}`,
  );
  const rowsOf = async (sql: string): Promise<readonly (readonly CellText[])[]> => {
    const { rows } = await connection.query(`select ${texts.join(', ')}\nfrom (\n${indent(sql)}\n) as compared`);
    return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
  };
  const diff = diffRows(
    compared.map(({ name }) => name),
    await rowsOf(query),
    await rowsOf(actual.value),
  );
  const passes = diff.lines.length === 0;
  return {
    diagnostics: [],
    value: {
      status: passes ? 'pass' : 'fail',
      failures: passes ? 0 : 1,
      message: passes ? null : `actual differs from expected:\n\n${diffText(diff)}\n`,
      diff,
      sql: actual.value,
    },
  };
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const notProduced = (name: string, produced: readonly Column[], { name: test, span }: UnitTestRequest): Diagnostic => ({
  code: 'checks/unknown-column',
  severity: 'error',
  message: `\`expect\` of unit test \`${test}\` names the column \`${name}\`, which the model does not give`,
  at: span,
  hint: didYouMean(
    name,
    produced.map((column) => column.name),
  ),
});

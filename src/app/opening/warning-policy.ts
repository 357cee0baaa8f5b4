/** `--warn-error` and `--warn-error-options`: which warnings stop a command, which are shown, which are not. */
import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { CommonOptions } from '../contract.ts';
import { DBT_ONLY, WARNINGS } from '../warning-names.ts';

type Asked = Pick<CommonOptions, 'warnError' | 'warnErrorOptions'>;

export type Fate = 'error' | 'warn' | 'silence';

/** dbt's group of all that is deprecated. */
const GROUP = 'Deprecations';

/** What becomes of a warning. A list that names it counts more than `error: all`; of the lists, `silence` counts most, then `warn`. */
export function fateOf(code: string, { warnError, warnErrorOptions: { error, warn, silence } }: Asked): Fate {
  // Said because the user chose it in project.yml: there is nothing to put right.
  if (!(code in WARNINGS)) return 'warn';
  const names = [code, WARNINGS[code] ?? code, ...(code === 'compile/deprecated-ref' ? [GROUP] : [])];
  const within = (list: readonly string[]) => list.some((name) => names.includes(name));
  if (within(silence)) return 'silence';
  if (within(warn)) return 'warn';
  return warnError || error === 'all' || within(error) ? 'error' : 'warn';
}

/** What is left to show: silenced warnings are gone, those that the user will not have are errors. */
export const judged = (diagnostics: readonly Diagnostic[], asked: Asked): readonly Diagnostic[] =>
  diagnostics.flatMap((diagnostic) => {
    if (diagnostic.severity === 'error') return [diagnostic];
    const fate = fateOf(diagnostic.code, asked);
    return fate === 'silence' ? [] : [fate === 'warn' ? diagnostic : refused(diagnostic, asked)];
  });

/** The warnings to go on with. Rejects with DqlError (exit code 2) when one of them is to be an error. */
export function heeded(diagnostics: readonly Diagnostic[], asked: Asked): readonly Diagnostic[] {
  const left = judged(diagnostics, asked);
  if (left.some(({ severity }) => severity === 'error')) throw new DqlError(left);
  return left;
}

const refused = (diagnostic: Diagnostic, { warnError }: Asked): Diagnostic => ({
  ...diagnostic,
  severity: 'error',
  notes: [
    ...(diagnostic.notes ?? []),
    `a warning, and an error with ${warnError ? '--warn-error' : '--warn-error-options'}`,
  ],
});

/** A test at `warn` fails. */
export const warningsOfTestsFail = (asked: Asked): boolean => fateOf('checks/test-warned', asked) === 'error';

/** A test at `warn` is written down and counted, and not talked about. */
export const warningsOfTestsAreSilent = (asked: Asked): boolean => fateOf('checks/test-warned', asked) === 'silence';

/** Rejects with DqlError when the options name a warning that neither dql nor dbt gives. */
export function refuseUnknownWarnings({ warnErrorOptions: { error, warn, silence } }: Asked): void {
  const known = [...Object.entries(WARNINGS).flat(), ...DBT_ONLY, GROUP].filter((name) => name !== null);
  const unknown = [...new Set([...(error === 'all' ? [] : error), ...warn, ...silence])].filter(
    (name) => !known.includes(name),
  );
  if (unknown.length > 0)
    throw new DqlError(
      unknown.map((name) => ({
        code: 'app/unknown-warning',
        severity: 'error',
        message: `--warn-error-options names \`${name}\`, and no warning is called that`,
        hint:
          didYouMean(name, known) ??
          'every warning shows its name, e.g. `compile/literal-reference`; dbt’s names are known too',
      })),
    );
}

/** Unit tests of macros: the macro's text, a query or an expression, over given rows. Reads no relation of the warehouse. */
import { executeUnitTest, type UnitTestOutcome } from '../../checks/unit-test.ts';
import type { CallOutcome } from '../../compile/compile.ts';
import type { UnitTestNode } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { EngineError } from '../../core/engine-error.ts';
import type { Json } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import type { Connection } from '../../engine/engine.ts';
import type { ObjectOf } from '../../run/context.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { Relations } from '../warehouse/relations.ts';
import { answering } from '../warehouse/warehouse-compiler.ts';
import { overridesOf } from './unit-test-overrides.ts';

export async function runMacroTest(
  opened: OpenedProject,
  relations: Relations,
  test: UnitTestNode,
  objectOf: ObjectOf,
  connection: Connection,
): Promise<UnitTestOutcome | { readonly diagnostics: readonly Diagnostic[] }> {
  const at = opened.compiler.placeOf(test.unique_id) ?? { file: test.original_file_path, start: 0, end: 0 };
  const outcome = await answering<CallOutcome>(
    (answers) => opened.compiler.callMacro(test.model, test.args ?? {}, { overrides: overridesOf(test), answers }),
    connection,
    relations.known(objectOf),
  );
  if (outcome.kind === 'failed') return { diagnostics: outcome.diagnostics };
  if (outcome.kind !== 'called') throw new Error(`${test.model} was not called`);
  const query = queryOf(test, outcome.value);
  if (query === undefined)
    return {
      diagnostics: [
        {
          code: 'compile/unit-test-target',
          severity: 'error',
          message: `\`${test.model}\` gives an expression, so unit test \`${test.name}\` can give rows of one input only`,
          at,
        },
      ],
    };
  try {
    const { value, diagnostics } = await executeUnitTest(connection, {
      name: test.name,
      model: query,
      inputs: test.given.map(({ input, ...fixture }) => ({ input, as: input, fixture, columns: undefined })),
      expect: test.expect,
      span: at,
    });
    return value ?? { diagnostics };
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    const [reason = ''] = error.message.split('\n');
    return {
      diagnostics: [
        {
          code: 'run/sql-error',
          severity: 'error',
          message: `what \`${test.model}\` gives cannot be run: ${reason}`,
          at,
          notes: [`in unit test \`${test.name}\``, `it gives: ${textOf(outcome.value)}`],
        },
      ],
    };
  }
}

/** The macro's definition, those it calls, and what it is tested with; undefined where its text is not the same each time. */
export function macroTestIdentity({ compiler, manifest }: OpenedProject, test: UnitTestNode): Json | undefined {
  const outcome = compiler.callMacro(test.model, test.args ?? {}, { overrides: overridesOf(test) });
  if (outcome.kind !== 'called' || outcome.readsTime) return undefined;
  const used = [...new Set([...test.depends_on.macros, ...outcome.macrosUsed])].sort();
  return [outcome.value, test.checksum, used.map((id) => manifest.macros[id]?.macro_sql ?? null)];
}

/** undefined: an expression, and several inputs it could be computed for. */
function queryOf(test: UnitTestNode, value: Json): string | undefined {
  const text = textOf(value);
  if (/^(with|select|from|values|pivot|unpivot)\b/i.test(text)) return text;
  const [input, ...more] = test.given;
  const called = quotedIdentifier(test.model.split('.').at(-1) ?? test.model);
  if (more.length > 0) return undefined;
  return input === undefined
    ? `select ${text} as ${called}`
    : `select *, ${text} as ${called}\nfrom ${quotedIdentifier(input.input)}`;
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : String(value ?? 'null')).trim();

import type { Json } from '../../core/node-id.ts';
import { callValue, type Value } from '../../jinja/jinja.ts';
import type { JsonObject } from '../../project/project.ts';
import { testArgument } from '../compiled/test-arguments.ts';
import { relationValue } from '../context/relation-value.ts';
import type { Macro } from '../macros/macro-library.ts';
import { factsWhile, type ParseContext, type RenderedFacts } from '../templates/parse-sql.ts';

/**
 * What a generic test's macro says of every test that is made of it: it may call config(), ref() and source(). A macro that fails here
 * says nothing; it fails again when the test is run, and then it is told.
 * @param target the relation it is about: a ref's or a source table's name
 */
export function testMacroFacts(
  macro: Macro,
  kwargs: JsonObject,
  target: string,
  file: string,
  context: ParseContext,
): RenderedFacts {
  const { database, schema } = context.world.project.target;
  const relation = (identifier: string) => relationValue({ database, schema, identifier, type: null });
  const subject = {
    ref: ({ name }: { readonly name: string }) => relation(name),
    source: (_: string, table: string) => relation(table),
  };
  return factsWhile(context, (rendering) => {
    const named: Record<string, Value> = { model: relation(target) };
    for (const [key, value] of Object.entries(kwargs)) named[key] = argument(value);
    return callValue(rendering.macro(macro), [], named, undefined, rendering.scope());

    function argument(value: Json): Value {
      const step = testArgument(value, file, { subject, rendering });
      return step.kind === 'done' ? step.value : null;
    }
  }).facts;
}

import { endOf, startOf } from '../syntax/nodes.ts';
import { textOf } from '../values/text.ts';
import { Undefined } from '../values/undefined.ts';
import { spanIn } from './compiler.ts';
import { compileExpression } from './expression.ts';
import { compileMacro } from './macro.ts';
import type { Compilation } from './program.ts';
import { compileBody, strayReturn } from './statement.ts';
import { compileBlocks, Self } from './template-tags.ts';

/** How programs get compiled. */
export const compilation: Compilation = {
  body: compileBody,
  blocks: (body, unit) => compileBlocks(body, unit, compileBody),
  macro: (node, unit) => compileMacro(node, undefined, unit, compileBody, compileExpression),
  expression(body, names, unit) {
    const [only] = body;
    if (body.length !== 1 || only?.typename !== 'Print') return undefined;
    const value = compileExpression(only.value, names, unit);
    const at = spanIn(unit, startOf(only.value), endOf(only.value));
    return (frame) => {
      const result = value(frame);
      if (!(result instanceof Undefined)) return result;
      // An undefined value must not leave the template unnoticed: as text it is an error, or nothing.
      frame.run.at = at;
      return textOf(result);
    };
  },
  self: (frame, context) => new Self(frame, context.blocks),
  strayReturn,
};

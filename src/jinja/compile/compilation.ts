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
    return body.length === 1 && only?.typename === 'Print' ? compileExpression(only.value, names, unit) : undefined;
  },
  self: (frame, context) => new Self(frame, context.blocks),
  strayReturn,
};

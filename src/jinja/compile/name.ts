import { truthOf } from '../values/truth.ts';
import { Undefined } from '../values/undefined.ts';
import type { Unit } from './compiler.ts';
import { type Evaluate, type Frame, MISSING } from './frame.ts';
import type { Names } from './names.ts';

/** Reads a name from the innermost scope that has assigned it, else from the context. */
export function compileName(name: string, names: Names | undefined, unit: Unit): Evaluate {
  let hops = 0;
  for (let scope = names; scope !== undefined; scope = scope.parent, hops++) {
    const slot = scope.slot(name);
    if (slot === undefined) continue;
    const outside = compileName(name, scope.parent, unit);
    return readSlot(hops, slot, outside, scope.parent === undefined);
  }
  const { mode } = unit;
  return (frame) => {
    const { context } = frame;
    const value = context.resolve(name);
    return value === undefined
      ? new Undefined(mode, {
          kind: 'name',
          name,
          known: () => context.names(),
        })
      : value;
  };
}

function readSlot(hops: number, slot: number, outside: Evaluate, outermost: boolean): Evaluate {
  return (frame) => {
    let owner = frame;
    for (let hop = 0; hop < hops && owner.parent !== undefined; hop++) owner = owner.parent;
    const value = owner.slots[slot];
    // A name assigned only later or in a branch not taken still has its outer meaning.
    return value === MISSING ? outside(outermost ? owner : (owner.parent ?? owner)) : value;
  };
}

/** The hidden variable that `{% autoescape %}` sets; no name in a template can have a space. */
export const AUTOESCAPE = 'auto escape';

/** Whether output is escaped at a place: known beforehand, or asked of the block around it. */
export function compileEscaping(names: Names, unit: Unit): false | ((frame: Frame) => boolean) {
  if (!unit.escaping) return false;
  const asked = compileName(AUTOESCAPE, names, unit);
  return (frame) => truthOf(asked(frame));
}

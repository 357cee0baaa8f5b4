import type { Span } from '../../core/source.ts';
import type { Value } from '../contract.ts';
import type { MacroNode } from '../syntax/nodes.ts';
import type { UndefinedMode } from '../values/undefined.ts';
import type { Evaluate } from './frame.ts';

/** What every part of the compiler needs to know about the template. */
export interface Unit {
  readonly path: string;
  /** Where the text begins in its file. */
  readonly offset: number;
  readonly mode: UndefinedMode;
  /** Whether output is escaped here: only inside `{% autoescape %}`. */
  readonly escape: boolean | Evaluate;
  /** Compiles a macro, which expressions cannot do themselves. */
  readonly macro?: (node: MacroNode) => Value;
}

export const spanIn = (unit: Unit, start: number, end: number): Span => ({
  file: unit.path,
  start: unit.offset + start,
  end: unit.offset + end,
});

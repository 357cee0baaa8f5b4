import { toValue, type Value } from '../../jinja/jinja.ts';
import type { AnsweredCell } from '../needs.ts';
import { pythonMoment } from './python-moment.ts';

/** A cell as Python sees it: decimals are numbers, dates and timestamps the language's own, the rest as it came. */
export function readCell(cell: AnsweredCell, type: string): Value {
  if (cell === null || typeof cell === 'boolean' || typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : cell;
  if (typeof cell !== 'string') return toValue(cell);
  if (/^DECIMAL/i.test(type)) return Number(cell);
  // Infinity and years past 9999 are no moments in Python: they stay text.
  if (type === 'DATE') return pythonMoment('date', cell) ?? cell;
  if (/^TIMESTAMP(?:_S|_MS|_NS)?$/.test(type)) return pythonMoment('timestamp', cell) ?? cell;
  return cell;
}

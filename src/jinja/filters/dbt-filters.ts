import { currentRun } from '../run.ts';
import { type Native, native } from '../values/native.ts';
import { float, isNumber, parseFloatText, parseInteger } from '../values/number.ts';
import { valueError } from '../values/template-error.ts';
import { textOf } from '../values/text.ts';
import type { Value } from '../values.ts';

const LITERALS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

/** A text that is a Python literal, as its value; other texts stay. */
function literal(text: string): Value {
  const known = LITERALS.get(text.trim());
  if (known !== undefined) return known;
  const whole = parseInteger(text);
  if (whole !== undefined) return whole;
  const number = /[\d.]/.test(text) && !/[a-df-z]/i.test(text) ? parseFloatText(text) : undefined;
  return number === undefined ? text : float(number);
}

/** Only `evaluate` converts: text that is rendered into SQL stays as it is. */
const converting = (check: (value: Value, text: string) => Value): Native<Value> =>
  native('', (value) => (currentRun()?.native === true ? check(literal(textOf(value)), textOf(value)) : value));

/** dbt's filters: for values in YAML, and `is_list`. */
export const DBT_FILTERS: Record<string, Native<Value>> = {
  as_text: native('', (value) => (currentRun()?.native === true ? textOf(value) : value)),
  as_native: converting((value) => value),
  is_list: native('', (value) => Array.isArray(value)),
  as_bool: converting((value, text) => {
    if (typeof value !== 'boolean') throw valueError(`\`${text}\` is neither True nor False.`);
    return value;
  }),
  as_number: converting((value, text) => {
    if (!isNumber(value) || typeof value === 'boolean') throw valueError(`\`${text}\` is no number.`);
    return value;
  }),
};

import { PythonObject } from '../values/python-object.ts';
import { itemOf } from '../values/subscript.ts';
import { valueError } from '../values/template-error.ts';
import { kindOf, textOf } from '../values/text.ts';
import type { Value } from '../values.ts';

/** `{order.id}` and `{order[id]}` inside a format string. */
export function readFormatField(value: Value, name: Value, isAttribute: boolean): Value {
  const found =
    isAttribute && value instanceof PythonObject
      ? value.attribute(textOf(name))
      : isAttribute
        ? undefined
        : itemOf(value, name);
  if (found === undefined) throw valueError(`${kindOf(value)} has no \`${textOf(name)}\`.`);
  return found;
}

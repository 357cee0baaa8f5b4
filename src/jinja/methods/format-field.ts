import { sentence } from '../values/iteration.ts';
import { PythonObject } from '../values/python-object.ts';
import { itemOf } from '../values/subscript.ts';
import { valueError } from '../values/template-error.ts';
import { kindOf, textOf } from '../values/text.ts';
import type { Value } from '../values.ts';

/** `{order.id}` and `{order[id]}` inside a format string. A dot also reads items, as it does everywhere in templates. */
export function readFormatField(value: Value, name: Value, isAttribute: boolean): Value {
  const attribute = isAttribute && value instanceof PythonObject ? value.attribute(textOf(name)) : undefined;
  const found = attribute === undefined ? itemOf(value, name) : attribute;
  if (found === undefined) throw valueError(`${sentence(kindOf(value))} has no \`${textOf(name)}\`.`);
  return found;
}

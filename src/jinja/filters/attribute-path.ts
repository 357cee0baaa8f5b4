import { currentMode } from '../run.ts';
import { readItem } from '../values/attribute.ts';
import { Markup } from '../values/containers.ts';
import { Undefined } from '../values/undefined.ts';
import type { Value } from '../values.ts';

/** Reads `address.city` or `0.name` off an item, as the filters' `attribute` asks. `otherwise` replaces what is undefined. */
export function attributeGetter(attribute: Value, otherwise?: Value): (item: Value) => Value {
  const parts = partsOf(attribute);
  const hasDefault = otherwise !== undefined && otherwise !== null;
  return (item) => {
    let value = item;
    for (const part of parts) {
      value = readItem(value, part, currentMode());
      if (hasDefault && value instanceof Undefined) value = otherwise;
    }
    return value;
  };
}

function partsOf(attribute: Value): readonly Value[] {
  if (attribute === undefined || attribute === null) return [];
  if (attribute instanceof Markup) return partsOf(attribute.value);
  if (typeof attribute !== 'string') return [attribute];
  return attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Upper and lower case are one, unless they should not be. */
export function caseKey(caseSensitive: boolean): (value: Value) => Value {
  if (caseSensitive) return (value) => value;
  return (value) =>
    typeof value === 'string' ? value.toLowerCase() : value instanceof Markup ? value.value.toLowerCase() : value;
}

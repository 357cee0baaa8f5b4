import type { Value } from '../contract.ts';
import type { Target } from '../syntax/nodes.ts';
import { Dict, Namespace } from '../values/containers.ts';
import { iterate } from '../values/iteration.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { Undefined } from '../values/undefined.ts';
import { spanIn, type Unit } from './compiler.ts';
import type { Frame } from './frame.ts';
import { compileName } from './name.ts';
import type { Names } from './names.ts';

export type Store = (frame: Frame, value: Value) => void;

/** A closure that assigns to a target. */
export function compileTarget(target: Target, names: Names, unit: Unit): Store {
  if (target.typename === 'Name') return storeName(target.name, names);
  const at = spanIn(unit, target.start, target.end);
  if (target.typename === 'NamespaceTarget') {
    const owner = compileName(target.name, names, unit);
    const { name, attribute } = target;
    return (frame, value) => {
      const namespace = owner(frame);
      frame.run.at = at;
      if (namespace instanceof Undefined) throw namespace.error();
      if (!(namespace instanceof Namespace))
        throw typeError(
          `\`${name}.${attribute}\` cannot be assigned: \`${name}\` is no namespace.`,
          namespace instanceof Dict
            ? `use \`{% do ${name}.update({'${attribute}': …}) %}\``
            : `make it one: \`{% set ${name} = namespace() %}\``,
        );
      namespace.attributes.set(attribute, value);
    };
  }
  const stores = target.items.map((item) => compileTarget(item, names, unit));
  return (frame, value) => {
    frame.run.at = at;
    const items = [...iterate(value)];
    if (items.length !== stores.length)
      throw valueError(
        `${items.length === 1 ? '1 value' : `${items.length} values`} cannot be assigned to ${stores.length === 1 ? '1 name' : `${stores.length} names`}.`,
      );
    for (const [index, store] of stores.entries()) store(frame, items[index]);
  };
}

/** Assigns in the current scope, never in one around it. */
export function storeName(name: string, names: Names): Store {
  const slot = names.slot(name) ?? names.add(name);
  if (!names.topLevel)
    return (frame, value) => {
      frame.slots[slot] = value;
    };
  return (frame, value) => {
    frame.slots[slot] = value;
    frame.context.variables.set(name, value);
  };
}

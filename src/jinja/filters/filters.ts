import type { CallArguments, Value } from '../contract.ts';
import { currentMode } from '../run.ts';
import { attributeOf } from '../values/attribute.ts';
import { Lazy } from '../values/containers.ts';
import { iterate } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { PythonObject } from '../values/python-object.ts';
import { typeError } from '../values/template-error.ts';
import { kindOf, textOf } from '../values/text.ts';
import { truthOf } from '../values/truth.ts';
import { Undefined } from '../values/undefined.ts';
import { attributeGetter } from './attribute-path.ts';
import { DBT_FILTERS } from './dbt-filters.ts';
import { knowFilters } from './filter-names.ts';
import { HTML_FILTERS } from './html-filters.ts';
import { NUMBER_FILTERS } from './number-filters.ts';
import { SEQUENCE_FILTERS } from './sequence-filters.ts';
import { TESTS } from './tests.ts';
import { TEXT_FILTERS } from './text-filters.ts';
import { unknownFilter, unknownTest } from './unknown.ts';

const defaulted = native('default_value? boolean?', (value: Value, otherwise: Value = '', boolean: Value = false) =>
  value instanceof Undefined || (truthOf(boolean) && !truthOf(value)) ? otherwise : value,
);

/** `map`: a filter, or an attribute, of every item. */
function mapped(value: Value, call: CallArguments): Value {
  if (!truthOf(value)) return new Lazy([]);
  const change = mapping(call);
  return new Lazy(changed(value, change));
}

function* changed(value: Value, change: (item: Value) => Value): Iterable<Value> {
  for (const item of iterate(value)) yield change(item);
}

function mapping({ positional, named }: CallArguments): (item: Value) => Value {
  const [name, ...rest] = positional;
  if (positional.length === 0) {
    const unknown = [...named.keys()].find((key) => key !== 'attribute' && key !== 'default');
    if (unknown !== undefined) throw typeError(`\`map\` has no parameter \`${unknown}\`.`);
    if (!named.has('attribute')) throw typeError('`map` needs a filter or an attribute.', "e.g. `| map('upper')`");
    return attributeGetter(named.get('attribute'), named.get('default'));
  }
  const filter = FILTERS.get(textOf(name));
  if (filter === undefined) throw unknownFilter(textOf(name), FILTERS.keys());
  return (item) => filter(item, { positional: rest, named }, textOf(name));
}

/** `select`, `reject`, `selectattr`, `rejectattr`: the items for which a test answers `wanted`. */
function chosen(wanted: boolean, byAttribute: boolean): Native<Value> {
  return (value, call, name) => {
    if (!truthOf(value)) return new Lazy([]);
    const test = choice(call, byAttribute, name);
    return new Lazy(
      (function* () {
        for (const item of iterate(value)) if (test(item) === wanted) yield item;
      })(),
    );
  };
}

function choice({ positional, named }: CallArguments, byAttribute: boolean, called: string): (item: Value) => boolean {
  const [attribute] = positional;
  if (byAttribute && attribute === undefined) throw typeError(`\`${called}\` needs the name of an attribute.`);
  const read = byAttribute ? attributeGetter(attribute) : (item: Value) => item;
  const [name, ...rest] = byAttribute ? positional.slice(1) : positional;
  if (name === undefined) return (item) => truthOf(read(item));
  const test = TESTS.get(textOf(name));
  if (test === undefined) throw unknownTest(textOf(name), TESTS.keys());
  return (item) => truthOf(test(read(item), { positional: rest, named }, textOf(name)));
}

/** An attribute, never an item. */
const attribute = native('name', (value: Value, name) => {
  const found = attributeOf(value, textOf(name));
  if (found !== undefined) return found;
  if (value instanceof Undefined) throw value.error();
  return new Undefined(currentMode(), {
    kind: 'attribute',
    of: kindOf(value),
    name: textOf(name),
    known: () => (value instanceof PythonObject ? value.attributeNames() : []),
  });
});

/** Every filter by name: Jinja2's and dbt's. */
export const FILTERS: ReadonlyMap<string, Native<Value>> = new Map<string, Native<Value>>([
  ...Object.entries(TEXT_FILTERS),
  ...Object.entries(SEQUENCE_FILTERS),
  ...Object.entries(NUMBER_FILTERS),
  ...Object.entries(HTML_FILTERS),
  ...Object.entries(DBT_FILTERS),
  ['default', defaulted],
  ['d', defaulted],
  ['attr', attribute],
  ['map', mapped],
  ['select', chosen(true, false)],
  ['reject', chosen(false, false)],
  ['selectattr', chosen(true, true)],
  ['rejectattr', chosen(false, true)],
]);

knowFilters(FILTERS);

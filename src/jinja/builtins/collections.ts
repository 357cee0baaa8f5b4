import type { CallArguments, CallSite, Value } from '../contract.ts';
import { updateDict } from '../methods/dict-methods.ts';
import { integerArgument } from '../values/arithmetic.ts';
import { Callable } from '../values/callable.ts';
import { Dict, Lazy, Namespace, PythonSet, Range, Tuple } from '../values/containers.ts';
import { iterate, listOf } from '../values/iteration.ts';
import { PythonObject } from '../values/python-object.ts';
import { TemplateError, typeError, valueError } from '../values/template-error.ts';
import { builtin } from './builtin.ts';
import { loremIpsum } from './lorem-ipsum.ts';
import { PythonClass } from './python-class.ts';

/** dbt renders in Jinja2's sandbox, which has the same limit. */
const LONGEST_RANGE = 100_000;

function range(first: Value, second: Value, third: Value): Value {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const step = third === undefined ? 1 : integerArgument(third, 'A step');
  if (step === 0) throw valueError("A range's step cannot be zero.");
  const made = new Range(integerArgument(start, "A range's start"), integerArgument(stop, "A range's end"), step);
  if (made.length() > LONGEST_RANGE)
    throw valueError(`A range can have ${LONGEST_RANGE} numbers at most.`, 'let SQL generate long series');
  return made;
}

function dict(from: Value, named: Value): Value {
  const made = new Dict();
  updateDict(made, from, named instanceof Map ? named : new Map());
  return made;
}

const zipped = (sequences: readonly Value[]): Value => {
  const lists = sequences.map((sequence) => listOf(sequence));
  const length = lists.length === 0 ? 0 : Math.min(...lists.map((list) => list.length));
  return new Lazy(
    Array.from({ length }, (_, index) => new Tuple(lists.map((list) => list[index]))),
    'zip',
  );
};

/** dbt's forgiving variants answer a default where the strict ones fail. */
function orDefault(make: () => Value, otherwise: Value): Value {
  try {
    return make();
  } catch (error) {
    if (error instanceof TemplateError && error.code === 'jinja/wrong-type') return otherwise ?? null;
    throw error;
  }
}

/** `cycler('odd', 'even')`: goes round and round. */
class Cycler extends PythonObject {
  readonly typeName = 'Cycler';
  private readonly items: readonly Value[];
  private position = 0;
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
  override attribute(name: string): Value | undefined {
    if (name === 'current') return this.items[this.position];
    if (name === 'reset')
      return builtin('reset', '', () => {
        this.position = 0;
        return null;
      });
    if (name !== 'next') return undefined;
    return builtin('next', '', () => {
      const item = this.items[this.position];
      this.position = (this.position + 1) % this.items.length;
      return item;
    });
  }
  override attributeNames(): Iterable<string> {
    return ['current', 'next', 'reset'];
  }
}

/** `joiner(', ')`: nothing at the first call, the separator at all others. */
class Joiner extends Callable {
  readonly typeName = 'Joiner';
  readonly name = 'joiner';
  private readonly separator: Value;
  private used = false;
  constructor(separator: Value) {
    super();
    this.separator = separator;
  }
  override call(_call: CallArguments, _site: CallSite): Value {
    const answer = this.used ? this.separator : '';
    this.used = true;
    return answer;
  }
}

/** Builtins that make collections. */
export const COLLECTION_BUILTINS: Record<string, Value> = {
  range: builtin('range', 'start stop? step?', range),
  dict: new PythonClass('dict', {
    make: builtin('dict', 'mapping? **named', dict),
    is: (value) => value instanceof Dict,
    attributes: {
      fromkeys: builtin('fromkeys', 'keys value?', (keys, value = null) =>
        Dict.from(Array.from(iterate(keys), (key) => [key, value] as const)),
      ),
    },
  }),
  namespace: builtin('namespace', 'mapping? **named', (from, named) => {
    const attributes = dict(from, named);
    return attributes instanceof Dict ? new Namespace(attributes) : null;
  }),
  set: builtin('set', 'value default?', (value, otherwise) =>
    orDefault(() => PythonSet.from(iterate(value)), otherwise),
  ),
  set_strict: builtin('set_strict', 'value', (value) => PythonSet.from(iterate(value))),
  zip: builtin('zip', '*args **named', (args, named) =>
    orDefault(() => zipped(listOf(args)), named instanceof Map ? named.get('default') : null),
  ),
  zip_strict: builtin('zip_strict', '*args', (args) => zipped(listOf(args))),
  cycler: builtin('cycler', '*items', (items) => {
    if (listOf(items).length === 0) throw typeError('`cycler` needs something to cycle through.');
    return new Cycler(listOf(items));
  }),
  joiner: builtin('joiner', 'sep?', (separator = ', ') => new Joiner(separator)),
  lipsum: builtin('lipsum', 'n? html? min? max?', loremIpsum),
};

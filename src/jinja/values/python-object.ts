import type { Value } from '../values.ts';

/**
 * What every value is that JavaScript has no word for. `null`, booleans, strings and arrays are Python's None, bool, str and list;
 * an integral number is an int (a bigint past 2^53), a number with a fraction a float.
 *
 * Methods left out answer as a plain Python object would.
 */
export abstract class PythonObject {
  /** Python's name of the type, for messages: `dict`. */
  abstract readonly typeName: string;

  /** `undefined` when there is no such attribute. */
  attribute(_name: string): Value | undefined {
    return undefined;
  }
  /** For did-you-mean. */
  attributeNames(): Iterable<string> {
    return [];
  }
  /** Python's isinstance(value, Mapping). */
  isMapping(): boolean {
    return false;
  }
  /** Python's repr(). */
  represent(): string {
    return `<${this.typeName}>`;
  }
  /** Python's str(). */
  text(): string {
    return this.represent();
  }
  truth(): boolean {
    const length = this.length();
    return length === undefined || length > 0;
  }
  /** `undefined` when the value has no len(). */
  length(): number | undefined {
    return undefined;
  }
  /** `undefined` when the value cannot be iterated. */
  iterate(): Iterable<Value> | undefined {
    return undefined;
  }
  /** `value[key]`; `undefined` when there is none or the value takes no keys. */
  item(_key: Value): Value | undefined {
    return undefined;
  }
  setItem(_key: Value, _value: Value): boolean {
    return false;
  }
  contains(_item: Value): boolean | undefined {
    return undefined;
  }
  equals(other: Value): boolean {
    return this === other;
  }
  /** Negative, zero, positive, or undefined when the two cannot be ordered. */
  compare(_other: Value): number | undefined {
    return undefined;
  }
  /** `this + other` and so on; `undefined` when not supported. `reflected` means `other + this`. */
  operate(_operator: string, _other: Value, _reflected: boolean): Value | undefined {
    return undefined;
  }
  /** A key that equal values share; `undefined` when the value is unhashable. */
  hash(): unknown {
    return this;
  }
  /** Python's format(value, spec); `undefined` for str()'s rules. */
  format(_spec: string): string | undefined {
    return undefined;
  }
  /** What stands for this value in JSON; `undefined` when nothing does. */
  json(): Value | undefined {
    return undefined;
  }
}

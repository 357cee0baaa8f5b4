import type { Value } from '../../contract.ts';
import { roundedTo } from '../../format/decimal.ts';
import { float, isNumber, numberOf } from '../../values/number.ts';
import { PythonObject } from '../../values/python-object.ts';
import { typeError, valueError } from '../../values/template-error.ts';
import { kindOf } from '../../values/text.ts';
import { builtin } from '../builtin.ts';

const DAY = 86_400_000_000;

/** A length of time, in whole microseconds. */
export class Timedelta extends PythonObject {
  readonly typeName = 'datetime.timedelta';
  readonly microseconds: number;
  constructor(microseconds: number) {
    super();
    if (Math.abs(microseconds) > 999_999_999 * DAY) throw valueError('This length of time is too long.');
    this.microseconds = microseconds;
  }

  private get parts(): readonly [number, number, number] {
    const days = Math.floor(this.microseconds / DAY);
    const rest = this.microseconds - days * DAY;
    return [days, Math.floor(rest / 1e6), rest % 1e6];
  }

  override attribute(name: string): Value | undefined {
    const [days, seconds, microseconds] = this.parts;
    switch (name) {
      case 'days':
        return days;
      case 'seconds':
        return seconds;
      case 'microseconds':
        return microseconds;
      case 'total_seconds':
        return builtin('total_seconds', '', () => float(this.microseconds / 1e6));
      default:
        return undefined;
    }
  }
  override attributeNames(): Iterable<string> {
    return ['days', 'seconds', 'microseconds', 'total_seconds'];
  }

  override text(): string {
    const [days, seconds, microseconds] = this.parts;
    const two = (value: number) => String(value).padStart(2, '0');
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const fraction = microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`;
    return `${days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `}${clock}${fraction}`;
  }
  override represent(): string {
    const [days, seconds, microseconds] = this.parts;
    const given = Object.entries({ days, seconds, microseconds }).filter(([, value]) => value !== 0);
    return `datetime.timedelta(${given.length === 0 ? '0' : given.map(([key, value]) => `${key}=${value}`).join(', ')})`;
  }
  override truth(): boolean {
    return this.microseconds !== 0;
  }
  override equals(other: Value): boolean {
    return other instanceof Timedelta && other.microseconds === this.microseconds;
  }
  override hash(): unknown {
    return `\0timedelta:${this.microseconds}`;
  }
  override compare(other: Value): number | undefined {
    return other instanceof Timedelta ? this.microseconds - other.microseconds : undefined;
  }
  override operate(operator: string, other: Value, reflected: boolean): Value | undefined {
    if (operator === 'unary -') return new Timedelta(-this.microseconds);
    if (operator === 'unary +') return this;
    if (operator === 'abs') return new Timedelta(Math.abs(this.microseconds));
    if (other instanceof Timedelta && !reflected) return this.withTimedelta(operator, other);
    if (!isNumber(other)) return undefined;
    const number = numberOf(other) ?? 0;
    if (operator === '*') return new Timedelta(roundedTo(this.microseconds * number, 0));
    if (reflected || (operator !== '/' && operator !== '//')) return undefined;
    if (number === 0) throw valueError('Division by zero.');
    const quotient = this.microseconds / number;
    return new Timedelta(operator === '/' ? roundedTo(quotient, 0) : Math.floor(quotient));
  }
  private withTimedelta(operator: string, other: Timedelta): Value | undefined {
    const [a, b] = [this.microseconds, other.microseconds];
    if (operator === '+') return new Timedelta(a + b);
    if (operator === '-') return new Timedelta(a - b);
    if (b === 0) throw valueError('Division by zero.');
    if (operator === '/') return float(a / b);
    if (operator === '//') return Math.floor(a / b);
    return operator === '%' ? new Timedelta(a - Math.floor(a / b) * b) : undefined;
  }
}

const UNITS = [DAY, 1e6, 1, 1000, 6e7, 3.6e9, DAY * 7];

/** `timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)`. */
export function timedelta(...given: readonly Value[]): Timedelta {
  let total = 0;
  for (const [index, value] of given.entries()) {
    if (value === undefined) continue;
    if (!isNumber(value)) throw typeError(`A timedelta is made of numbers, not of ${kindOf(value)}.`);
    total += (numberOf(value) ?? 0) * (UNITS[index] ?? 0);
  }
  return new Timedelta(roundedTo(total, 0));
}

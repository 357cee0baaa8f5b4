import type { Value } from '../contract.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { textOf } from '../values/text.ts';
import { builtin } from './builtin.ts';
import { PythonDatetime } from './datetime/moments.ts';
import { Timedelta } from './datetime/timedelta.ts';
import { Zone, zoneNamed } from './datetime/timezone.ts';
import { pythonModule } from './python-module.ts';

/** A zone as pytz has it: `localize` gives it to a time without one. */
class PytzZone extends Zone {
  override attribute(name: string): Value | undefined {
    if (name === 'localize') return builtin(name, 'dt is_dst?', (value) => localized(value, this));
    if (name === 'normalize')
      return builtin(name, 'dt', (value) => PythonDatetime.fromEpoch(moment(value).epoch, this));
    return name === 'utcoffset'
      ? builtin(name, 'dt', (value) => new Timedelta(this.offsetOfLocal(moment(value).local / 1000) * 6e7))
      : super.attribute(name);
  }
  override attributeNames(): Iterable<string> {
    return [...super.attributeNames(), 'localize', 'normalize', 'utcoffset'];
  }
}

function moment(value: Value): PythonDatetime {
  if (value instanceof PythonDatetime) return value;
  throw typeError('Only a datetime can be given a zone.');
}

function localized(value: Value, zone: Zone): PythonDatetime {
  const { date, time, zone: already } = moment(value);
  if (already !== undefined) throw valueError('This time already has a zone.', 'use `.astimezone(…)`');
  return new PythonDatetime(date, time, zone);
}

const utc = new PytzZone('UTC', 0);

/** `modules.pytz`. */
export const pytzModule: Value = pythonModule('pytz', {
  utc,
  UTC: utc,
  timezone: builtin('timezone', 'zone', (zone) => {
    const { name } = zoneNamed(textOf(zone));
    return name === 'UTC' ? utc : new PytzZone(name);
  }),
});

import * as z from 'zod';
import { quotedString } from '../../../core/quote.ts';
import { defineCheck } from '../../define-check.ts';
import { judgedColumn } from './judged-column.ts';

const full = (pattern: string) => (text: string) => `regexp_full_match(${text}, ${quotedString(pattern)})`;
const both = (first: (text: string) => string, second: (text: string) => string) => (text: string) =>
  `${first(text)} and ${second(text)}`;
const castsTo = (type: string) => (text: string) => `try_cast(${text} as ${type}) is not null`;

const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4 = `${OCTET}(\\.${OCTET}){3}`;
const HEX = '[0-9a-fA-F]{1,4}';
const IPV6 = [
  `(${HEX}:){7}${HEX}`,
  `(${HEX}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((tail) => `(${HEX}:){1,${7 - tail}}(:${HEX}){1,${tail}}`),
  ':(:[0-9a-fA-F]{1,4}){1,7}',
  '::',
  `(::([fF]{4}:)?|(${HEX}:){6}|(${HEX}:){1,4}:)${IPV4}`,
].join('|');
const TIME = '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?';
const NUMBER = '[+-]?(\\d+(\\.\\d*)?|\\.\\d+)';
const AMOUNT = '[+-]?\\d{1,3}(([ ,.]?\\d{3})*)([.,]\\d{1,2})?';
/** ISO 4217, the codes in use. */
const CURRENCIES =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG'.split(
    ' ',
  );

/** The check sum of card numbers: every second digit from the right is doubled, nines are cast out, the sum ends in 0. */
const luhn = (text: string): string => {
  const digits = `reverse(regexp_replace(${text}, '[ -]', '', 'g'))`;
  const digit = `cast(substr(${digits}, i, 1) as integer)`;
  return `list_sum([case when i % 2 = 1 then ${digit} else (2 * ${digit}) % 10 + (2 * ${digit}) // 10 end for i in range(1, length(${digits}) + 1)]) % 10 = 0`;
};

const formats = {
  email: full(
    "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+",
  ),
  uuid: full('[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'),
  url: full('(https?|ftp)://[^\\s/$.?#][^\\s]*'),
  ipv4: full(IPV4),
  ipv6: full(IPV6),
  ip: full(`${IPV4}|${IPV6}`),
  iso_date: both(full('\\d{4}-\\d{2}-\\d{2}'), castsTo('date')),
  iso_time: full(`${TIME}(Z|[+-]\\d{2}:?\\d{2})?`),
  iso_datetime: both(full(`\\d{4}-\\d{2}-\\d{2}[T ]${TIME}(Z|[+-]\\d{2}(:?\\d{2})?)?`), castsTo('timestamptz')),
  phone: full('\\+?[0-9(][0-9() ./-]{5,18}[0-9]'),
  credit_card: (text: string) => `case when ${full('\\d([ -]?\\d){12,18}')(text)} then ${luhn(text)} else false end`,
  integer: full('[+-]?\\d+'),
  decimal: full(NUMBER),
  percent: full(`${NUMBER} ?%`),
  money: full(`(\\p{Sc}|[A-Z]{3}) ?${AMOUNT}|${AMOUNT} ?(\\p{Sc}|[A-Z]{3})`),
  currency: (text: string) => `${text} in (${CURRENCIES.map(quotedString).join(', ')})`,
  json: (text: string) => `json_valid(${text})`,
  boolean: full('(?i)(true|false|yes|no|t|f|y|n|0|1)'),
  country_code: full('[A-Z]{2}'),
  slug: full('[a-z0-9]+(-[a-z0-9]+)*'),
} as const;

type Format = keyof typeof formats;
const names = Object.keys(formats).filter((name): name is Format => name in formats);

export const matchesFormat = defineCheck({
  name: 'matches_format',
  description: 'Every text in the column has a well-known format.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    format: z.enum(names).describe(`one of ${names.join(', ')}`),
  }),
  ask: ({ format }, subject) => judgedColumn(formats[format](`cast(${subject.column} as varchar)`), subject),
});

import { type Native, native } from '../values/native.ts';
import { strip, titled } from './string-case.ts';

const CASED = /[\p{Lu}\p{Ll}\p{Lt}]/u;

const question = (test: (text: string) => boolean): Native<string> => native('', test);
const matching = (pattern: RegExp): Native<string> => question((text) => pattern.test(text));

/** Python's str.is…() methods. */
export const QUESTION_METHODS: Record<string, Native<string>> = {
  isalnum: matching(/^[\p{L}\p{N}]+$/u),
  isalpha: matching(/^\p{L}+$/u),
  isascii: matching(/^[\0-\x7f]*$/),
  isdecimal: matching(/^\p{Nd}+$/u),
  isdigit: matching(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468]+$/u),
  isnumeric: matching(/^\p{N}+$/u),
  isidentifier: matching(/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u),
  islower: question((text) => CASED.test(text) && text === text.toLowerCase()),
  isupper: question((text) => CASED.test(text) && text === text.toUpperCase()),
  istitle: question((text) => CASED.test(text) && text === titled(text)),
  isspace: question((text) => text !== '' && strip(text, undefined, true, true) === ''),
  isprintable: matching(/^(?:[^\p{C}\p{Z}]| )*$/u),
};

/**
 * The template language: Jinja2 3.1 with dbt's additions, on nunjucks' lexer and parser. Pure: text in, value out.
 * Knows nothing of models or warehouses; what a template may call is handed in as values.
 *
 * This file is the room's front door: the only file other rooms import.
 */

export { builtins } from './builtins/builtins.ts';
export { datetimeValue, dateValue, timedeltaValue, timeValue } from './builtins/datetime/cells.ts';
export { dehydrate, hydrate } from './cache.ts';
export type * from './contract.ts';
export { hostFunction, hostObject, lazy, tuple } from './host.ts';
export { parseTemplate } from './parse.ts';
export {
  callValue,
  evaluate,
  invokeValue,
  macroValue,
  render,
} from './render.ts';
export { suspend } from './signals.ts';
export { entriesOf } from './values/containers.ts';
export { copied } from './values/copied.ts';
export { toJson, toValue } from './values/json.ts';
export { float as floatValue } from './values/number.ts';
export { TemplateError } from './values/template-error.ts';
export { textOf } from './values/text.ts';
export { truthOf } from './values/truth.ts';
export { isUndefined } from './values/undefined.ts';

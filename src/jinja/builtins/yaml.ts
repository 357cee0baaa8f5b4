// The one file of this room that knows the YAML library.
import { parse, stringify, YAMLError } from 'yaml';
import type { Value } from '../contract.ts';
import { toJson, toValue } from '../values/json.ts';
import { valueError } from '../values/template-error.ts';

/** A YAML text as a value. */
export function parseYaml(text: string): Value {
  try {
    return toValue(parse(text, { version: '1.1', intAsBigInt: false, mapAsMap: true }));
  } catch (error) {
    if (error instanceof YAMLError) throw valueError(`This is no YAML: ${error.message}`);
    throw error;
  }
}

/** A value as YAML, as PyYAML's safe_dump writes it. */
export function yamlText(value: Value, sortKeys: boolean): string {
  return stringify(toJson(value), {
    version: '1.1',
    indentSeq: false,
    singleQuote: true,
    sortMapEntries: sortKeys,
    lineWidth: 80,
    nullStr: 'null',
  });
}

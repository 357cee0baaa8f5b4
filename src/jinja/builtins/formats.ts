import { createHash } from 'node:crypto';
import type { Value } from '../contract.ts';
import { textArgument } from '../methods/string-methods.ts';
import { jsonText, parseJson } from '../values/json.ts';
import { TemplateError, valueError } from '../values/template-error.ts';
import { truthOf } from '../values/truth.ts';
import { builtin } from './builtin.ts';
import { parseYaml, yamlText } from './yaml.ts';

/** dbt's functions answer a default where a text cannot be read or a value not be written. */
function orDefault(make: () => Value, otherwise: Value): Value {
  try {
    return make();
  } catch (error) {
    if (error instanceof TemplateError && (error.code === 'jinja/wrong-type' || error.code === 'jinja/wrong-value'))
      return otherwise ?? null;
    throw error;
  }
}

function readJson(text: string): Value {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw valueError(`This is no JSON: ${error.message}.`);
    throw error;
  }
}

/** Builtins that read and write texts of other formats. */
export const FORMAT_BUILTINS: Record<string, Value> = {
  fromjson: builtin('fromjson', 'string default?', (text, otherwise) => {
    const source = textArgument(text, 'JSON');
    return orDefault(() => readJson(source), otherwise);
  }),
  tojson: builtin('tojson', 'value default? sort_keys?', (value, otherwise, sortKeys = false) =>
    orDefault(() => jsonText(value, { sortKeys: truthOf(sortKeys) }), otherwise),
  ),
  fromyaml: builtin('fromyaml', 'value default?', (text, otherwise) =>
    orDefault(() => parseYaml(textArgument(text, 'YAML')), otherwise),
  ),
  toyaml: builtin('toyaml', 'value default? sort_keys?', (value, otherwise, sortKeys = false) =>
    orDefault(() => yamlText(value, truthOf(sortKeys)), otherwise),
  ),
  local_md5: builtin('local_md5', 'value', (value) =>
    createHash('md5').update(textArgument(value, 'What is hashed')).digest('hex'),
  ),
};

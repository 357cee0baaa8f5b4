import { didYouMean } from '../../core/nearest.ts';
import { type CallArguments, hostFunction, hostObject, TemplateError, textOf, type Value } from '../../jinja/jinja.ts';
import { textArgument } from './arguments.ts';
import type { Rendering } from './rendering.ts';

type Raise = (call: CallArguments, rendering: Rendering) => Value;

const raising =
  (code: string, message: (call: CallArguments) => string): Raise =>
  (call) => {
    throw new TemplateError(message(call), { code });
  };

const first = (call: CallArguments): string => textArgument(call, 0, 'msg') ?? '';

const EXCEPTIONS: Readonly<Record<string, Raise>> = {
  raise_compiler_error: raising('compile/raised', first),
  raise_database_error: raising('compile/raised', first),
  raise_not_implemented: raising('compile/not-implemented', first),
  raise_fail_fast_error: raising('compile/raised', first),
  raise_parsing_error: raising('compile/raised', first),
  raise_contract_error: raising(
    'compile/contract',
    (call) =>
      `the columns of the query are not those of the contract: ${call.positional.map(textOf).join(' instead of ')}`,
  ),
  missing_config: raising(
    'compile/missing-config',
    (call) => `the configuration \`${textArgument(call, 1, 'name')}\` is required and not set`,
  ),
  missing_materialization: raising(
    'compile/unknown-materialization',
    (call) => `there is no materialization for \`${textArgument(call, 1, 'adapter_type') ?? 'duckdb'}\``,
  ),
  missing_relation: raising(
    'compile/missing-relation',
    (call) => `the relation ${textArgument(call, 0, 'relation')} does not exist`,
  ),
  relation_wrong_type: raising(
    'compile/wrong-relation-type',
    (call) => `the relation ${textArgument(call, 0, 'relation')} is not a ${textArgument(call, 1, 'expected_type')}`,
  ),
  column_type_missing: raising(
    'compile/missing-type',
    (call) => `the contract needs a data_type for each of these columns: ${textArgument(call, 0, 'column_names')}`,
  ),
  raise_ambiguous_alias: raising(
    'compile/ambiguous-alias',
    (call) => `two nodes have the same relation: ${call.positional.map(textOf).join(', ')}`,
  ),
  raise_ambiguous_catalog_match: raising('compile/raised', (call) => call.positional.map(textOf).join(', ')),
  raise_duplicate_resource_name: raising(
    'compile/duplicate-name',
    (call) => `the name is used twice: ${call.positional.map(textOf).join(', ')}`,
  ),
  raise_cache_inconsistent: raising('compile/raised', first),
  raise_dataclass_not_dict: raising('compile/raised', first),
  raise_dep_not_found: raising('compile/raised', first),
  raise_dependency_error: raising('compile/raised', first),
  raise_invalid_property_yml_version: raising('compile/raised', first),
  raise_propagated_error: raising('compile/raised', first),
  warn: (call, rendering) => {
    rendering.log('warn', first(call));
    return '';
  },
  warn_snapshot_timestamp_data_types: () => '',
  invalid_materialization_argument: raising('compile/raised', first),
};

/** `exceptions.raise_compiler_error(…)` and its siblings. */
export const exceptionsValue = (rendering: Rendering): Value =>
  hostObject({
    name: 'exceptions',
    get: (name) => {
      const raise = Object.hasOwn(EXCEPTIONS, name) ? EXCEPTIONS[name] : undefined;
      if (raise === undefined)
        throw new TemplateError(`there is no \`exceptions.${name}\``, {
          code: 'compile/unknown-exception',
          hint: didYouMean(name, Object.keys(EXCEPTIONS)),
        });
      return hostFunction(`exceptions.${name}`, (call) => raise(call, rendering));
    },
    hasAttribute: (name) => Object.hasOwn(EXCEPTIONS, name),
    names: () => Object.keys(EXCEPTIONS),
  });

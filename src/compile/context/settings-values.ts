/** What a template can know about the run: vars, environment, target, flags. */
import { didYouMean } from '../../core/nearest.ts';
import type { Json } from '../../core/node-id.ts';
import { hostFunction, hostObject, TemplateError, toValue, type Value } from '../../jinja/jinja.ts';
import { readEnvironment } from '../../project/environment.ts';
import { findVar, varNames } from '../../project/vars.ts';
import { argument, neededText } from './arguments.ts';
import { renderedText } from './rendered-text.ts';
import type { Rendering } from './rendering.ts';

/** `var('name', default)` and `var.has_var('name')`. */
export function varValue(rendering: Rendering): Value {
  const { subject, world, overrides } = rendering;
  const find = (name: string): { readonly value: Json } | undefined => {
    const overridden =
      overrides.vars !== undefined && Object.hasOwn(overrides.vars, name) ? overrides.vars[name] : undefined;
    return overridden === undefined ? findVar(world.project.vars, subject.packageName, name) : { value: overridden };
  };
  return hostFunction(
    'var',
    (call) => {
      const name = neededText(call, 0, 'var_name', 'var()');
      const found = find(name);
      if (found !== undefined) {
        rendering.varsRead[name] = found.value;
        return typeof found.value === 'string' && /\{[{%#]/.test(found.value)
          ? renderedText(rendering, { path: `vars.${name}`, text: found.value })
          : toValue(found.value);
      }
      const fallback = argument(call, 1, 'default');
      const hasDefault = call.positional.length > 1 || call.named.has('default');
      if (fallback !== undefined || hasDefault) return fallback ?? null;
      throw new TemplateError(`the variable \`${name}\` has no value`, {
        code: 'compile/unknown-var',
        hint:
          didYouMean(name, varNames(world.project.vars, subject.packageName)) ??
          `set it under \`vars:\`, with --vars, or give a default: var('${name}', …)`,
      });
    },
    {
      has_var: hostFunction(
        'var.has_var',
        (call) => find(neededText(call, 0, 'var_name', 'var.has_var()')) !== undefined,
      ),
    },
  );
}

/** `env_var('NAME', default)`. */
export const envVarValue = (rendering: Rendering): Value =>
  hostFunction('env_var', (call) => {
    const name = neededText(call, 0, 'var', 'env_var()');
    const overridden = rendering.overrides.env_vars?.[name];
    if (overridden !== undefined) return overridden;
    const { environment } = rendering.world.project;
    const answer = readEnvironment(environment, name);
    if (answer.kind === 'value') {
      rendering.envRead[name] = answer.value;
      return answer.value;
    }
    if (answer.kind === 'secret')
      throw new TemplateError(`the secret \`${name}\` cannot be read in a model or macro`, {
        code: 'compile/secret-not-allowed',
        hint: 'secrets are for targets and profiles only',
      });
    rendering.envRead[name] = null;
    const fallback = argument(call, 1, 'default');
    if (fallback !== undefined) return fallback;
    throw new TemplateError(`the environment variable \`${name}\` is not set`, {
      code: 'compile/missing-environment-variable',
      hint:
        didYouMean(name, Object.keys(environment)) ??
        `set it, put it into .env, or give a default: env_var('${name}', 'default')`,
    });
  });

/** `target`, without anything secret. */
export function targetJson(rendering: Rendering): Json {
  const { target, secrets } = rendering.world.project;
  const open = Object.fromEntries(
    Object.entries(target.raw).filter(
      ([, value]) => !(typeof value === 'string' && secrets.includes(value)) && typeof value !== 'object',
    ),
  );
  return {
    ...open,
    name: target.name,
    target_name: target.name,
    profile_name: target.profileName,
    type: target.type,
    database: target.database,
    dbname: target.database,
    schema: target.schema,
    threads: target.threads,
    path: target.path,
  };
}

const FLAG_DEFAULTS: Readonly<Record<string, Json>> = {
  full_refresh: false,
  store_failures: false,
  empty: false,
  which: 'parse',
  fail_fast: false,
  warn_error: false,
  use_colors: true,
  debug: false,
  quiet: false,
  print: true,
  introspect: true,
  defer: false,
  favor_state: false,
  partial_parse: true,
  indirect_selection: 'eager',
  log_format: 'default',
  log_level: 'info',
  static_parser: true,
  use_experimental_parser: false,
  version_check: true,
  write_json: true,
  cache_selected_only: false,
  send_anonymous_usage_stats: false,
  event_time_start: null,
  event_time_end: null,
  sample: null,
  target: null,
  profile: null,
  threads: null,
  vars: {},
};

/** `flags.FULL_REFRESH`: dbt's names in capitals; unknown ones are None, as packages expect. */
export function flagsValue(rendering: Rendering): Value {
  const { flags } = rendering.world.options;
  const read = (name: string): Value => {
    const key = name.toLowerCase();
    const given = flags[key];
    return toValue(given === undefined ? (FLAG_DEFAULTS[key] ?? null) : given);
  };
  return hostObject({
    name: 'flags',
    get: (name) =>
      name === 'get'
        ? hostFunction('flags.get', (call) => read(neededText(call, 0, 'name', 'flags.get()')))
        : read(name),
    names: () => Object.keys(FLAG_DEFAULTS).map((name) => name.toUpperCase()),
  });
}

/** Environment variables that go into artifacts: `DBT_ENV_CUSTOM_ENV_TEAM` is `TEAM`. */
export const metadataEnvironment = (environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(environment).flatMap((name) => {
      const custom = /^(?:DBT|DQL)_ENV_CUSTOM_ENV_(.+)$/.exec(name)?.[1];
      return custom === undefined ? [] : [[custom, environment[name] ?? '']];
    }),
  );

import type { Json } from '../../core/node-id.ts';
import {
  callValue,
  type HostCall,
  hostFunction,
  hostObject,
  TemplateError,
  textOf,
  toValue,
  truthOf,
  type Value,
} from '../../jinja/jinja.ts';
import { adapterValue, relationClass, responseValue } from './adapter-value.ts';
import { argument, neededText, textArgument } from './arguments.ts';
import { columnClass } from './column-value.ts';
import { configValue } from './config-value.ts';
import { contextValue } from './context-value.ts';
import { exceptionsValue } from './exceptions-value.ts';
import { languageMember, languageMembers } from './language-members.ts';
import { pythonMoment } from './python-moment.ts';
import { dictOf, hostDict, relationValue } from './relation-value.ts';
import { outcomeOf, renderedText } from './rendered-text.ts';
import type { ContextMembers, Rendering } from './rendering.ts';
import { envVarValue, flagsValue, metadataEnvironment, targetJson, varValue } from './settings-values.ts';

type Member = (rendering: Rendering) => Value | undefined;

/** dbt's version whose language this is; packages compare it. */
export const DBT_VERSION = '1.12.3';

const refValue = (rendering: Rendering, attributes: Readonly<Record<string, Value>> = {}): Value => {
  const ref: HostCall = (call, site) => {
    const names = call.positional.map(textOf);
    const version =
      argument(call, Number.POSITIVE_INFINITY, 'version') ?? argument(call, Number.POSITIVE_INFINITY, 'v') ?? null;
    const [first, second] = names;
    if (first === undefined || names.length > 2)
      throw new TemplateError(`ref() takes a name, or a package and a name; it was given ${names.length} arguments`, {
        code: 'compile/wrong-ref-call',
      });
    return rendering.subject.ref(
      {
        name: second ?? first,
        package: second === undefined ? null : first,
        version: version === null || typeof version === 'number' ? version : textOf(version),
      },
      site,
    );
  };
  return hostFunction('ref', ref, attributes);
};

/** What packages read of dbt's runtime configuration, which hangs on its `ref`. */
const runtimeConfig = (rendering: Rendering): Value => {
  const { project } = rendering.world;
  return toValue({
    project_name: project.root.name,
    version: project.root.settings.version,
    dependencies: Object.fromEntries(
      project.packages.map(({ name, settings }) => [name, { project_name: name, version: settings.version }]),
    ),
    vars: dictOf({ ...project.vars.global, ...project.vars.byPackage }),
    cli_vars: project.vars.commandLine,
    args: flagsJson(rendering),
  });
};

const sourceValue: Member = (rendering) =>
  hostFunction('source', (call, site) => {
    if (call.positional.length + call.named.size !== 2)
      throw new TemplateError(
        `source() takes the name of the source and of the table; it was given ${call.positional.length} arguments`,
        {
          code: 'compile/wrong-source-call',
        },
      );
    return rendering.subject.source(
      neededText(call, 0, 'source_name', 'source()'),
      neededText(call, 1, 'table_name', 'source()'),
      site,
    );
  });

/** A text rendered with the names of the template around it. */
const renderValue: Member = (rendering) =>
  hostFunction('render', (call, site) =>
    renderedText(rendering, { path: site.at.file, text: neededText(call, 0, 'string', 'render()') }),
  );

const logValue: Member = (rendering) =>
  hostFunction('log', (call) => {
    const info = argument(call, 1, 'info');
    rendering.log(info !== undefined && truthOf(info) ? 'info' : 'debug', textOf(argument(call, 0, 'msg') ?? null));
    return '';
  });

const printValue: Member = (rendering) =>
  hostFunction('print', (call) => {
    rendering.log('print', textOf(argument(call, 0, 'msg') ?? null));
    return '';
  });

const keep = (rendering: Rendering, name: string, response: Value, table: Value): string => {
  rendering.results.set(name, hostDict({ response, data: table, table }, 'Result'));
  return '';
};

const MEMBERS: Readonly<Record<string, Member>> = {
  ref: (rendering) => refValue(rendering),
  source: sourceValue,
  config: configValue,
  var: varValue,
  env_var: envVarValue,
  this: (rendering) => {
    const parts = rendering.subject.thisRelation();
    return parts === null ? null : relationValue(parts);
  },
  target: (rendering) => toValue(targetJson(rendering)),
  env: (rendering) => toValue(targetJson(rendering)),
  model: (rendering) => toValue(rendering.subject.model()),
  database: (rendering) => rendering.subject.thisRelation()?.database ?? rendering.world.project.target.database,
  schema: (rendering) => rendering.subject.thisRelation()?.schema ?? rendering.world.project.target.schema,
  flags: flagsValue,
  execute: (rendering) => rendering.execute,
  __is_incremental__: (rendering) => rendering.execute && rendering.subject.isIncremental(),
  invocation_id: (rendering) => {
    rendering.readsTime = true;
    return rendering.world.options.invocationId;
  },
  run_started_at: (rendering) => {
    rendering.readsTime = true;
    return pythonMoment('epoch', rendering.world.options.runStartedAt.getTime() / 1000) ?? null;
  },
  __now__: (rendering) => {
    rendering.readsTime = true;
    return rendering.world.options.runStartedAt.getTime();
  },
  dbt_version: () => DBT_VERSION,
  project_name: (rendering) => rendering.world.project.root.name,
  thread_id: () => 'Thread-1',
  invocation_args_dict: (rendering) => toValue(flagsJson(rendering)),
  graph: (rendering) => rendering.world.graph(),
  selected_resources: () => [],
  dbt_metadata_envs: (rendering) => toValue(metadataEnvironment(rendering.world.project.environment)),
  adapter: adapterValue,
  api: (rendering) => hostDict({ Relation: relationClass(rendering), Column: columnClass() }, 'api'),
  exceptions: exceptionsValue,
  log: logValue,
  print: printValue,
  render: renderValue,
  load_result: (rendering) =>
    hostFunction('load_result', (call) => rendering.results.get(neededText(call, 0, 'name', 'load_result()')) ?? null),
  store_result: (rendering) =>
    hostFunction('store_result', (call) =>
      keep(
        rendering,
        neededText(call, 0, 'name', 'store_result()'),
        argument(call, 1, 'response') ?? null,
        argument(call, 2, 'agate_table') ?? null,
      ),
    ),
  store_raw_result: (rendering) =>
    hostFunction('store_raw_result', (call) =>
      keep(
        rendering,
        neededText(call, 0, 'name', 'store_raw_result()'),
        responseValue(textArgument(call, 1, 'message') ?? 'OK'),
        argument(call, 4, 'agate_table') ?? null,
      ),
    ),
  try_or_compiler_error: () =>
    hostFunction('try_or_compiler_error', (call) => {
      const [message, called, ...rest] = call.positional;
      const outcome = callValue(called, rest, Object.fromEntries(call.named));
      if (outcome.kind !== 'failed') return outcomeOf(outcome);
      throw new TemplateError(textOf(message), { code: 'compile/raised' });
    }),
  builtins: (rendering) =>
    hostDict(
      {
        ref: refValue(rendering, { config: runtimeConfig(rendering) }),
        source: sourceValue(rendering),
        config: configValue(rendering),
      },
      'builtins',
    ),
  context: contextValue,
  validation: () =>
    hostDict({ any: hostObject({ name: 'any', get: () => undefined, item: () => null }) }, 'validation'),
};

const flagsJson = (rendering: Rendering): Json =>
  Object.fromEntries(
    Object.entries(rendering.world.options.flags).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );

/** Names templates can always read; for checks at parse time. */
export const contextNames: ReadonlySet<string> = new Set([...Object.keys(MEMBERS), ...languageMembers()]);

export const contextMembers: ContextMembers = {
  get: (name, rendering) => (Object.hasOwn(MEMBERS, name) ? MEMBERS[name]?.(rendering) : languageMember(name)),
  names: () => contextNames,
  packageValue: (packageName, rendering) => {
    const { library } = rendering.world;
    return hostObject({
      name: packageName,
      get: (name) => {
        const override = rendering.override(`${packageName}.${name}`);
        if (override !== undefined) return override;
        const macro = library.in(packageName, name);
        if (macro !== undefined) return rendering.macro(macro);
        throw new TemplateError(`the package \`${packageName}\` has no macro \`${name}\``, {
          code: 'compile/unknown-macro',
          hint: library.suggestion(`${packageName}.${name}`, rendering.subject.packageName),
        });
      },
      hasAttribute: (name) => library.in(packageName, name) !== undefined,
      names: () => library.namesIn(packageName),
    });
  },
  constant: (name, value) => hostFunction(name, () => value),
};

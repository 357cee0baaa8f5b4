/** Renders the Jinja of project.yml, profiles.yml and selectors.yml: env_var(), var() and target are what it may use. */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import type { SourceFile, Span } from '../core/source.ts';
import {
  builtins,
  evaluate,
  type HostCall,
  hostFunction,
  parseTemplate,
  type Scope,
  TemplateError,
  toJson,
  toValue,
  type Value,
} from '../jinja/jinja.ts';
import { isSecretName } from './environment.ts';
import { isList, isMap, type JsonMap } from './json.ts';
import type { YamlPath } from './yaml/yaml-file.ts';

export interface SettingsScope {
  readonly environment: Readonly<Record<string, string>>;
  /** True in targets and profiles. */
  readonly secretsAllowed: boolean;
  /** Hears each variable that was read, with its value or default. */
  readonly heard: (name: string, value: string) => void;
  readonly vars: JsonMap;
  /** Absent while targets themselves are rendered. */
  readonly target?: JsonMap;
}

/** Where the rendered value is written. */
export interface Written {
  readonly file: SourceFile;
  readonly span: (path: YamlPath) => Span;
}

/** Paths that keep their templates; a hook is rendered when it runs. */
export type Keep = (path: YamlPath) => boolean;

/** The value with every template in it rendered. A lone `{{ expression }}` keeps its type; other texts become text. */
export function renderSettings(
  value: Json,
  scope: SettingsScope,
  written: Written,
  keep: Keep = () => false,
): Checked<Json> {
  const diagnostics: Diagnostic[] = [];
  const names = scopeOf(scope);
  const walk = (inner: Json, path: YamlPath): Json => {
    if (typeof inner === 'string') {
      if (!/\{[{%#]/.test(inner) || keep(path)) return inner;
      const rendered = renderText(inner, names, written, path);
      diagnostics.push(...rendered.diagnostics);
      return rendered.value;
    }
    if (isList(inner)) return inner.map((item, index) => walk(item, [...path, index]));
    if (!isMap(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { value: walk(value, []), diagnostics };
}

/** On an error the text stays as it was. */
function renderText(text: string, scope: Scope, written: Written, path: YamlPath): Checked<Json> {
  const parsed = parseTemplate({ path: written.file.path, text });
  const failed = (diagnostics: readonly Diagnostic[]): Checked<Json> => ({
    value: text,
    diagnostics: diagnostics.map((diagnostic) => ({
      ...diagnostic,
      at: placeIn(text, diagnostic.at, written, path),
      notes: undefined,
    })),
  });
  if (parsed.value === undefined) return failed(parsed.diagnostics);
  const outcome = evaluate(parsed.value, scope);
  if (outcome.kind === 'failed') return failed([outcome.diagnostic]);
  // Nothing in this scope suspends.
  if (outcome.kind === 'needs') throw new Error('a setting asked for something outside of the project');
  try {
    return { value: toJson(outcome.value), diagnostics: [] };
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
    return failed([{ code: 'project/template', severity: 'error', message: thrown.message, hint: thrown.hint }]);
  }
}

/** The part of the YAML value an error is about, where the value stands there letter by letter; else the whole value. */
function placeIn(text: string, inner: Span | undefined, { file, span }: Written, path: YamlPath): Span {
  const whole = span(path);
  const start = file.text.indexOf(text, whole.start);
  if (inner === undefined || inner.end <= inner.start || start === -1 || start + text.length > whole.end) return whole;
  return { file: whole.file, start: start + inner.start, end: start + inner.end };
}

function scopeOf(scope: SettingsScope): Scope {
  const names = new Map<string, Value>([
    ['env_var', hostFunction('env_var', answering('env_var', environmentVariable, scope))],
    ['var', hostFunction('var', answering('var', variable, scope))],
  ]);
  if (scope.target !== undefined) names.set('target', toValue(scope.target));
  return {
    lookup: (name) => names.get(name) ?? builtins.get(name),
    names: () => [...names.keys(), ...builtins.keys()],
  };
}

type Lookup = (name: string, fallback: Json | undefined, scope: SettingsScope) => Json;

const answering =
  (called: string, lookup: Lookup, scope: SettingsScope): HostCall =>
  ({ positional, named }) => {
    const name = positional[0] ?? named.get('var') ?? named.get('name');
    if (typeof name !== 'string') {
      throw new TemplateError(`${called}() wants the name of a variable.`, { code: 'project/wrong-value' });
    }
    const fallback = positional.length > 1 ? positional[1] : named.get('default');
    return toValue(lookup(name, fallback === undefined ? undefined : toJson(fallback), scope));
  };

function environmentVariable(name: string, fallback: Json | undefined, scope: SettingsScope): Json {
  if (isSecretName(name) && !scope.secretsAllowed) {
    throw new TemplateError(`the secret \`${name}\` cannot be read here`, {
      code: 'project/secret-not-allowed',
      hint: 'secrets are for targets and profiles only',
    });
  }
  const value = Object.hasOwn(scope.environment, name) ? scope.environment[name] : undefined;
  const answer = value ?? fallback;
  // To dbt, none is no default here, unlike for var().
  if (answer === undefined || answer === null) {
    throw new TemplateError(`the environment variable \`${name}\` is not set`, {
      code: 'project/missing-environment-variable',
      hint:
        didYouMean(name, Object.keys(scope.environment)) ??
        `set it, put it into .env, or give a default: env_var('${name}', 'default')`,
    });
  }
  scope.heard(name, String(answer));
  return answer;
}

function variable(name: string, fallback: Json | undefined, scope: SettingsScope): Json {
  if (Object.hasOwn(scope.vars, name)) return renderedVariable(name, scope.vars[name] ?? null, scope);
  if (fallback !== undefined) return fallback;
  throw new TemplateError(`the variable \`${name}\` has no value`, {
    code: 'project/missing-var',
    hint:
      didYouMean(name, Object.keys(scope.vars)) ??
      `set it under \`vars:\`, with --vars, or give a default: var('${name}', …)`,
  });
}

/** A text among the variables may be a template itself, which is rendered whenever it is read. */
function renderedVariable(name: string, value: Json, scope: SettingsScope): Json {
  if (typeof value !== 'string' || !/\{[{%#]/.test(value)) return value;
  const parsed = parseTemplate({ path: `vars.${name}`, text: value });
  const outcome = parsed.value === undefined ? undefined : evaluate(parsed.value, scopeOf(scope));
  if (outcome?.kind === 'done') return toJson(outcome.value);
  const problem = outcome?.kind === 'failed' ? outcome.diagnostic : parsed.diagnostics[0];
  throw new TemplateError(`the variable \`${name}\`: ${problem?.message ?? 'its template cannot be read'}`, {
    code: 'project/template',
    hint: problem?.hint,
  });
}

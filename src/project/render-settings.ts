/** Renders the Jinja of project.yml, profiles.yml, selectors.yml: env_var(), var() and target are all it may use. */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import type { Span } from '../core/source.ts';
import { isSecretName } from './environment.ts';
import { isList, isMap, type JsonMap } from './json.ts';
import type { YamlPath } from './yaml/yaml-file.ts';

export interface SettingsScope {
  readonly environment: Readonly<Record<string, string>>;
  /** True in targets, profiles and packages. */
  readonly secretsAllowed: boolean;
  /** Hears each variable that was read, with its value or default. */
  readonly heard: (name: string, value: string) => void;
  readonly vars: JsonMap;
  /** Absent while targets themselves are rendered. */
  readonly target?: JsonMap;
}

/** Paths that keep their templates; a hook is rendered when it runs. */
export type Keep = (path: YamlPath) => boolean;

/** The value with every template in it rendered. A lone `{{ expression }}` keeps its type; other texts become text. */
export function renderSettings(
  value: Json,
  scope: SettingsScope,
  span: (path: YamlPath) => Span,
  keep: Keep = () => false,
): Checked<Json> {
  const diagnostics: Diagnostic[] = [];
  const walk = (inner: Json, path: YamlPath): Json => {
    if (typeof inner === 'string') {
      if (!/\{[{%#]/.test(inner) || keep(path)) return inner;
      const rendered = renderSetting(inner, scope);
      if (rendered.kind === 'done') return rendered.value;
      diagnostics.push({ ...rendered.problem, severity: 'error', at: span(path) });
      return inner;
    }
    if (isList(inner)) return inner.map((item, index) => walk(item, [...path, index]));
    if (!isMap(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { value: walk(value, []), diagnostics };
}

type Rendered =
  | { readonly kind: 'done'; readonly value: Json }
  | { readonly kind: 'failed'; readonly problem: Omit<Diagnostic, 'severity' | 'at'> };

const failed = (code: string, message: string, hint?: string): Rendered => ({
  kind: 'failed',
  problem: { code, message, hint },
});

const CALL =
  /\{\{-?\s*(env_var|var)\(\s*(['"])(.*?)\2\s*(?:,\s*(?:(['"])(.*?)\4|([\w.+-]+))\s*)?\)\s*(?:\|\s*(as_number|as_bool|as_native|as_text|int)\s*)?-?\}\}/g;

/** Until the template room opens: calls of env_var() and var() with literal arguments. */
function renderSetting(text: string, scope: SettingsScope): Rendered {
  const pieces: Json[] = [];
  let end = 0;
  for (const match of text.matchAll(CALL)) {
    const [whole, called, , name = '', , quoted, word, filter] = match;
    if (match.index > end) pieces.push(text.slice(end, match.index));
    end = match.index + whole.length;
    const fallback =
      quoted ?? (word === undefined ? undefined : JSON.parse(/^[\d.+-]+$/.test(word) ? word : word.toLowerCase()));
    const answer = called === 'env_var' ? environmentVariable(name, fallback, scope) : variable(name, fallback, scope);
    if (answer.kind === 'failed') return answer;
    pieces.push(
      filter === 'as_number' || filter === 'int'
        ? Number(answer.value)
        : filter === 'as_bool'
          ? /^true$/i.test(String(answer.value))
          : answer.value,
    );
  }
  if (end < text.length) pieces.push(text.slice(end));
  if (/\{[{%#]/.test(pieces.filter((piece) => typeof piece === 'string').join(''))) {
    return failed(
      'project/template',
      'this template cannot be rendered here',
      'env_var(), var() and target can be used in settings',
    );
  }
  return { kind: 'done', value: pieces.length === 1 ? (pieces[0] ?? null) : pieces.map(String).join('') };
}

export function environmentVariable(name: string, fallback: Json | undefined, scope: SettingsScope): Rendered {
  if (isSecretName(name) && !scope.secretsAllowed) {
    return failed(
      'project/secret-not-allowed',
      `the secret \`${name}\` cannot be read here`,
      'secrets are for targets and profiles only',
    );
  }
  const value = Object.hasOwn(scope.environment, name) ? scope.environment[name] : undefined;
  if (value !== undefined) {
    scope.heard(name, value);
    return { kind: 'done', value };
  }
  if (fallback === undefined) {
    return failed(
      'project/missing-environment-variable',
      `the environment variable \`${name}\` is not set`,
      didYouMean(name, Object.keys(scope.environment)) ??
        `set it, put it into .env, or give a default: env_var('${name}', 'default')`,
    );
  }
  scope.heard(name, String(fallback));
  return { kind: 'done', value: fallback };
}

export function variable(name: string, fallback: Json | undefined, scope: SettingsScope): Rendered {
  if (Object.hasOwn(scope.vars, name)) return { kind: 'done', value: scope.vars[name] ?? null };
  if (fallback !== undefined) return { kind: 'done', value: fallback };
  return failed(
    'project/missing-var',
    `the variable \`${name}\` has no value`,
    didYouMean(name, Object.keys(scope.vars)) ??
      `set it under \`vars:\`, with --vars, or give a default: var('${name}', …)`,
  );
}

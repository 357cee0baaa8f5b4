import type { Project } from './project.ts';

/** Variables so named may be read by targets, profiles and packages only, and their values are masked everywhere. */
const SECRET = /^(?:DBT|DQL)_ENV_SECRET/;

export const isSecretName = (name: string): boolean => SECRET.test(name);

export type EnvironmentAnswer =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'missing' }
  /** The variable is a secret and this is no place to read one. */
  | { readonly kind: 'secret' };

/** What env_var() answers outside targets and profiles: models, macros, property files, configuration trees. */
export function readEnvironment(environment: Project['environment'], name: string): EnvironmentAnswer {
  if (isSecretName(name)) return { kind: 'secret' };
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return value === undefined ? { kind: 'missing' } : { kind: 'value', value };
}

/** The values that no log, artifact or message may show; longest first, so that masking one does not uncover a part of another. */
export const secretValues = (environment: Project['environment']): readonly string[] =>
  Object.keys(environment)
    .filter(isSecretName)
    .flatMap((name) => environment[name] || [])
    .sort((a, b) => b.length - a.length);

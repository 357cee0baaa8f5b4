import type { Project } from './project.ts';

export interface WatchedEnvironment {
  readonly environment: Project['environment'];
  /** Names of variables that somebody asked for, set or not. Which there are may be asked without being noted. */
  readonly read: ReadonlySet<string>;
}

/** An environment that notes which of its variables are read: what was made of it is the same while those are. */
export function watchedEnvironment(environment: Project['environment']): WatchedEnvironment {
  const read = new Set<string>();
  const watched = new Proxy(environment, {
    get(variables, name) {
      if (typeof name === 'string') read.add(name);
      return Reflect.get(variables, name);
    },
    getOwnPropertyDescriptor(variables, name) {
      if (typeof name === 'string' && !Object.hasOwn(variables, name)) read.add(name);
      return Reflect.getOwnPropertyDescriptor(variables, name);
    },
    has(variables, name) {
      if (typeof name === 'string') read.add(name);
      return Reflect.has(variables, name);
    },
  });
  return { environment: watched, read };
}

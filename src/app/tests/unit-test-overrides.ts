import type { Overrides } from '../../compile/compile.ts';
import type { UnitTestNode } from '../../compile/manifest.ts';
import type { Json } from '../../core/node-id.ts';

/** What macros, vars and environment variables answer in a unit test. */
export function overridesOf({ overrides }: UnitTestNode): Overrides {
  const section = (name: string): Readonly<Record<string, Json>> => {
    const value = overrides?.[name];
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, Json>>)
      : {}; // not an array, so an object
  };
  return {
    macros: section('macros'),
    vars: section('vars'),
    env_vars: Object.fromEntries(Object.entries(section('env_vars')).map(([name, value]) => [name, String(value)])),
  };
}

import type { Json } from '../core/node-id.ts';
import { isMap } from './json.ts';
import type { JsonObject, Vars } from './project.ts';

/** What var(name) answers inside a package: --vars, then the root's vars for that package, the root's for all, the package's own. */
export function findVar(vars: Vars, packageName: string, name: string): { readonly value: Json } | undefined {
  for (const level of [vars.commandLine, vars.byPackage[packageName], vars.global, vars.packageDefaults[packageName]]) {
    if (level !== undefined && Object.hasOwn(level, name)) return { value: level[name] ?? null };
  }
  return undefined;
}

/** Every name var() knows inside a package, for did-you-mean. */
export const varNames = (vars: Vars, packageName: string): readonly string[] =>
  [vars.commandLine, vars.byPackage[packageName], vars.global, vars.packageDefaults[packageName]].flatMap((level) =>
    Object.keys(level ?? {}),
  );

export function resolveVars(
  commandLine: JsonObject,
  root: { readonly name: string; readonly vars: JsonObject },
  installed: readonly { readonly name: string; readonly vars: JsonObject }[],
): Vars {
  const byPackage: Record<string, JsonObject> = {};
  for (const { name } of [root, ...installed]) {
    const own = root.vars[name];
    if (isMap(own)) byPackage[name] = own;
  }
  const packageDefaults: Record<string, JsonObject> = {};
  for (const { name, vars } of installed) {
    const own = vars[name];
    packageDefaults[name] = isMap(own) ? { ...vars, ...own } : vars;
  }
  return { commandLine, global: root.vars, byPackage, packageDefaults };
}

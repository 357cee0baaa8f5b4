import type { Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import { configKeys } from './check-config.ts';
import { CONFIG_KINDS, splitLevel } from './config-trees.ts';
import type { JsonMap } from './json.ts';
import type { ConfigKind, Project } from './project.ts';

/** Warns of folders in the root project's configuration trees that lead to no resource, once for the outermost folder. */
export function unusedConfigPaths(
  project: Project,
  resources: readonly { readonly kind: ConfigKind; readonly fqn: readonly string[] }[],
): readonly Diagnostic[] {
  const prefixes = new Map<ConfigKind, Map<string, Set<string>>>();
  for (const { kind, fqn } of resources) {
    let known = prefixes.get(kind);
    if (known === undefined) {
      known = new Map();
      prefixes.set(kind, known);
    }
    let path = '';
    for (const step of fqn) {
      let steps = known.get(path);
      if (steps === undefined) {
        steps = new Set();
        known.set(path, steps);
      }
      steps.add(step);
      path = `${path}/${step}`;
    }
  }
  const diagnostics: Diagnostic[] = [];
  const walk = (kind: ConfigKind, tree: JsonMap, path: readonly string[]): void => {
    const steps = prefixes.get(kind)?.get(path.map((step) => `/${step}`).join(''));
    for (const [folder, inner] of Object.entries(splitLevel(tree).folders)) {
      if (steps?.has(folder)) walk(kind, inner, [...path, folder]);
      else diagnostics.push(unused(project, kind, [...path, folder], steps ?? new Set()));
    }
  };
  for (const kind of CONFIG_KINDS) walk(kind, project.root.configTrees[kind].rendered, []);
  return diagnostics;
}

function unused(project: Project, kind: ConfigKind, path: readonly string[], steps: ReadonlySet<string>): Diagnostic {
  const folder = path.at(-1) ?? '';
  return {
    code: 'project/unused-config-path',
    severity: 'warning',
    message: `the configuration \`${[kind, ...path].join('.')}\` applies to nothing: there is no such folder or ${kind} name`,
    at: project.root.file.span([kind, ...path]),
    hint: configKeys(kind).includes(folder)
      ? `write \`+${folder}\` if it is a configuration`
      : (didYouMean(folder, steps) ??
        (path.length === 1 ? `begin with the project's name: \`${project.root.name}\`` : undefined)),
  };
}

// `models/staging`, `models/**/stg_*.sql`: a node's file, a folder above it, or the YAML file that describes it. `*` stays within one
// folder, `**` crosses them. As in dbt a path must exist in the project itself to mean anything, and then means the same path in
// installed packages, too: `path:models` takes theirs along, `path:models/core` does not when only a package has that folder.
import { hasWildcard, wildcard } from '../fnmatch.ts';
import type { SelectableGraph, SelectableNode } from '../graph.ts';
import { type SelectorMethod, valueText } from '../method.ts';

export const path: SelectorMethod = {
  summary: 'by file or folder, from the project root: models/staging, models/*/orders.sql',
  isName: true,
  ask: (criterion, { graph }) => {
    const matches = pathMatcher(segments(valueText(criterion)));
    const paths = new Set<string>();
    for (const known of pathsOf(graph)) if (matches(segments(known))) paths.add(known);
    const under = new Map<string, boolean>([['', paths.has('')]]);
    // Most nodes share their folders, so a folder is asked once.
    const isUnder = (file: string): boolean => {
      const known = under.get(file);
      if (known !== undefined) return known;
      const answer = paths.has(file) || isUnder(folderOf(file));
      under.set(file, answer);
      return answer;
    };
    return (node) => {
      if (isUnder(node.original_file_path)) return true;
      const patch = patchFile(node);
      return patch !== undefined && paths.has(patch);
    };
  },
  known: pathsOf,
};

/** Files and folders of the project itself, as far as its nodes tell; '' is its root. */
function pathsOf(graph: SelectableGraph): ReadonlySet<string> {
  const found = new Set(['']);
  for (const node of graph.nodes.values()) {
    if (graph.projectName !== '' && node.package_name !== graph.projectName) continue;
    for (const file of [node.original_file_path, patchFile(node)])
      for (let at = file ?? ''; !found.has(at); at = folderOf(at)) found.add(at);
  }
  return found;
}

const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf('/')));

/** dbt writes `package://models/staging.yml`. */
const patchFile = (node: SelectableNode): string | undefined => node.patch_path?.split('://')[1];

/** The parts of a path; `./`, doubled and closing slashes mean nothing. */
const segments = (file: string): readonly string[] =>
  file.split(/[\\/]/).filter((segment) => segment !== '' && segment !== '.');

function pathMatcher(pattern: readonly string[]): (parts: readonly string[]) => boolean {
  if (!pattern.some(hasWildcard)) {
    const wanted = pattern.join('/');
    return (parts) => parts.join('/') === wanted;
  }
  const steps = pattern.map((segment) => (segment === '**' ? 'folders' : wildcard(segment)));
  const from = (parts: readonly string[], at: number, step: number): boolean => {
    const wanted = steps[step];
    if (wanted === undefined) return at === parts.length;
    if (wanted === 'folders') return from(parts, at, step + 1) || (at < parts.length && from(parts, at + 1, step));
    const part = parts[at];
    return part !== undefined && wanted(part) && from(parts, at + 1, step + 1);
  };
  return (parts) => from(parts, 0, 0);
}

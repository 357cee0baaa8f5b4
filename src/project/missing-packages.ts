import type { Diagnostic } from '../core/diagnostic.ts';
import { isList, isMap, type JsonMap } from './json.ts';
import type { YamlFile } from './yaml/yaml-file.ts';

/** Warns when packages.yml (or dependencies.yml) asks for packages that are not in the install folder. */
export function missingPackages(
  yaml: YamlFile | undefined,
  folders: readonly string[],
  installPath: string,
): readonly Diagnostic[] {
  const content = yaml?.value;
  const list = isMap(content) ? content['packages'] : undefined;
  if (yaml === undefined || !isList(list)) return [];
  const installed = new Set(folders.map((folder) => folder.slice(folder.lastIndexOf('/') + 1)));
  // Only packages of the hub say what their folder is called; of the others only the number is known.
  const wanted = list.filter(isMap).map(folderOf);
  const named = wanted.flatMap((name, index) => (name !== undefined && !installed.has(name) ? [{ name, index }] : []));
  const tooFew = named.length === 0 && installed.size < list.length;
  if (named.length === 0 && !tooFew) return [];
  return [
    {
      code: 'project/package-not-installed',
      severity: 'warning',
      message:
        named.length === 0
          ? `${yaml.file.path} lists ${list.length} packages, but ${installed.size} are installed in ${installPath}`
          : `not installed in ${installPath}: ${named.map(({ name }) => `\`${name}\``).join(', ')}`,
      at: yaml.span(named.length === 0 ? ['packages'] : ['packages', named[0]?.index ?? 0]),
      hint: `put the package's folder into ${installPath}, e.g. with \`dbt deps\``,
    },
  ];
}

function folderOf(entry: JsonMap): string | undefined {
  const hub = entry['package'];
  return typeof hub === 'string' ? hub.split('/').at(-1) : undefined;
}

/** The selection box speaks dql's own grammar: this is the parser of `--select`, over the index. */
import {
  graphOfNodes,
  printValue,
  type SelectableGraph,
  type SelectableNode,
  selectNodes,
} from '../../select/select.ts';
import { type IndexItem, USUAL_CONFIG } from '../site-data.ts';
import { itemAt, type Site } from './site.ts';

export interface Selected {
  readonly items: ReadonlySet<number>;
  /** What is wrong with the words, in a sentence each. */
  readonly problems: readonly string[];
  /** What the answer rests on, where that is not the site alone. */
  readonly note: string;
}

const graphs = new WeakMap<Site, SelectableGraph>();

/** The items that `dql ls --select <select> --exclude <exclude>` names. */
export function selectItems(site: Site, select: string, exclude: string): Selected {
  const graph =
    graphs.get(site) ??
    graphOfNodes(
      site.index.project,
      site.index.items.flatMap((item, position) => (isSelectable(item) ? [selectable(item, position)] : [])),
    );
  graphs.set(site, graph);
  const { value, diagnostics } = selectNodes(
    graph,
    { select: argumentsOf(select), exclude: argumentsOf(exclude), indirectSelection: 'eager', includeEmpty: true },
    { answers: answersOf(site) },
  );
  return {
    items: new Set([...value.ids].map(Number)),
    problems: diagnostics.map(({ code, message, hint }) => {
      const missing = code === 'select/no-state' ? MISSING[/^`(\w+):/.exec(message)?.[1] ?? ''] : undefined;
      return missing ?? (hint === undefined ? message : `${message}; ${hint}`);
    }),
    note:
      /\bstate:/.test(`${select} ${exclude}`) && site.index.comparedWith !== null
        ? `compared with ${site.index.comparedWith}`
        : '',
  };
}

/** Why the site cannot tell, in words of its own: the command's would send people to flags of other commands. */
const MISSING: Readonly<Record<string, string>> = {
  state:
    'This site was made where nothing had been published, so there is no state to compare with. Make it with `dql docs generate --state PATH`.',
  result: 'This site was made where the results of a run were missing. Run `dql build`, then `dql docs generate`.',
  source_status:
    'This site knows no two measurements of freshness. Run `dql source freshness`, then `dql docs generate --state PATH`.',
};

const answersOf = ({ index }: Site): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(Object.entries(index.answers).map(([criterion, items]) => [criterion, new Set(items.map(String))]));

/** The whole text is one argument, as in `--select 'text'`. */
const argumentsOf = (text: string): readonly string[] => (text.trim() === '' ? [] : [text]);

const isSelectable = ({ kind }: IndexItem): boolean => kind !== 'macro' && kind !== 'group';

/** Positions serve as ids. */
function selectable(item: IndexItem, position: number): SelectableNode {
  const dot = item.name.indexOf('.');
  return {
    unique_id: String(position),
    resource_type: item.kind,
    name: item.kind === 'source' ? item.name.slice(dot + 1) : (item.fqn.at(item.version ? -2 : -1) ?? item.name),
    package_name: item.packageName,
    fqn: item.fqn,
    tags: item.tags ?? [],
    original_file_path: item.path,
    ...(item.describedIn !== undefined && { patch_path: `${item.packageName}://${item.describedIn}` }),
    config: {
      enabled: true,
      ...USUAL_CONFIG[item.kind],
      ...item.config,
      ...(item.materialized !== undefined && { materialized: item.materialized }),
      tags: item.tags ?? [],
    },
    depends_on: { nodes: item.parents.map(String) },
    group: item.group ?? null,
    meta: { owner: [...(item.owner === undefined ? [] : [item.owner]), ...(item.contacts ?? [])] },
    ...(item.version && { version: item.version[0], latest_version: item.version[1] }),
    ...(item.check !== undefined && { test_metadata: { name: item.check } }),
    ...(item.access !== undefined && { access: item.access }),
    ...(item.kind === 'source' && { source_name: item.name.slice(0, dot) }),
  };
}

/** Kinds with a method of their own. */
const METHODS_OF_KIND = new Set(['exposure', 'metric', 'semantic_model', 'saved_query']);

/** The words that select one item. */
export function selectorFor(site: Site, position: number): string {
  const { kind, slug, name, fqn, version } = itemAt(site, position);
  if (kind === 'source') return `source:${printValue(name)}`;
  if (METHODS_OF_KIND.has(kind)) return `${kind}:${printValue(slug.slice(kind.length + 1))}`;
  const own = version ? name : (fqn.at(-1) ?? name);
  // What a folder is called would bring all that is in it.
  return printValue(foldersOf(site).has(own) ? fqn.join('.') : own);
}

const folders = new WeakMap<Site, ReadonlySet<string>>();

function foldersOf(site: Site): ReadonlySet<string> {
  const known =
    folders.get(site) ??
    new Set(site.index.items.flatMap(({ kind, fqn }) => (kind === 'source' ? [] : fqn.slice(0, -1))));
  folders.set(site, known);
  return known;
}

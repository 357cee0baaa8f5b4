/** `--select` and its companions → the nodes a command is about. */
import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Manifest } from '../../compile/manifest.ts';
import { type Diagnostic, DqlError, hasErrors } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import {
  type LoadTimes,
  type SelectContext,
  type Selection,
  selectableGraph,
  selectNodes,
  selectorsOfManifest,
} from '../../select/select.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from './opened-project.ts';
import { heeded } from './warning-policy.ts';

export interface Chosen {
  readonly selection: Selection;
  readonly ids: ReadonlySet<NodeId>;
  readonly warnings: readonly Diagnostic[];
}

/**
 * @param kinds resource types the command deals with; the user's own `--resource-type` narrows them further
 * @param includeEmpty keeps nodes whose file is blank, as `ls` does
 */
export function chooseNodes(
  opened: OpenedProject,
  options: CommonOptions,
  kinds: readonly string[] | undefined,
  includeEmpty = false,
): Chosen {
  const context = selectContext(opened, options);
  const wanted =
    options.resourceTypes.length > 0
      ? options.resourceTypes.filter((type) => kinds === undefined || kinds.includes(type))
      : kinds;
  const checked = selectNodes(
    selectableGraph(opened.manifest),
    {
      select: options.select,
      exclude: options.exclude,
      selector: options.selector,
      indirectSelection: options.indirectSelection,
      resourceTypes: wanted,
      excludeResourceTypes: options.excludeResourceTypes,
      includeEmpty,
    },
    context,
  );
  if (hasErrors(checked.diagnostics)) throw new DqlError(checked.diagnostics);
  return {
    selection: checked.value,
    ids: checked.value.ids,
    warnings: heeded(checked.diagnostics, options),
  };
}

/**
 * For commands that look at one thing: tests of what was named come along only when the user asked for that, or named nothing.
 */
export const withoutTheirTests = <Options extends CommonOptions>(options: Options): Options =>
  options.given.includes('indirectSelection') || options.select.length === 0
    ? options
    : { ...options, indirectSelection: 'empty' };

/** What `--state` and the last `dql source freshness` tell the selection. */
export function selectContext(opened: OpenedProject, options: CommonOptions): SelectContext {
  const folder = opened.earlier ? undefined : stateFolder(opened, options);
  const previous =
    opened.earlier?.manifest ?? (folder === undefined ? undefined : readArtifact<Manifest>(folder, 'manifest.json'));
  const results =
    folder === undefined
      ? undefined
      : readArtifact<{ readonly results: readonly { readonly unique_id: NodeId; readonly status: string }[] }>(
          folder,
          'run_results.json',
        );
  return {
    selectors: selectorsOfManifest(opened.manifest.selectors),
    now: options.now,
    ...(previous ? { previous } : {}),
    ...(results
      ? { previousResults: new Map(results.results.map((result) => [result.unique_id, result.status])) }
      : {}),
    ...(folder === undefined ? {} : sourceTimes('previousSources', folder)),
    ...sourceTimes('currentSources', opened.targetFolder),
  };
}

/** The folder of `--state`; it must hold a manifest. */
function stateFolder(opened: OpenedProject, options: CommonOptions): string | undefined {
  const given = options.state ?? options.deferState;
  if (given === undefined) return undefined;
  const folder = isAbsolute(given) ? given : join(opened.project.folder, given);
  if (!existsSync(folder) || !statSync(folder).isDirectory() || !existsSync(join(folder, 'manifest.json')))
    throw new DqlError([
      {
        code: 'select/no-state',
        severity: 'error',
        message: `--state ${given} holds no manifest.json`,
        hint: 'give the folder of an earlier run’s artifacts, e.g. a copy of production’s target/',
      },
    ]);
  return folder;
}

function sourceTimes<Key extends string>(key: Key, folder: string): { readonly [K in Key]?: LoadTimes } {
  const sources = readArtifact<{
    readonly results: readonly { readonly unique_id: NodeId; readonly max_loaded_at?: string | null }[];
  }>(folder, 'sources.json');
  if (!sources) return {};
  const times: LoadTimes = new Map(sources.results.map((result) => [result.unique_id, result.max_loaded_at ?? null]));
  return { [key]: times } as { readonly [K in Key]?: LoadTimes }; // TypeScript widens a computed key to string
}

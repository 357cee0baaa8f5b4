/** A node's own hooks: as they are written, and as they count in its fingerprint. */
import type { Compiler, NodeRelation } from '../../compile/compile.ts';
import type { GraphNode } from '../../compile/manifest.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import { callsFiles, callsVarying } from '../../lineage/determinism.ts';
import type { OpenedProject } from './opened-project.ts';

/**
 * What counts in a node's fingerprint beside its SQL and its own configuration.
 * @param session what is the same for all nodes: see `sessionFacts`
 */
export const besideSql = (
  node: GraphNode,
  { compiler, project, files }: Pick<OpenedProject, 'compiler' | 'project' | 'files'>,
  relationOf: (id: NodeId) => NodeRelation | undefined,
  session: Json,
): readonly Json[] => [
  ...hookFacts(node, compiler, relationOf),
  ...(project.target.publish === 'table' ? ['table'] : []),
  session,
  // The checksum of a node is dbt's, which overlooks blank ends, and all of a large file.
  ...(node.resource_type === 'seed'
    ? files.data.flatMap(({ path, checksum }) =>
        `${project.folder}/${path}` === `${node.root_path}/${node.original_file_path}` ? [{ checksum }] : [],
      )
    : []),
];

/** Why rows that a node's hooks write into it may be others the next time; undefined: they are not. A hook that writes a log elsewhere is no reason. */
export function variesByHooks(node: GraphNode, beside: readonly Json[]): string | undefined {
  if (beside.flat().some((fact) => typeof fact === 'object' && fact !== null && ASKS in fact))
    return 'a hook asks the warehouse while it is rendered';
  return hooksWriting(node, beside).some((text) => callsVarying(text) || callsFiles(text))
    ? 'a hook writes values into it that are others each time'
    : undefined;
}

/** The texts of hooks that change the rows of their own node. */
export const hooksWriting = ({ relation_name }: GraphNode, beside: readonly Json[]): readonly string[] =>
  beside
    .flat(2)
    .filter(
      (text) =>
        typeof text === 'string' &&
        (/\{\{\s*this\b/.test(text) || (relation_name !== null && text.includes(relation_name))) &&
        /\b(insert|update|merge|delete)\b/i.test(text),
    )
    .map(String);

/** In front of the text of a hook of which nobody knows what it says before it runs. */
const ASKS = 'asks';

/** dbt keeps hooks as text or as `{sql, transaction, index}`. */
export function hookTexts({ config }: Pick<GraphNode, 'config'>, kind: 'pre' | 'post'): readonly string[] {
  const configured = config[`${kind}-hook`] ?? config[`${kind}_hook`] ?? [];
  return (Array.isArray(configured) ? configured : [configured]).flatMap((hook: unknown) =>
    typeof hook === 'string'
      ? [hook]
      : typeof hook === 'object' && hook !== null && 'sql' in hook
        ? [String(hook.sql)]
        : [],
  );
}

/**
 * What the hooks say with public names, so that variables and macros they use are part of the code. One that mentions the time or the id
 * of the run, as those that write a log do, counts by its text and the variables it reads: it would be another in every run.
 */
function hookFacts(
  node: GraphNode,
  compiler: Pick<Compiler, 'renderHook'>,
  relationOf: (id: NodeId) => NodeRelation | undefined,
): readonly Json[] {
  return (['pre', 'post'] as const).map((kind) =>
    hookTexts(node, kind).map((text): Json => {
      const rendered = text.includes('{') ? compiler.renderHook(node.unique_id, text, { relationOf }) : undefined;
      if (rendered?.kind === 'needs') return { [ASKS]: text };
      if (rendered?.kind !== 'rendered') return text;
      return rendered.readsTime ? [text, rendered.varsRead, rendered.envRead] : rendered.text;
    }),
  );
}

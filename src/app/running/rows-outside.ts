/** What is said of microbatch models that answer rows of another time than a batch's, or whose batches all read the same rows. */
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { microbatchOf, rangesText, readsOwnTime } from '../../plan/batches.ts';
import { textAt } from '../../plan/node-config.ts';
import { count } from '../../report/amounts.ts';
import type { RowsOutside } from '../../run/context.ts';
import type { SecretColumns } from '../columns/secret-columns.ts';

export async function rowsOutside(
  node: GraphNode,
  { rows, batch, example }: RowsOutside,
  secrets: SecretColumns,
): Promise<Diagnostic> {
  const time = textAt(node.config, 'event_time') ?? '';
  const hidden = await secrets.ofNode(node.unique_id, [time]);
  const value = example === null ? 'NULL' : hidden.columns.length > 0 ? '•••' : example;
  return {
    code: 'run/rows-outside-batch',
    severity: 'warning',
    message: `microbatch model \`${node.name}\` left out ${count(rows, 'row')}: their \`${time}\` is not within the batch they were computed for, e.g. ${value} in the batch ${rangesText([batch])}`,
    at: { file: node.original_file_path, start: 0, end: 0 },
    hint: 'a batch holds the rows of its own time only: let `event_time` be the column by which its inputs are read, or filter such rows in the SQL',
  };
}

/** dbt's words for a microbatch model that gains nothing by being one. */
export const batchesReadEverything = (manifest: Manifest, building: readonly NodeId[]): readonly Diagnostic[] =>
  building.flatMap((id): readonly Diagnostic[] => {
    const node = manifest.nodes[id];
    const microbatch = node && microbatchOf(node);
    if (!node || !microbatch || 'code' in microbatch || readsOwnTime(node, manifest)) return [];
    return [
      {
        code: 'app/batches-read-everything',
        severity: 'warning',
        message: `each batch of microbatch model \`${node.name}\` reads all rows: none of its inputs has an \`event_time\``,
        at: { file: node.original_file_path, start: 0, end: 0 },
        hint: 'name the column that says when a row happened in the source’s or model’s config: `event_time: ordered_at`',
      },
    ];
  });

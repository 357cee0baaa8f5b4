/** Statistics of relations: what is known by content is taken over, the rest is measured while the project is still being analysed. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { NodeId } from '../../core/node-id.ts';
import { readArtifact } from '../../disk/read-artifact.ts';
import { writeTarget } from '../../disk/write-target.ts';
import { withoutValues } from '../../docs/docs.ts';
import type { Connection } from '../../engine/engine.ts';
import { type Measured, measureRelations, type ToMeasure } from './measure-relations.ts';

export interface Standing extends ToMeasure {
  /** Equal ids mean equal rows; undefined where nobody knows. */
  readonly contentId: string | undefined;
}

/** What an analysis of the project tells of them, which takes about as long as measuring. */
export interface Analysed {
  readonly isPersonal: (id: NodeId, column: string) => boolean;
  /** Relations whose columns are not known before. */
  readonly relations: readonly Standing[];
}

export interface Statistics {
  readonly measured: ReadonlyMap<NodeId, Measured>;
  /** For what could not be measured a sentence why. */
  readonly errors: readonly string[];
}

const FILE = 'statistics.json';

/**
 * Of columns that the analysis finds personal the values are forgotten before anything is told or kept. Rejects when interrupted, and when
 * the analysis does.
 */
export async function relationStatistics(
  relations: readonly Standing[],
  analysed: Promise<Analysed>,
  connect: () => Promise<Connection>,
  targetFolder: string,
  signal: AbortSignal,
): Promise<Statistics> {
  const before = readArtifact<Record<string, Measured>>(join(targetFolder, '.dql'), FILE) ?? {};
  const contents = new Set(Object.keys(before).map((key) => key.slice(0, key.lastIndexOf(' '))));
  // Whether what is kept of a content still serves is not known before its personal columns are.
  const begun = relations.filter(({ contentId }) => contentId === undefined || !contents.has(contentId));
  analysed.catch(() => undefined); // told where it is waited for
  const first = await measureRelations(begun, connect, signal);
  const tried = new Set(begun.map(({ id }) => id));
  const { isPersonal, relations: others } = await analysed;
  const measured = new Map<NodeId, Measured>();
  const waiting: ToMeasure[] = [];
  const keys = new Map<NodeId, string>();
  for (const { contentId, ...given } of [...relations, ...others]) {
    const { id } = given;
    const columns = given.columns.map((column) => ({ ...column, personal: isPersonal(id, column.name) }));
    const key = contentId === undefined ? undefined : keyOf(contentId, columns);
    if (key !== undefined) keys.set(id, key);
    const found = first.measured.get(id);
    const known = key === undefined ? undefined : before[key];
    if (found) measured.set(id, withoutPersonal(found, columns));
    else if (known) measured.set(id, known);
    else if (!tried.has(id)) waiting.push({ ...given, columns });
  }
  const second = await measureRelations(waiting, connect, signal);
  for (const [id, found] of second.measured) measured.set(id, found);
  if (first.measured.size + second.measured.size > 0) {
    const kept = [...keys].flatMap(([id, key]) => {
      const found = measured.get(id);
      return found ? [[key, found] as const] : [];
    });
    writeTarget(targetFolder, [{ path: `.dql/${FILE}`, text: JSON.stringify(Object.fromEntries(kept)) }]);
  }
  return { measured, errors: [...first.errors, ...second.errors].sort() };
}

/** Goes up when the same rows would be told differently, so that nothing older is taken over. */
const WAY_OF_MEASURING = 4;

/** Columns count, too: what is personal today may not have been yesterday. */
const keyOf = (contentId: string, columns: ToMeasure['columns']): string =>
  `${contentId} ${hash('sha256', JSON.stringify([WAY_OF_MEASURING, columns])).slice(0, 16)}`;

function withoutPersonal(found: Measured, columns: ToMeasure['columns']): Measured {
  const personal = columns.flatMap(({ name, personal }) => (personal ? [name] : []));
  const hidden = personal.flatMap((name) => {
    const statistics = found.columns[name];
    return statistics ? [[name, withoutValues(statistics)] as const] : [];
  });
  return hidden.length === 0 ? found : { ...found, columns: { ...found.columns, ...Object.fromEntries(hidden) } };
}

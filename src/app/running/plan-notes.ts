/** What a plan says beside a node: what its promises do not cover, and what it does besides making its relation. */
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { NodeFacts } from '../../plan/fingerprint.ts';
import type { CommonOptions, PlanRow } from '../contract.ts';
import { hookTexts } from '../opening/hook-texts.ts';

/** Statements whose effect ends with the run's connections. */
const SESSION = /^\s*(set|reset|pragma|use|load|select|create\s+(or\s+replace\s+)?(temp|temporary))\b/i;

/** @param copied attached databases that are written node by node */
export function nodeNotes(
  node: GraphNode,
  facts: NodeFacts | undefined,
  options: CommonOptions,
  copied: ReadonlySet<string>,
): readonly string[] {
  const notes: string[] = [];
  if (copied.has(node.database))
    notes.push(
      `promises 2 and 3 do not hold: the database ${node.database} is of another engine and written node by node, each a table of columns and rows alone, after the rest is published`,
    );
  const clock = facts?.nondeterministic;
  if (options.given.includes('now') && clock !== undefined && /\b(now|current|today|clock)/i.test(clock))
    notes.push(`--now does not govern it: ${clock}`);
  return notes;
}

/** Hooks that write anywhere: their effect is there at once, whatever becomes of the node. */
export function hookNotes(node: GraphNode): readonly string[] {
  return (['pre', 'post'] as const).flatMap((kind) =>
    hookTexts(node, kind)
      .filter((sql) => !SESSION.test(sql) && !writesToThisOnly(sql))
      .map((sql) => `${kind}-hook, outside promises 1 to 3: ${firstLine(sql)}`),
  );
}

/** on-run-start or on-run-end, as rows of their own. */
export function operationRows(manifest: Manifest, kind: 'on-run-start' | 'on-run-end'): readonly PlanRow[] {
  return Object.values(manifest.nodes)
    .filter((node) => node.resource_type === 'operation' && node.tags.includes(kind))
    .sort((left, right) => indexOf(left) - indexOf(right))
    .map((node) => ({
      node: node.unique_id,
      name: node.name,
      kind: 'operation',
      materialized: null,
      relation: null,
      action: 'hook',
      reason: firstLine(node.raw_code),
      estimated_seconds: null,
      estimated_rows: null,
      publishes: false,
      notes: SESSION.test(node.raw_code) ? [] : ['outside promises 1 to 3: what it writes is there at once'],
    }));
}

const indexOf = (node: GraphNode): number => Number(/(\d+)$/.exec(node.unique_id)?.[1] ?? 0);

/** A statement about `{{ this }}` changes the version that is being built, which nobody sees before it is published. */
const writesToThisOnly = (sql: string): boolean =>
  /^\s*(insert\s+into|update|delete\s+from|alter\s+table|analyze|comment\s+on\s+\w+|create\s+(unique\s+)?index\b[^;]*\bon)\s+\{\{-?\s*this\s*-?\}\}[^;]*;?\s*$/i.test(
    sql,
  );

const firstLine = (sql: string): string => {
  const [line = '', ...more] = sql.trim().split('\n');
  return more.length > 0 ? `${line.trim()} …` : line.trim();
};

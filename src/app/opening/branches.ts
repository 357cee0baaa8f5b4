/** Both queries of an incremental model, kept in manifests under `meta.dql.branches`: dbt's `compiled_code` has room for one. */
import type { CompileOutcome } from '../../compile/compile.ts';
import type { GraphNode } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { publicRelations } from '../warehouse/relations.ts';
import type { OpenedProject } from './opened-project.ts';

export interface Branches {
  /** What fills the table. */
  readonly full: string;
  /** What runs when it stands already. */
  readonly incremental: string;
}

/** Compiles over public names without asking the warehouse anything. */
export function publicCompiler(opened: OpenedProject): (id: NodeId, isIncremental: boolean) => CompileOutcome {
  const { relationOf } = publicRelations(opened);
  return (id, isIncremental) => opened.compiler.compileNode(id, { relationOf, isIncremental });
}

/** The node with its branches, where `is_incremental()` makes a difference. */
export function withBranches(node: GraphNode, compile: ReturnType<typeof publicCompiler>): GraphNode {
  if (node.config.materialized !== 'incremental') return node;
  const [full, incremental] = [false, true].map((isIncremental) => compile(node.unique_id, isIncremental));
  if (full?.kind !== 'compiled' || incremental?.kind !== 'compiled' || full.sql === incremental.sql) return node;
  const branches = { full: full.sql, incremental: incremental.sql };
  return { ...node, meta: { ...node.meta, dql: { branches } } };
}

/** What `withBranches` left in an earlier manifest. */
export function branchesOf(node: GraphNode): Branches | undefined {
  const { dql } = node.meta;
  const branches = isRecord(dql) ? dql['branches'] : undefined;
  if (!isRecord(branches)) return undefined;
  const { full, incremental } = branches;
  return typeof full === 'string' && typeof incremental === 'string' ? { full, incremental } : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

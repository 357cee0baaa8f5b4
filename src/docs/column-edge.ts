import type { NodeId } from '../core/node-id.ts';

/** One column's value flows into another's. */
export interface ColumnEdge {
  readonly from: { readonly node: NodeId; readonly column: string };
  readonly to: { readonly node: NodeId; readonly column: string };
  /** `copy`: the value as it is (only copies are sure to carry personal data on); anything else: it went through an expression. */
  readonly kind?: string;
}

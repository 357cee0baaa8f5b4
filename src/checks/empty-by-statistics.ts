/** Whether the engine knows from statistics alone that a query has no rows: it then plans to read nothing. */
import { z } from 'zod';

interface Operator {
  readonly name: string;
  readonly children: readonly Operator[];
  readonly extra_info: { readonly 'Join Type'?: string | undefined };
}
const operator: z.ZodType<Operator> = z.lazy(() =>
  z.object({
    name: z.string(),
    children: z.array(operator).default([]),
    extra_info: z.object({ 'Join Type': z.string().optional() }).default({}),
  }),
);

export const explaining = (query: string): string => `explain (format json) ${query}`;

/** Reads the physical plan that `explaining` answers in its second column. Anything unknown is taken to have rows. */
export function isEmptyPlan(text: string): boolean {
  const plan = z.array(operator).safeParse(JSON.parse(text));
  return plan.success && plan.data.length > 0 && plan.data.every(hasNoRows);
}

function hasNoRows({ name, children, extra_info }: Operator): boolean {
  switch (name.trim()) {
    case 'EMPTY_RESULT':
      return true;
    case 'PROJECTION':
    case 'FILTER':
      return children.length === 1 && children.every(hasNoRows);
    case 'UNION':
      return children.length > 0 && children.every(hasNoRows);
    default:
      return children.length === 2 && withoutRows(extra_info['Join Type'] ?? '', children);
  }
}

/** A join has no rows when a side is empty of which every row of the result has one. */
function withoutRows(type: string, [left, right]: readonly Operator[]): boolean {
  if (!left || !right) return false;
  switch (type) {
    case 'INNER':
      return hasNoRows(left) || hasNoRows(right);
    case 'LEFT':
    case 'SEMI':
    case 'ANTI':
      return hasNoRows(left);
    case 'RIGHT':
      return hasNoRows(right);
    default:
      return false;
  }
}

/** How nodes end, dbt's words and `reused`; `error` and `skipped` are also said of what is tested. */
export const NODE_STATUSES = [
  'success',
  'error',
  'skipped',
  'reused',
  'partial success',
  'no-op', // what is built
  'pass',
  'fail',
  'warn',
  'runtime error', // what is tested
] as const;

export type NodeStatus = (typeof NODE_STATUSES)[number];

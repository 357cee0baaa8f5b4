/** A small shop that the room's tests select from. */
import type { Json } from '../core/node-id.ts';
import { graphOfNodes, type SelectableGraph, type SelectableNode } from './graph.ts';
import { type SelectContext, type SelectionRequest, selectNodes } from './select.ts';

type Some = Partial<SelectableNode> & {
  readonly config?: Readonly<Record<string, Json>>;
};

const node = (
  type: string,
  name: string,
  file: string,
  dependsOn: readonly string[],
  more: Some = {},
): SelectableNode => {
  const packageName = more.package_name ?? 'shop';
  const folders = file.split('/').slice(1, -1);
  return {
    unique_id: `${type}.${packageName}.${name}`,
    resource_type: type,
    name,
    package_name: packageName,
    fqn: [packageName, ...folders, name],
    tags: [],
    original_file_path: file,
    depends_on: { nodes: dependsOn, macros: [] },
    ...more,
    config: {
      enabled: true,
      materialized: type === 'model' ? 'view' : type,
      ...more.config,
    },
  };
};

const source = (table: string): SelectableNode => ({
  ...node('source', table, 'models/staging/_sources.yml', []),
  unique_id: `source.shop.raw.${table}`,
  fqn: ['shop', 'staging', 'raw', table],
  source_name: 'raw',
});

const revenue = (version: number, dependsOn: readonly string[]): SelectableNode => ({
  ...node('model', 'revenue', `models/marts/revenue_v${version}.sql`, dependsOn, {
    version,
    latest_version: 2,
    access: 'protected',
  }),
  unique_id: `model.shop.revenue.v${version}`,
  fqn: ['shop', 'marts', 'revenue', `v${version}`],
});

const generic = (name: string, test: string, dependsOn: readonly string[], more: Some = {}): SelectableNode =>
  node('test', name, 'models/marts/_marts.yml', dependsOn, {
    ...more,
    test_metadata: { name: test },
  });

const STG_ORDERS = 'model.shop.stg_orders';
const STG_CUSTOMERS = 'model.shop.stg_customers';
const ORDERS = 'model.shop.orders';

export const SHOP_NODES: readonly SelectableNode[] = [
  source('orders'),
  source('customers'),
  node('seed', 'regions', 'seeds/regions.csv', []),
  node('model', 'stg_orders', 'models/staging/stg_orders.sql', ['source.shop.raw.orders'], {
    tags: ['nightly', 'team-data'],
    patch_path: 'shop://models/staging/_staging.yml',
    access: 'private',
    group: 'finance',
    config: { group: 'finance' },
  }),
  node(
    'model',
    'stg_customers',
    'models/staging/stg_customers.sql',
    ['source.shop.raw.customers', 'seed.shop.regions'],
    {
      access: 'protected',
    },
  ),
  node('model', 'orders', 'models/marts/orders.sql', [STG_ORDERS, STG_CUSTOMERS], {
    tags: ['nightly'],
    access: 'public',
    config: {
      materialized: 'table',
      meta: { owner: 'ada', tier: 1 },
      tags: ['nightly'],
      contract: { enforced: true },
    },
  }),
  revenue(1, [ORDERS]),
  revenue(2, [ORDERS]),
  revenue(3, [ORDERS]),
  node('model', 'daily.visits', 'models/marts/daily.visits.sql', [STG_CUSTOMERS]),
  node('model', 'blank', 'models/marts/blank.sql', [], { raw_code: ' \n' }),
  node('model', 'calendar', 'models/calendar.sql', [], {
    package_name: 'dates',
  }),
  node('snapshot', 'orders_history', 'snapshots/orders_history.sql', [ORDERS]),
  generic('not_null_stg_orders_id', 'not_null', [STG_ORDERS], {
    group: 'finance',
    config: { severity: 'WARN', materialized: 'test' },
  }),
  generic('relationships_orders_customers', 'relationships', [ORDERS, STG_CUSTOMERS]),
  generic('unique_regions_code', 'unique', ['seed.shop.regions']),
  node('test', 'no_negative_orders', 'tests/no_negative_orders.sql', [ORDERS]),
  node('unit_test', 'order_totals_add_up', 'models/marts/_marts.yml', [ORDERS]),
  node('exposure', 'weekly_report', 'models/marts/_marts.yml', [ORDERS, 'model.shop.revenue.v2'], {
    owner: { name: 'Ada Lovelace', email: 'ada@example.com' },
  }),
  node('metric', 'turnover', 'models/marts/_marts.yml', [ORDERS]),
  node('semantic_model', 'sales', 'models/marts/_marts.yml', [ORDERS]),
  node('saved_query', 'monthly_turnover', 'models/marts/_marts.yml', ['metric.shop.turnover']),
];

export const SHOP: SelectableGraph = {
  ...graphOfNodes('shop', SHOP_NODES),
  groups: {
    'group.shop.finance': {
      name: 'finance',
      owner: { name: 'Grace', email: 'grace@example.com' },
    },
  },
  disabled: new Map([['model.shop.old_orders', node('model', 'old_orders', 'models/old_orders.sql', [])]]),
};

export const request = (more: Partial<SelectionRequest>): SelectionRequest => ({
  select: [],
  exclude: [],
  indirectSelection: 'eager',
  includeEmpty: true,
  ...more,
});

/** The names of what is selected, in the graph's order: `source:raw.orders` and `revenue.v1` in full, others by name. */
export function selected(
  more: Partial<SelectionRequest>,
  context: SelectContext = {},
  graph = SHOP,
): readonly string[] {
  const { value, diagnostics } = selectNodes(graph, request(more), context);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return [...value.ids].map((id) => {
    const [type, , ...rest] = id.split('.');
    return type === 'source' ? `source:${rest.join('.')}` : rest.join('.');
  });
}

/** What `--select` picks when no test comes along. */
export const picks = (...select: readonly string[]): string =>
  selected({ select, indirectSelection: 'empty' }).join(' ');

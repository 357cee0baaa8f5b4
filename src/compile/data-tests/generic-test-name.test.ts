import { expect, test } from 'vitest';
import type { Json } from '../../core/node-id.ts';
import { genericTestHash, genericTestNames } from './generic-test-name.ts';

/** The unique id's last two parts of a test on a model, as dbt 1.11 wrote them. */
function named(testName: string, model: string, kwargs: Record<string, Json>, namespace: string | null = null): string {
  const { full } = genericTestNames(namespace === null ? testName : `${namespace}_${testName}`, model, kwargs);
  const withModel = {
    ...kwargs,
    model: `{{ get_where_subquery(ref('${model}')) }}`,
  };
  return `${full}.${genericTestHash(full, { name: testName, namespace, kwargs: withModel })}`;
}

test('a test without arguments is named after its model and column', () => {
  expect(named('not_null', 'customers', { column_name: 'customer_id' })).toBe(
    'not_null_customers_customer_id.5c9bf9911d',
  );
  expect(named('unique', 'orders', { column_name: 'order_id' })).toBe('unique_orders_order_id.fed79b3a6e');
});

test('arguments follow in the order of their names, joined by two underscores', () => {
  const kwargs = {
    values: ['placed', 'shipped', 'completed', 'return_pending', 'returned'],
    column_name: 'status',
  };
  expect(named('accepted_values', 'stg_orders', kwargs)).toBe(
    'accepted_values_stg_orders_status__placed__shipped__completed__return_pending__returned.080fb20aad',
  );
  expect(
    named('relationships', 'orders', {
      to: "ref('customers')",
      field: 'customer_id',
      column_name: 'customer_id',
    }),
  ).toBe('relationships_orders_customer_id__customer_id__ref_customers_.c6ec7f58f2');
});

test('numbers count as text and a source is named with its table', () => {
  expect(named('accepted_values', 'd', { values: [1], column_name: 'id' })).toBe('accepted_values_d_id__1.7a7014b2ac');
  const { full } = genericTestNames('source_not_null', 'raw_events', {
    column_name: 'id',
  });
  const kwargs = {
    column_name: 'id',
    model: "{{ get_where_subquery(source('raw', 'events')) }}",
  };
  expect(`${full}.${genericTestHash(full, { name: 'not_null', namespace: null, kwargs })}`).toBe(
    'source_not_null_raw_events_id.e0dfd1a6a7',
  );
});

test('a name of 64 characters or more is cut and ends in the md5 of the whole', () => {
  const { short, full } = genericTestNames('accepted_values', 'stg_orders', {
    column_name: 'status',
    values: ['placed', 'shipped', 'completed', 'return_pending', 'returned'],
  });
  expect(full.length).toBeGreaterThan(63);
  expect(short).toBe('accepted_values_stg_orders_4f514bf94b77b7ea437830eec4421c58');
});

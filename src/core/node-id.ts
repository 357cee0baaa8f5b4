/** dbt's unique id: `model.shop.orders`, `test.shop.not_null_orders_id.5c9bf9911d`, `source.shop.raw.events`. */
export type NodeId = string;

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Python values as this room represents them. */
export type Value = unknown;

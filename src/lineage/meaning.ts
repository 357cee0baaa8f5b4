/** What an expression is made of: the columns its value comes from, those that only influence it, and a text for its sense. */
import { hash } from 'node:crypto';
import { type RelationName, relationKey } from './literal-tables.ts';

/** How a value got from a source column to here: the strongest step on the way. */
export type Step = 'same' | 'derived' | 'aggregated';
const STRENGTH: Readonly<Record<Step, number>> = { same: 0, derived: 1, aggregated: 2 };
export const stronger = (left: Step, right: Step): Step => (STRENGTH[left] >= STRENGTH[right] ? left : right);

/** What an indirect use is for. `distinct`: which rows are the same; `filter` includes HAVING, QUALIFY, EXISTS and FILTER. */
export type IndirectKind = 'filter' | 'join' | 'group' | 'order' | 'window' | 'distinct';

export interface ColumnName {
  readonly relation: RelationName;
  readonly column: string;
}

export interface Value extends ColumnName {
  readonly step: Step;
}

/** A column that influences without lending its value. */
export interface IndirectUse extends ColumnName {
  readonly use: IndirectKind;
}

export type Values = ReadonlyMap<string, Value>;
export type Uses = ReadonlyMap<string, IndirectUse>;

export interface Meaning {
  readonly values: Values;
  readonly indirect: Uses;
  /** Equal texts mean the same; built from the canonical text with every name resolved. */
  readonly text: string;
}

export const NOTHING: Meaning = { values: new Map(), indirect: new Map(), text: '' };

const columnKey = (name: ColumnName): string => `${relationKey(name.relation)} ${name.column.toLowerCase()}`;

/** A growing meaning. */
export interface Gathering {
  readonly values: Map<string, Value>;
  readonly indirect: Map<string, IndirectUse>;
}
export const gathering = (): Gathering => ({ values: new Map(), indirect: new Map() });

export const addValue = (into: Gathering, value: Value): void => addValueOf(columnKey(value), into, value);

function addValueOf(key: string, into: Gathering, value: Value): void {
  const known = into.values.get(key);
  const step = known === undefined ? value.step : stronger(known.step, value.step);
  if (known?.step !== step) into.values.set(key, value.step === step ? value : { ...value, step });
}

export function addUse(into: Map<string, IndirectUse>, use: IndirectUse): void {
  into.set(`${use.use} ${columnKey(use)}`, use);
}

/** The values of `meaning` reach `into` through a step of at least this strength. */
export function addMeaning(into: Gathering, meaning: Pick<Meaning, 'values' | 'indirect'>, step: Step): void {
  for (const [key, value] of meaning.values) addValueOf(key, into, { ...value, step: stronger(value.step, step) });
  for (const [key, use] of meaning.indirect) into.indirect.set(key, use);
}

/** The values of `meaning` only influence: they become uses of a kind, its own indirect uses stay as they are. */
export function addAsUses(
  into: Map<string, IndirectUse>,
  meaning: Pick<Meaning, 'values' | 'indirect'>,
  use: IndirectKind,
): void {
  for (const { relation, column } of meaning.values.values()) addUse(into, { relation, column, use });
  for (const [key, known] of meaning.indirect) into.set(key, known);
}

/** The column of a base relation itself. */
export function ownMeaning(relation: RelationName, column: string, instance: string): Meaning {
  const value: Value = { relation, column, step: 'same' };
  const values = new Map([[columnKey(value), value]]);
  return { values, indirect: NOTHING.indirect, text: `${instance}.${column.toLowerCase()}` };
}

/** Which rows there are: the columns that decide it, and a text for each way of deciding. */
export interface Rowset {
  readonly uses: Uses;
  readonly parts: RowsetParts;
}
export interface RowsetParts {
  readonly tables: readonly string[];
  readonly joins: readonly string[];
  readonly filters: readonly string[];
  readonly grouping: readonly string[];
  readonly order: readonly string[];
}
export const NO_PARTS: RowsetParts = { tables: [], joins: [], filters: [], grouping: [], order: [] };

export interface GrowingRowset {
  readonly uses: Map<string, IndirectUse>;
  readonly parts: { readonly [key in keyof RowsetParts]: string[] };
}
export const growingRowset = (): GrowingRowset => ({
  uses: new Map(),
  parts: { tables: [], joins: [], filters: [], grouping: [], order: [] },
});

export function addRowset(into: GrowingRowset, rowset: Rowset): void {
  for (const [key, use] of rowset.uses) into.uses.set(key, use);
  into.parts.tables.push(...rowset.parts.tables);
  into.parts.joins.push(...rowset.parts.joins);
  into.parts.filters.push(...rowset.parts.filters);
  into.parts.grouping.push(...rowset.parts.grouping);
  into.parts.order.push(...rowset.parts.order);
}

/** sha-256, 24 hex digits: short enough to read, long enough never to meet by chance. */
export const digest = (text: string): string => hash('sha256', text).slice(0, 24);

export const rowsetText = (rowset: Rowset): string => digest(JSON.stringify(rowset.parts));

/**
 * Every test of the catalogue that judges rows, written down a second time and as naively as possible: in TypeScript, over an array of rows.
 * The property test compares what DuckDB answers in each plan with this.
 */
import type { Specification } from './reference-check.ts';
import { relationSpecifications } from './reference-of-relations.ts';
import { valueSpecifications } from './reference-of-values.ts';

export const specifications: readonly Specification[] = [...valueSpecifications, ...relationSpecifications];

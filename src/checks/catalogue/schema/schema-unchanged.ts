import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { canonicalType } from './types.ts';

const reaction = z.enum(['ignore', 'warn', 'error']);

export const schemaUnchanged = defineCheck({
  name: 'schema_unchanged',
  description: 'The columns are those of the last published version, or of a baseline.',
  dimension: 'schema',
  column: 'never',
  onEmpty: 'vacuous',
  needsColumns: true,
  past: 'columns',
  arguments: z.strictObject({
    added: reaction.default('warn').describe('a column is new'),
    removed: reaction.default('error').describe('a column is gone'),
    type_changed: reaction.default('error').describe('a column has another type'),
    reordered: reaction.default('ignore').describe('the columns that stayed are in another order'),
    baseline: z
      .array(z.strictObject({ name: z.string(), type: z.string() }))
      .optional()
      .describe('compare with these columns instead of the last version'),
  }),
  // It is compared with the version before, which stays the one before.
  passesUntil: () => Number.POSITIVE_INFINITY,
  ask: (given, { columns: actual = [], history }) => {
    const before = given.baseline ?? history.previousColumns;
    const columns = ['column_name', 'change', 'before', 'now'];
    if (before === undefined)
      return {
        kind: 'answered',
        columns,
        findings: [],
        considered: 0,
        learning: 'Learning: no earlier version yet',
      };
    const key = (name: string) => name.toLowerCase();
    const earlier = new Map(before.map((column) => [key(column.name), column]));
    const present = new Map(actual.map((column) => [key(column.name), column]));
    const changes: {
      kind: 'added' | 'removed' | 'type_changed' | 'reordered';
      row: (string | null)[];
    }[] = [];
    for (const { name, type } of actual) {
      const old = earlier.get(key(name));
      if (!old) changes.push({ kind: 'added', row: [name, 'added', null, type] });
      else if (canonicalType(old.type) !== canonicalType(type))
        changes.push({
          kind: 'type_changed',
          row: [name, 'type changed', old.type, type],
        });
    }
    for (const { name, type } of before)
      if (!present.has(key(name))) changes.push({ kind: 'removed', row: [name, 'removed', type, null] });
    const stayedBefore = before.map(({ name }) => key(name)).filter((name) => present.has(name));
    const stayedNow = actual.map(({ name }) => key(name)).filter((name) => earlier.has(name));
    stayedNow.forEach((name, index) => {
      if (stayedBefore[index] !== name)
        changes.push({
          kind: 'reordered',
          row: [name, 'reordered', String(stayedBefore.indexOf(name) + 1), String(index + 1)],
        });
    });
    const serious = changes.filter(({ kind }) => given[kind] !== 'ignore');
    const isError = serious.some(({ kind }) => given[kind] === 'error');
    const level = isError ? 2 : serious.length > 0 ? 1 : 0;
    return {
      kind: 'answered',
      columns,
      findings: serious.map(({ row }) => row),
      considered: actual.length,
      level,
    };
  },
});

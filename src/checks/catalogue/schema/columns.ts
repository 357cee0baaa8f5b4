import * as z from 'zod';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { isOfType } from './types.ts';

const names = z.array(z.string().min(1)).min(1).optional();
type Finding = readonly [string | null, string, string | null];

export const columns = defineCheck({
  name: 'columns',
  description: 'The relation has the columns it should have, and no others where that is asked. Case does not matter.',
  dimension: 'schema',
  column: 'never',
  onEmpty: 'vacuous',
  needsColumns: true,
  arguments: z.strictObject({
    contain: names.describe('these columns exist'),
    set: names.describe('exactly these columns exist'),
    ordered: names.describe('exactly these columns exist, in this order'),
    forbidden: names.describe('none of these exists; `pii_*` with wildcards'),
    types: z.record(z.string(), z.string()).optional().describe('column → type or family'),
    index: z.record(z.string(), z.number().int().positive()).optional().describe('column → position, from 1'),
    min_count: z.number().int().nonnegative().optional().describe('least number of columns'),
    max_count: z.number().int().nonnegative().optional().describe('greatest number of columns'),
  }),
  ask: (given, subject) => {
    if (Object.values(given).every((value) => value === undefined))
      throw new WrongArgument('it says nothing about the columns');
    const actual = subject.columns ?? [];
    const place = new Map(actual.map(({ name }, index) => [name.toLowerCase(), index]));
    const found = `[${actual.map(({ name }) => name).join(', ')}]`;
    const has = (name: string) => place.has(name.toLowerCase());
    const findings: Finding[] = [];
    const exact = given.ordered ?? given.set;
    for (const name of new Set([...(given.contain ?? []), ...(given.set ?? []), ...(given.ordered ?? [])]))
      if (!has(name)) findings.push([name, 'Missing required column', found]);
    if (exact) {
      const wanted = new Set(exact.map((name) => name.toLowerCase()));
      for (const { name } of actual)
        if (!wanted.has(name.toLowerCase())) findings.push([name, 'Unexpected column', found]);
    }
    given.ordered?.forEach((name, index) => {
      const at = place.get(name.toLowerCase());
      if (at !== undefined && at !== index)
        findings.push([name, `Column is in place ${at + 1} instead of ${index + 1}`, found]);
    });
    for (const pattern of given.forbidden ?? []) {
      const matches = wildcard(pattern);
      for (const { name } of actual)
        if (matches.test(name)) findings.push([name, `Forbidden column (${pattern})`, found]);
    }
    for (const [name, type] of Object.entries(given.types ?? {})) {
      const column = actual[place.get(name.toLowerCase()) ?? -1];
      if (!column) findings.push([name, 'Missing required column', found]);
      else if (!isOfType(column.type, type))
        findings.push([name, `Column is ${column.type} instead of ${type}`, column.type]);
    }
    for (const [name, position] of Object.entries(given.index ?? {})) {
      const at = place.get(name.toLowerCase());
      if (at === undefined) findings.push([name, 'Missing required column', found]);
      else if (at + 1 !== position) findings.push([name, `Column is in place ${at + 1} instead of ${position}`, found]);
    }
    if (given.min_count !== undefined && actual.length < given.min_count)
      findings.push([null, `Only ${actual.length} columns instead of at least ${given.min_count}`, found]);
    if (given.max_count !== undefined && actual.length > given.max_count)
      findings.push([null, `${actual.length} columns instead of at most ${given.max_count}`, found]);
    return {
      kind: 'answered',
      columns: ['column_name', 'problem', 'found'],
      findings,
      considered: actual.length,
    };
  },
});

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );

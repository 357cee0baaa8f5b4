/** How a data test is written down: a name, its arguments as zod, and the question it asks. */

import type { ZodType, z } from 'zod';
import type { Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Span } from '../core/source.ts';
import type { Column } from '../engine/engine.ts';
import type { CheckHistory } from './history.ts';
import { plainWords } from './plain-words.ts';
import type { Question } from './question.ts';

/** What a check looks after; `dql coverage` asks for the first six of every exposed model. */
export type Dimension =
  | 'schema'
  | 'null'
  | 'uniqueness'
  | 'range'
  | 'freshness'
  | 'volume'
  | 'validity'
  | 'consistency'
  | 'behaviour';

/** What a check says about a relation in which it considered nothing. `vacuous` and `learning` pass and say so. */
export type OnEmpty = 'pass' | 'warn' | 'fail' | 'vacuous' | 'learning';

/** Options of every test that only some tests can honour; asking the others for them is an error. */
export type SpecialOption = 'on_null' | 'tolerance';

export interface Tolerance {
  readonly by: 'amount' | 'percent';
  readonly amount: number;
}

/** What a check sees of the relation under test. */
export interface Subject {
  /** The tested column as SQL: a quoted identifier, or the user's expression in parentheses. */
  readonly column: string;
  /** The tested column's plain name; undefined for an expression or a test of the whole relation. */
  readonly columnName: string | undefined;
  /** Its type in the engine's spelling, when the schema is known. */
  readonly type: string | undefined;
  /** The relation's columns, when known. */
  readonly columns: readonly Column[] | undefined;
  /** What the user wrote; each check knows what the absence means. */
  readonly onNull: 'ignore' | 'fail' | undefined;
  readonly tolerance: Tolerance | undefined;
  /** `group_by` as SQL. */
  readonly groupBy: readonly string[];
  readonly history: CheckHistory;
  /** The command's time, ISO 8601 UTC: for choosing among the history; SQL binds `$now` instead. */
  readonly now: string;
  /** A column named in an argument, as SQL. */
  readonly sql: (columnOrExpression: string) => string;
}

/** A sentence about wrong arguments, thrown while a question is put together and turned into a diagnostic by `ask`. */
export class WrongArgument extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'WrongArgument';
    this.hint = hint;
  }
}

export interface CheckDefinition<Arguments extends ZodType> {
  readonly name: string;
  /** One sentence: what it means when the test passes. */
  readonly description: string;
  readonly dimension: Dimension;
  /** `required`: tests a column; `optional`: a column or the relation; `never`: the relation. */
  readonly column: 'required' | 'optional' | 'never';
  readonly arguments: Arguments;
  readonly onEmpty: OnEmpty;
  readonly takes?: readonly SpecialOption[];
  /** True when the question needs the relation's columns. */
  readonly needsColumns?: boolean;
  /** What of the ledger it judges by. A test of `runs` says nothing about rows, so its failure holds none back. */
  readonly past?: 'figures' | 'columns' | 'runs';
  /**
   * Of a test that looks at the clock or at the ledger: until when, in epoch milliseconds, it passes over the same rows once it has passed,
   * given the figure it found and the time; a time that is not later than that makes it be asked every time. Absent: the rows decide alone.
   */
  readonly passesUntil?: (given: z.output<Arguments>, figure: Json, now: number) => number;
  readonly ask: (given: z.output<Arguments>, subject: Subject) => Question;
}

/** `passesUntil` of tests that are asked every time. */
export const askedEveryTime = (_given: unknown, _figure: Json, now: number): number => now;

export interface Check extends Omit<CheckDefinition<ZodType>, 'ask' | 'passesUntil'> {
  /** See `CheckDefinition`, for arguments as they were written. */
  readonly passesUntil: ((given: Readonly<Record<string, Json>>, figure: Json, now: number) => number) | undefined;
  /** Asks of any column, or of any relation: what is wrong with the arguments as such. Without columns some put no question. */
  readonly askOfAny: (given: Readonly<Record<string, Json>>, about: 'column' | 'relation') => Asked;
  /** Checks the arguments and puts the question. The question is undefined when the diagnostics hold an error. */
  readonly ask: (given: Readonly<Record<string, Json>>, subject: Subject, at: Span | undefined) => Asked;
}

interface Asked {
  readonly question: Question | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function defineCheck<Arguments extends ZodType>(definition: CheckDefinition<Arguments>): Check {
  const { passesUntil } = definition;
  return {
    ...definition,
    passesUntil:
      passesUntil &&
      ((given, figure, now) => {
        const { data } = definition.arguments.safeParse(given);
        return data === undefined ? now : passesUntil(data, figure, now);
      }),
    askOfAny(given, about) {
      const column = about === 'column' ? '"id"' : '';
      const misplaced = about === 'column' ? definition.column === 'never' : definition.column === 'required';
      if (misplaced || !definition.needsColumns) return this.ask(given, { ...SOMETHING, column }, undefined);
      const { error } = definition.arguments.safeParse(given, REPORTED);
      return {
        question: undefined,
        diagnostics: error?.issues.map((issue) => argumentDiagnostic(definition, issue, undefined)) ?? [],
      };
    },
    ask(given, subject, at) {
      const complaint = (message: string, hint?: string) => ({
        question: undefined,
        diagnostics: [
          {
            code: 'checks/wrong-argument',
            severity: 'error' as const,
            message,
            at,
            hint,
          },
        ],
      });
      if (definition.column === 'required' && subject.column === '')
        return complaint(
          `test \`${definition.name}\` needs a column`,
          'write it under a column, or give it `column_name`',
        );
      if (definition.column === 'never' && subject.column !== '')
        return complaint(
          `test \`${definition.name}\` is about the whole relation, not about a column`,
          'write it under the `data_tests:` of the model',
        );
      const parsed = definition.arguments.safeParse(given, REPORTED);
      if (!parsed.success)
        return {
          question: undefined,
          diagnostics: parsed.error.issues.map((issue) => argumentDiagnostic(definition, issue, at)),
        };
      try {
        return {
          question: definition.ask(parsed.data, subject),
          diagnostics: [],
        };
      } catch (error) {
        if (error instanceof WrongArgument)
          return complaint(`test \`${definition.name}\`: ${error.message}`, error.hint);
        throw error;
      }
    },
  };
}

/** Stands in for a relation while only the arguments are judged. */
const SOMETHING: Subject = {
  column: '',
  columnName: 'id',
  type: undefined,
  columns: [],
  onNull: undefined,
  tolerance: undefined,
  groupBy: [],
  history: {},
  now: '1970-01-01T00:00:00Z',
  sql: quotedIdentifier,
};

type Issue = z.core.$ZodIssue;

/** Without it a missing argument looks like one of another type. */
const REPORTED = { reportInput: true } as const;

function argumentDiagnostic(
  { name, arguments: schema }: CheckDefinition<ZodType>,
  issue: Issue,
  at: Span | undefined,
): Diagnostic {
  const common = {
    code: 'checks/wrong-argument',
    severity: 'error',
    at,
  } as const;
  if (issue.code === 'unrecognized_keys') {
    const known = argumentNames(schema);
    return {
      ...common,
      message: `test \`${name}\` has no argument \`${issue.keys.join('`, `')}\``,
      hint: didYouMean(issue.keys[0] ?? '', known) ?? (known.length ? `it takes ${known.join(', ')}` : 'it takes none'),
    };
  }
  const where = issue.path.length ? `argument \`${issue.path.join('.')}\` ` : '';
  return {
    ...common,
    message: `test \`${name}\`: ${where}${plainWords(issue)}`,
  };
}

/** The argument names of a check, in the order they are documented. */
export function argumentNames(schema: ZodType): readonly string[] {
  return 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null
    ? Object.keys(schema.shape)
    : [];
}

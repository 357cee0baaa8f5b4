/** What zod says of an argument or option, in a user's words. */
import type { z } from 'zod';
import { TYPE_NOUNS } from '../core/type-nouns.ts';

type Issue = z.core.$ZodIssue;

/** Of an argument that may be several things, the complaint of the thing it most resembles says more than "invalid". */
export function plainWords(issue: Issue): string {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat();
    const closest = inner.find(({ code }) => code !== 'invalid_type') ?? inner[0];
    if (closest !== undefined) return plainWords(closest);
  }
  if (issue.code === 'invalid_type')
    return `must be ${TYPE_NOUNS[issue.expected] ?? issue.expected}, not ${JSON.stringify(issue.input)}`;
  if (issue.code === 'invalid_value')
    return `must be ${oneOf(issue.values.map((value) => `\`${String(value)}\``))}, not ${JSON.stringify(issue.input)}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}, not ${JSON.stringify(issue.input)}`;
  if (issue.code === 'too_small') return tooSmall(issue);
  // A definition's own words.
  if (issue.code === 'custom') return issue.message;
  return `is wrong: ${issue.message.replace(/^Invalid (input|option): /, '')}`;
}

const oneOf = (values: readonly string[]): string =>
  values.length > 2 ? `one of ${values.join(', ')}` : values.join(' or ');

function tooSmall({ origin, minimum, inclusive, input }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'array' || origin === 'string')
    return minimum === 1 ? 'must not be empty' : `needs ${minimum} or more`;
  return `must be ${inclusive === false ? 'more than' : 'at least'} ${minimum}, not ${JSON.stringify(input)}`;
}

import type { Value } from '../contract.ts';
import { integerArgument } from '../values/arithmetic.ts';
import { Markup } from '../values/containers.ts';
import { valueError } from '../values/template-error.ts';
import { truthOf } from '../values/truth.ts';

const WORDS =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua'.split(
    ' ',
  );

/** Filler text. Jinja2's is random; here the same arguments always give the same text, because renders have to repeat. */
export function loremIpsum(count: Value = 5, html: Value = true, least: Value = 20, most: Value = 100): Value {
  const paragraphs = integerArgument(count, 'The number of paragraphs');
  const words = integerArgument(least, 'The least number of words');
  const upTo = integerArgument(most, 'The greatest number of words');
  if (paragraphs > 1000 || upTo > 10_000) throw valueError('This is too much filler text.');
  if (words >= upTo) throw valueError('`min` has to be less than `max`.');
  const texts = Array.from({ length: Math.max(0, paragraphs) }, (_, index) =>
    paragraph(words + ((index * 7) % Math.max(1, upTo - words)), index),
  );
  return truthOf(html) ? new Markup(texts.map((text) => `<p>${text}</p>`).join('\n')) : texts.join('\n\n');
}

function paragraph(length: number, offset: number): string {
  const words = Array.from({ length }, (_, index) => WORDS[(index + offset) % WORDS.length] ?? 'lorem');
  const text = words.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

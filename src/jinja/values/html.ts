import type { Value } from '../values.ts';
import { Markup } from './containers.ts';
import { textOf } from './text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

/** Text safe inside HTML; `Markup` is already. */
export function escapeHtml(value: Value): string {
  if (value instanceof Markup) return value.value;
  return textOf(value).replace(/[&<>'"]/g, (character) => ENTITIES[character] ?? character);
}

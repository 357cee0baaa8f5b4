import type { Checked } from '../../core/diagnostic.ts';
import type { SourceFile } from '../../core/source.ts';
import { dehydrate, hydrate, parseTemplate, type Template, type TemplateOptions } from '../../jinja/jinja.ts';
import type { TemplateCache } from '../options.ts';
import { sha256 } from './parse-sql.ts';

/** Parses a text, or takes what an earlier command made of the same text. What is not in order is parsed again, and said again. */
export function keptTemplate(
  file: SourceFile,
  options: TemplateOptions,
  cache: TemplateCache | undefined,
): Checked<Template | undefined> {
  if (cache === undefined) return parseTemplate(file, options);
  const key = sha256(`${JSON.stringify(options)}\0${file.text}`);
  const kept = cache.get(key);
  const hydrated = kept === undefined ? undefined : hydrate(kept, file);
  if (hydrated !== undefined) return { value: hydrated, diagnostics: [] };
  const parsed = parseTemplate(file, options);
  if (parsed.value !== undefined && parsed.diagnostics.length === 0) cache.set(key, dehydrate(parsed.value));
  return parsed;
}

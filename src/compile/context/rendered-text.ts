import type { SourceFile } from '../../core/source.ts';
import { type Outcome, parseTemplate, render, suspend, TemplateError } from '../../jinja/jinja.ts';
import type { Rendering } from './rendering.ts';

/** A text rendered inside of another render, with its names. Throws what goes wrong into that render. */
export function renderedText(rendering: Rendering, file: SourceFile): string {
  const { value: template, diagnostics } = parseTemplate(file, {});
  if (template === undefined)
    throw new TemplateError(diagnostics[0]?.message ?? 'the text is no template', { code: 'compile/render' });
  return outcomeOf(render(template, rendering.scope()));
}

/** What came of something inside of a render, which stops where that stopped. */
export function outcomeOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'needs') return suspend(outcome.request);
  if (outcome.kind === 'failed')
    throw new TemplateError(outcome.diagnostic.message, {
      code: outcome.diagnostic.code,
      hint: outcome.diagnostic.hint,
    });
  return outcome.value;
}

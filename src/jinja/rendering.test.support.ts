import type { Outcome, Scope, TemplateOptions, Value } from './contract.ts';
import { parseTemplate } from './parse.ts';
import { render } from './render.ts';

/** For this room's tests: a scope of values. */
export const scopeOf = (values: Readonly<Record<string, Value>>): Scope => ({
  lookup: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
  names: () => Object.keys(values),
});

/** For this room's tests: text parsed and rendered in one go; it must parse. */
export function rendering(
  text: string,
  values: Readonly<Record<string, Value>> = {},
  options?: TemplateOptions,
): Outcome<string> {
  const { value, diagnostics } = parseTemplate({ path: 'models/orders.sql', text }, options);
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return render(value, scopeOf(values));
}

/** For this room's tests: what a rendering complains about, and the text it points at. */
export function complaint(text: string, values: Readonly<Record<string, Value>> = {}, options?: TemplateOptions) {
  const { value, diagnostics } = parseTemplate({ path: 'models/orders.sql', text }, options);
  const outcome = value === undefined ? undefined : render(value, scopeOf(values));
  const [diagnostic] = outcome?.kind === 'failed' ? [outcome.diagnostic] : diagnostics;
  if (diagnostic === undefined) return undefined;
  const { code, message, at, hint } = diagnostic;
  return { code, message, at: at && text.slice(at.start, at.end), hint };
}

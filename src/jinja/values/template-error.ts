/**
 * Thrown by host functions (and by this room's own) when a template asks for something impossible. `render` turns it into a
 * diagnostic that points at the expression and names the macros on the way.
 */
export class TemplateError extends Error {
  /** `room/kebab-words`; default `jinja/failed`. */
  readonly code: string | undefined;
  readonly hint: string | undefined;

  constructor(
    message: string,
    more: {
      readonly code?: string | undefined;
      readonly hint?: string | undefined;
    } = {},
  ) {
    super(message);
    this.name = 'TemplateError';
    this.code = more.code;
    this.hint = more.hint;
  }
}

/** Python's TypeError, in a sentence. */
export const typeError = (message: string, hint?: string) =>
  new TemplateError(message, { code: 'jinja/wrong-type', hint });

/** Python's ValueError, in a sentence. */
export const valueError = (message: string, hint?: string) =>
  new TemplateError(message, { code: 'jinja/wrong-value', hint });

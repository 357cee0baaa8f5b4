/** A syntax error on its way to becoming a diagnostic; never leaves `parseTemplate`. Offsets are into the template's text. */
export class SyntaxFailure extends Error {
  readonly code: string;
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;
  readonly label: string | undefined;
  /** The innermost block that was open. */
  readonly opened: { readonly tag: string; readonly start: number } | undefined;

  constructor(
    code: string,
    message: string,
    start: number,
    end: number,
    more: {
      readonly hint?: string | undefined;
      readonly label?: string | undefined;
      readonly opened?: { readonly tag: string; readonly start: number } | undefined;
    } = {},
  ) {
    super(message);
    this.name = 'SyntaxFailure';
    this.code = code;
    this.start = start;
    this.end = end;
    this.hint = more.hint;
    this.label = more.label;
    this.opened = more.opened;
  }
}

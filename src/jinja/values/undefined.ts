import { didYouMean } from '../../core/nearest.ts';
import { PythonObject } from './python-object.ts';
import { TemplateError } from './template-error.ts';

/**
 * What a name or attribute is that nobody defined.
 * `lenient` is Jinja2's default (prints nothing), `chainable` and `debug` its classes of that name. `strict` is dql's: an undefined
 * name may only be tested or defaulted; a missing attribute is also false and empty, but never prints.
 */
export type UndefinedMode = 'strict' | 'lenient' | 'chainable' | 'debug';

type Missing =
  | {
      readonly kind: 'name';
      readonly name: string;
      readonly known: () => Iterable<string>;
    }
  | {
      readonly kind: 'attribute';
      readonly of: string;
      readonly name: string;
      readonly known: () => Iterable<string>;
    }
  | { readonly kind: 'because'; readonly message: string };

export class Undefined extends PythonObject {
  readonly typeName = 'Undefined';
  readonly mode: UndefinedMode;
  private readonly missing: Missing;
  constructor(mode: UndefinedMode, missing: Missing) {
    super();
    this.mode = mode;
    this.missing = missing;
  }

  /** Nothing at all can be done with it but testing it. */
  private get forbidden(): boolean {
    return this.mode === 'strict' && this.missing.kind === 'name';
  }

  override attribute(name: string): unknown {
    if (name === '_undefined_name' && this.missing.kind !== 'because') return this.missing.name;
    return undefined;
  }
  error(): TemplateError {
    const { missing } = this;
    if (missing.kind === 'because') return new TemplateError(missing.message, { code: 'jinja/undefined' });
    const hint = didYouMean(missing.name, missing.known());
    if (missing.kind === 'name')
      return new TemplateError(`\`${missing.name}\` is not defined.`, {
        code: 'jinja/undefined-name',
        hint,
      });
    return new TemplateError(`${missing.of} has no \`${missing.name}\`.`, {
      code: 'jinja/undefined-attribute',
      hint,
    });
  }
  check(): void {
    if (this.forbidden) throw this.error();
  }
  override text(): string {
    if (this.mode === 'strict') throw this.error();
    return this.mode === 'debug' ? this.debugText() : '';
  }
  private debugText(): string {
    const { missing } = this;
    if (missing.kind === 'name') return `{{ ${missing.name} }}`;
    if (missing.kind === 'because') return `{{ undefined value printed: ${missing.message} }}`;
    return `{{ no such element: ${missing.of}['${missing.name}'] }}`;
  }
  override represent(): string {
    this.check();
    return 'Undefined';
  }
  override truth(): boolean {
    this.check();
    return false;
  }
  override length(): number {
    this.check();
    return 0;
  }
  override iterate(): [] {
    this.check();
    return [];
  }
  override equals(other: unknown): boolean {
    this.check();
    return other instanceof Undefined;
  }
  override contains(): boolean {
    this.check();
    return false;
  }
  override hash(): unknown {
    this.check();
    return '\0undefined';
  }
}

export const isUndefined = (value: unknown): boolean => value instanceof Undefined;

/** The undefined that stands for "there is no such thing", e.g. the first item of an empty list. */
export const undefinedBecause = (mode: UndefinedMode, message: string) =>
  new Undefined(mode, { kind: 'because', message });

/** How an engine's error should be treated. `transient` ones (locks, I/O, HTTP) are retried when `retries` is set. */
export type EngineErrorKind =
  | 'parser'
  | 'binder'
  | 'catalog'
  | 'constraint'
  | 'conversion'
  | 'transient'
  | 'locked'
  | 'interrupted'
  | 'full'
  | 'other';

/** A statement the engine refused. */
export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  /** UTF-16 offset into the statement that was sent, when the engine names a place. */
  readonly offset: number | undefined;
  /** The engine's suggestions for a name it did not find. */
  readonly candidates: readonly string[];
  /** The statement that was sent, where `offset` is in it. */
  readonly statement: string | undefined;
  constructor(
    message: string,
    kind: EngineErrorKind,
    offset?: number,
    candidates: readonly string[] = [],
    statement?: string,
  ) {
    super(message);
    this.name = 'EngineError';
    this.kind = kind;
    this.offset = offset;
    this.candidates = candidates;
    this.statement = statement;
  }
}

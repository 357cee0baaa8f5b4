/** How an engine's error should be treated. `transient` (I/O, HTTP, conflicts) and `locked` ones are retried when `retries` is set. */
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

/** Kinds of errors that may be gone at the next try. */
export const PASSING: ReadonlySet<EngineErrorKind> = new Set<EngineErrorKind>(['transient', 'locked']);

/** What helps where a disk is full. Dropping versions is a commit, so it needs a few kilobytes itself, which `dql clean` gives back without one. */
export const HOW_TO_MAKE_ROOM =
  'free some space on that disk, then try again: `dql clean --versions` drops what `retention` does not keep, and where not even a few kilobytes are left for that, `dql clean` removes target/ first';

/** A statement the engine refused. */
export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  /** UTF-16 offset into `statement`, when the engine names a place. */
  readonly offset: number | undefined;
  /** The text that was sent. */
  readonly statement: string;
  /** The engine's suggestions for a name it did not find. */
  readonly candidates: readonly string[];
  constructor(
    message: string,
    kind: EngineErrorKind,
    { offset, statement = '', candidates = [] }: Partial<Pick<EngineError, 'offset' | 'statement' | 'candidates'>> = {},
  ) {
    super(message);
    this.name = 'EngineError';
    this.kind = kind;
    this.offset = offset;
    this.statement = statement;
    this.candidates = candidates;
  }
}

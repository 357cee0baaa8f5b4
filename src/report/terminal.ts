/** Where a reporter writes: a person's terminal, a pipe or a file. `cli` makes them; reporters never see a stream. */
export interface Terminal {
  /** Cells a line may take; Infinity where nobody looks at line ends. */
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  /** Whether what was drawn can be drawn again. */
  readonly live: boolean;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Writes text and a line break, above the live block if there is one. */
  print(text: string): void;
  /** Replaces the live block; '' takes it away. Does nothing where `live` is false. */
  redraw(block: string): void;
  /** Calls `work` again and again; the answer stops it. Never keeps the program alive. */
  every(milliseconds: number, work: () => void): () => void;
}

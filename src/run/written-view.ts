const WRITTEN =
  /\bis not an? table\b|Can only (?:update|delete from|insert into) base table|create an index on a base table|modify view with ALTER VIEW/;

/** What to say when a hook or an operation writes to what readers see, which is a view over versions; undefined of another message. */
export const writtenViewHint = (message: string): string | undefined =>
  WRITTEN.test(message)
    ? 'readers see a view over versions there; `publish: table` in the model’s config makes it a table that hooks and operations can write to'
    : undefined;

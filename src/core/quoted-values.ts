/**
 * What an engine says of values it could not convert, compare or keep quotes them. Where that may be personal data the values are blotted out of
 * the complaints whose shape is known, and other complaints are cut to their kind; what is about code (names, types, syntax) stays.
 */
export const withoutQuotedValues = (message: string): string =>
  message.replace(COMPLAINT, (whole, kind: string, said: string) =>
    ABOUT_CODE.has(kind)
      ? whole
      : `${kind} Error: ${blotted(said) ?? 'what it says may quote personal data and is not shown here'}`,
  );

const COMPLAINT = /([A-Z][\w-]*(?: [\w-]+)*) Error: (.*)/s;

const ABOUT_CODE = new Set(['Binder', 'Catalog', 'Parser', 'Permission', 'Dependency', 'IO', 'Out of Memory']);

/** The words around the values, where these end for certain. */
function blotted(said: string): string | undefined {
  const [, type, column = ''] =
    /^Could not convert string '.*' to '?([A-Z][\w(),]*)'?(?: when casting from source column (\w+))?\s*(?:\n.*)?$/s.exec(
      said,
    ) ?? [];
  if (type !== undefined)
    return `Could not convert string '•••' to ${type}${column === '' ? '' : ` when casting from source column ${column}`}`;
  const [, key] = /^Duplicate key ".*" violates (unique|primary key) constraint/s.exec(said) ?? [];
  if (key !== undefined) return `Duplicate key "•••" violates ${key} constraint`;
  const [failed] = /^NOT NULL constraint failed: [\w.~@"]+$/.exec(said) ?? [];
  return failed;
}

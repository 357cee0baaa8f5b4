type Version = readonly [number, number, number];

const parse = (text: string): Version | undefined => {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
};

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** Whether a version meets all of dbt's requirements (`>=1.0.0`, `<2.0.0`, `!=1.1.0`, `1.0.0`); undefined when one cannot be read. */
export function meets(version: string, requirements: readonly string[]): boolean | undefined {
  const own = parse(version);
  if (own === undefined) return undefined;
  for (const requirement of requirements.flatMap((text) => text.split(','))) {
    const [, operator = '=', wanted = ''] = /^\s*(>=|<=|!=|=|>|<)?\s*(.*)$/.exec(requirement) ?? [];
    const bound = parse(wanted);
    if (bound === undefined) return undefined;
    const difference = compare(own, bound);
    const met =
      operator === '>='
        ? difference >= 0
        : operator === '<='
          ? difference <= 0
          : operator === '>'
            ? difference > 0
            : operator === '<'
              ? difference < 0
              : operator === '!='
                ? difference !== 0
                : difference === 0;
    if (!met) return false;
  }
  return true;
}

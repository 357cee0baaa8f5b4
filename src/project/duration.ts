const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** Seconds of `5`, `'5s'`, `'500ms'`, `'2 min'`, `'1h'`; undefined for anything else. */
export function seconds(duration: number | string | null | undefined): number | undefined {
  if (typeof duration === 'number') return duration;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/.exec(duration ?? '');
  const unit = UNITS[match?.[2] || 's'];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

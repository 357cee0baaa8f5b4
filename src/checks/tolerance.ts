import type { Tolerance } from './define-check.ts';

/**
 * Boolean SQL: two numbers differ by more than the tolerance; a percentage is of the second. NaN and the infinities differ from
 * everything, NULL answers NULL.
 */
export function differsBy(one: string, other: string, tolerance: Tolerance | undefined): string {
  const gap = `abs(cast(${one} as double) - cast(${other} as double))`;
  // Sums of doubles carry rounding noise; without a tolerance numbers are compared as they are.
  const allowed =
    tolerance === undefined
      ? null
      : tolerance.by === 'amount'
        ? String(tolerance.amount)
        : `${tolerance.amount} / 100.0 * abs(cast(${other} as double))`;
  const finite = `isfinite(cast(${one} as double)) and isfinite(cast(${other} as double))`;
  return allowed === null ? `(${one} != ${other} or not (${finite}))` : `(not (${finite}) or ${gap} > ${allowed})`;
}

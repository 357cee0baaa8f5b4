import { expect, test } from 'vitest';
import { machineZone } from './machine-zone.ts';

// The variable is another way to set it, for one program alone.
test.skipIf(process.env['TZ'] !== undefined)("clocks of the machine's zone show what node's show", () => {
  for (const month of [0, 6]) {
    const day = new Date(2026, month, 1);
    expect(day.toLocaleString('en', { timeZone: machineZone() })).toBe(day.toLocaleString('en'));
  }
});

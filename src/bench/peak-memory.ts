/** Loaded before the program that is measured: leaves its highest resident memory, in kilobytes, in the file DQL_BENCH_PEAK. */
import { writeFileSync } from 'node:fs';

const file = process.env['DQL_BENCH_PEAK'];
if (file) process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS)));

#!/usr/bin/env node
// CommonJS on purpose: node reads the size of its thread pool when the first task is queued, and an ES module's own loading queues
// some. Each statement that runs in DuckDB holds one thread; with node's four, file reads would wait behind four statements.
process.env.UV_THREADPOOL_SIZE ??= '16';

import('./start.js').then(({ start }) => start());

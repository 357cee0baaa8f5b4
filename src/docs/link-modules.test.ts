import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { linkModules } from './link-modules.mjs';

function run(modules: Readonly<Record<string, string>>) {
  const said: unknown[] = [];
  const script = linkModules(
    'main.js',
    (id) => modules[id] ?? '',
    (_from, specifier) => specifier.replace('./', ''),
  );
  runInNewContext(script, { say: (value: unknown) => said.push(value) });
  return said;
}

test('modules become one script in the order of their imports, and equal names do not meet', () => {
  expect(
    run({
      'main.js':
        "import fallback, { total as sum, type } from './orders.js';\nimport * as all from './orders.js';\nconst tax = 1;\nsay(sum([1, 2]) + tax);\nsay([fallback, type, Object.keys(all)]);",
      'orders.js':
        "export { kind as type } from './kinds.js';\nconst tax = 10;\nexport function total(lines) {\n  return lines.reduce((a, b) => a + b, 0) + tax;\n}\nclass Fallback {}\nexport { Fallback as default };",
      'kinds.js': "export const kind = 'order';",
    }).map(String),
  ).toEqual(['14', 'class Fallback {},order,type,default,total']);
});

test('a ring of imports and a form it does not know are refused while building', () => {
  expect(() => run({ 'main.js': "import './other.js';", 'other.js': "import './main.js';" })).toThrow('in a ring');
  expect(() => run({ 'main.js': 'export default 7;' })).toThrow('cannot join');
});

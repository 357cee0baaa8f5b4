import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeTarget } from '../../disk/write-target.ts';
import { compilerFrom } from '../../testing/compiler-from.ts';
import { projectTemplates } from './template-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'dql-templates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// dql's own macros are parsed once per process; here, before anything is counted.
compilerFrom({});
const files = { 'models/orders.sql': 'select {% for n in [1, 2] %}{{ n }}{{ "," if not loop.last }}{% endfor %}' };

/** One command: what it read from the cache, and the SQL it came to. */
function command(version = '1') {
  const templates = projectTemplates(folder, version, true);
  let parsed = 0;
  const counting = {
    ...templates,
    set: (key: string, template: Parameters<typeof templates.set>[1]) => {
      parsed += 1;
      templates.set(key, template);
    },
  };
  const { compiler } = compilerFrom(files, { reuse: templates.facts, templates: counting });
  const outcome = compiler.compileNode('model.shop.orders');
  const written = templates.written(compiler.parsedTemplates);
  writeTarget(folder, written);
  return { parsed, sql: outcome.kind === 'compiled' ? outcome.sql : outcome.kind, wrote: written.length };
}

test('macro files are parsed once, too', () => {
  const own = mkdtempSync(join(tmpdir(), 'dql-macros-'));
  const macros = { 'macros/money.sql': '{% macro euros(cents) %}{{ cents }} / 100{% endmacro %}' };
  const shop = { ...macros, 'models/prices.sql': 'select {{ euros(250) }} as price' };
  const learntBy = () => {
    const templates = projectTemplates(own, '1', true);
    const learnt: string[] = [];
    const { compiler } = compilerFrom(shop, {
      templates: { ...templates, set: (key, template) => templates.set(learnt[learnt.push(key) - 1] ?? key, template) },
    });
    expect(compiler.compileNode('model.shop.prices')).toMatchObject({ sql: 'select 250 / 100 as price' });
    writeTarget(own, templates.written(compiler.parsedTemplates));
    return learnt.length;
  };
  expect([learntBy(), learntBy()]).toEqual([2, 0]);
  rmSync(own, { recursive: true });
});

test('a template is parsed once, whatever number of commands uses it, until the text or dql changes', () => {
  expect(command()).toEqual({ parsed: 1, sql: 'select 1,2', wrote: 1 });
  expect(command()).toEqual({ parsed: 0, sql: 'select 1,2', wrote: 0 });
  expect(command('2')).toEqual({ parsed: 1, sql: 'select 1,2', wrote: 1 });
});

import { expect, test } from 'vitest';
import { columns, graphNode, manifestOf, source } from '../testing/manifest-parts.ts';
import { isNearPersonal } from './manifest.ts';

test('what reads a relation is near personal data also where only a source of the same relation is marked', () => {
  const people = graphNode('model', 'people', '', 'select 1 as email');
  const ages = graphNode('model', 'ages', '', "select email::int from {{ ref('people') }}", {
    depends_on: { nodes: [people.unique_id], macros: [] },
  });
  const apart = graphNode('model', 'apart', '', 'select 1');
  const marked = (relation_name: string) =>
    manifestOf({
      nodes: [
        people,
        ages,
        apart,
        source('crm', 'people', { relation_name, columns: columns(['email varchar #pii']) }),
      ],
    });
  const same = marked('"Warehouse"."main"."people"');
  expect(isNearPersonal(same, [ages.unique_id])).toBe(true);
  expect(isNearPersonal(same, [people.unique_id])).toBe(true);
  expect(isNearPersonal(same, [apart.unique_id])).toBe(false);
  expect(isNearPersonal(marked('"warehouse"."crm"."people"'), [ages.unique_id])).toBe(false);
});

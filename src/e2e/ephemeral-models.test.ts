import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());

test('tests of ephemeral models, and tests that compare with them, read their queries in place', async () => {
  open = temporaryProject({
    'models/base.sql': "{{ config(materialized='ephemeral') }} select range as id from range(3)",
    'models/people.sql': "{{ config(materialized='ephemeral') }} select id from {{ ref('base') }} where id < 2",
    'models/orders.sql': 'select range as id, range % 3 as person from range(5)',
    'models/models.yml': `models:
  - name: orders
    config: { materialized: table, contract: { enforced: true } }
    columns:
      - { name: id, data_type: "{{ 'bigint' if target.type == 'duckdb' else 'int64' }}" }
      - name: person
        data_type: bigint
        data_tests:
          - relationships: { name: of_people, arguments: { to: ref('people'), field: id }, config: { severity: warn } }
          - relationships: { name: of_base, arguments: { to: ref('base'), field: id } }
  - name: people
    columns:
      - name: id
        data_tests: [{ relationships: { name: people_of_base, arguments: { to: ref('base'), field: id } } }, unique]
`,
  });
  const said = await open.tests('build', ({ status, failures }) => [status, failures]);
  expect(said).toEqual({
    of_people: ['warn', 1],
    of_base: ['pass', 0],
    people_of_base: ['pass', 0],
    unique_people_id: ['pass', 0],
  });
  expect(await open.rows('select count(*) from orders')).toEqual([[5n]]);
});

import { expect, test } from 'vitest';
import { build } from '../app/build.ts';
import { ci } from '../app/ci.ts';
import { diff } from '../app/diff.ts';
import { inspect } from '../app/inspect.ts';
import { temporaryProject, writeFiles } from '../testing/project-folder.ts';
import { defaultOptions, listening } from '../testing/use-case-options.ts';

const ADDRESS = /\w+@example\.com/;

const crm = {
  'project.yml': `name: crm
target: prod
targets:
  prod: { path: prod.duckdb }
  review: { path: review.duckdb }
`,
  'data/people.csv': 'id,email,city\n1,ada@example.com,London\n2,ada@example.com,Paris\n3,grace@example.com,Rome\n',
  'models/sources.yml': `sources:
  - name: raw
    tables:
      - { name: people, external: { location: data/people.csv } }
`,
  'models/stg_people.sql': "select * from {{ source('raw', 'people') }}",
  'models/contacts.sql': `select
  id, email as contact, lower(email) as folded, split_part(email, '@', 2) as host, city
from {{ ref('stg_people') }}`,
  'models/orders.sql': 'select 1 as order_id, 3 as buyer union all select 2, 9',
  'models/models.yml': `models:
  - name: stg_people
    columns:
      - { name: email, config: { meta: { pii: true } } }
  - name: contacts
    columns:
      - name: contact
        data_tests:
          - unique: { config: { severity: warn } }
          - unique: { name: once_each, config: { severity: warn, group_by: ['upper(contact)'] } }
          - increasing: { name: by_id, arguments: { order_by: -id }, config: { severity: warn } }
      - { name: host, config: { meta: { pii: false } } }
      - name: id
        data_tests:
          - accepted_range: { arguments: { min: 2 }, config: { severity: warn } }
          - metric:
              name: last_of_each
              arguments: { metric: max, max: 0 }
              config: { severity: warn, group_by: ['lower(contact)'] }
          - no_match: { config: { severity: warn } }
`,
  'tests/generic/no_match.sql': `{% test no_match(model, column_name) %}
select {{ column_name }}, reverse(contact) as backwards, host from {{ model }}
{% endtest %}`,
  'tests/buyers_are_known.sql': `{{ config(severity='warn') }}
select o.order_id, c.contact || ' of ' || c.city as who, c.city as place
from {{ ref('orders') }} as o
left join {{ ref('contacts') }} as c on o.buyer = c.id`,
};

const folder = temporaryProject(crm);
/** The groups of a query come in any order. */
const byText = (left: unknown, right: unknown) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);
const samples = (results: Awaited<ReturnType<typeof build>>) =>
  Object.fromEntries(
    results.results.flatMap(({ unique_id, meta: { dql } }) =>
      dql.sample ? [[unique_id.split('.')[2], [dql.sample.columns, ...dql.sample.rows.toSorted(byText)]]] : [],
    ),
  );

test('failing rows show no personal value, whatever the column is called that it came into', async () => {
  const results = await build(defaultOptions(folder), listening());
  expect(samples(results)).toEqual({
    unique_contacts_contact: [
      ['unique_field', 'n_records'],
      ['•••', '2'],
    ],
    once_each: [
      ['upper(contact)', 'unique_field', 'n_records'],
      ['•••', '•••', '2'],
    ],
    by_id: [
      ['current_value', 'previous_value', 'id', 'contact', 'folded', 'host', 'city'],
      ['•••', '•••', '1', '•••', '•••', 'example.com', 'London'],
      ['•••', '•••', '2', '•••', '•••', 'example.com', 'Paris'],
    ],
    accepted_range_contacts_id__2: [
      ['id', 'contact', 'folded', 'host', 'city'],
      ['1', '•••', '•••', 'example.com', 'London'],
    ],
    last_of_each: [
      ['lower(contact)', 'considered_rows', 'max'],
      ['•••', '1', '3'],
      ['•••', '2', '2'],
    ],
    no_match_contacts_id: [
      ['id', 'backwards', 'host'],
      ['1', '•••', 'example.com'],
      ['2', '•••', 'example.com'],
      ['3', '•••', 'example.com'],
    ],
    buyers_are_known: [
      ['order_id', 'who', 'place'],
      ['1', '•••', 'Rome'],
      ['2', null, null],
    ],
  });
  expect(JSON.stringify(results)).not.toMatch(ADDRESS);
}, 20_000);

test('dql inspect hides the same, also of a query over several relations', async () => {
  const inspected = (name: string) => inspect({ ...defaultOptions(folder), test: name, limit: 5 }, listening());
  expect((await inspected('buyers_are_known')).rows?.rows.toSorted(byText)).toEqual([
    ['1', '•••', 'Rome'],
    ['2', null, null],
  ]);
  expect((await inspected('no_match_contacts_id')).rows?.rows[0]).toEqual(['1', '•••', 'example.com']);
}, 20_000);

test('examples of changed rows hide it too', async () => {
  const contacts = crm['models/contacts.sql'];
  writeFiles(folder, { 'models/contacts.sql': contacts.replace('email as contact', "'new ' || email as contact") });
  const review = { ...defaultOptions(folder), target: 'review', state: `${folder}/prod.duckdb` };
  const answer = await ci({ ...review, key: ['id'], limit: 10, failOn: [] }, listening());
  expect(answer.diff.relations.find(({ name }) => name === 'contacts')?.sample?.rows).toContainEqual([
    '1',
    'contact',
    '•••',
    '•••',
  ]);
  expect(JSON.stringify(answer)).not.toMatch(ADDRESS);
  await build(defaultOptions(folder), listening());
  const changed = await diff(
    { ...defaultOptions(folder), left: undefined, right: undefined, key: ['id'], limit: 10 },
    listening(),
  );
  expect(changed.relations.find(({ name }) => name === 'contacts')?.sample?.rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(changed)).not.toMatch(ADDRESS);
}, 30_000);

test('where the SQL cannot be followed, columns with names of their own are hidden, and it is said why', async () => {
  writeFiles(folder, {
    'models/contacts.sql': crm['models/contacts.sql'],
    'models/wide.sql':
      "select id, city, address\nfrom query('select id, city, email as address from ' || '{{ ref(\"stg_people\") }}')",
    'models/wide.yml':
      'models: [{ name: wide, columns: [{ name: id, data_tests: [accepted_range: { arguments: { max: 1 }, config: { severity: warn } }] }] }]',
  });
  const results = await build({ ...defaultOptions(folder), select: ['wide'] }, listening());
  const [found] = results.results.flatMap(({ meta: { dql } }) => dql.sample ?? []);
  expect(found).toMatchObject({
    columns: ['id', 'city', 'address'],
    rows: [
      ['2', 'Paris', '•••'],
      ['3', 'Rome', '•••'],
    ],
    masked: expect.stringContaining('the SQL of `wide` cannot be followed'),
  });
}, 20_000);

test('a mark outlives the column it was written for: the value goes on under another name', async () => {
  writeFiles(folder, {
    'models/short.sql': "select id, email as mail from {{ source('raw', 'people') }}",
    'models/short.yml': `models:
  - name: short
    columns:
      - { name: email, config: { meta: { pii: true } } }
      - { name: id, data_tests: [accepted_range: { arguments: { min: 3 }, config: { severity: warn } }] }
`,
  });
  const results = await build({ ...defaultOptions(folder), select: ['short'] }, listening());
  expect(Object.values(samples(results))).toEqual([
    [
      ['id', 'mail'],
      ['1', '•••'],
      ['2', '•••'],
    ],
  ]);
}, 20_000);

test('a group is hidden under whatever name it is shown', async () => {
  const written = crm['models/models.yml'].replace(
    "group_by: ['lower(contact)'] }",
    "group_by: ['lower(contact)', max] }",
  );
  writeFiles(folder, {
    'models/models.yml': written,
    'models/contacts.sql': crm['models/contacts.sql'].replace('email as contact', 'email as contact, email as max'),
  });
  const results = await build({ ...defaultOptions(folder), select: ['+contacts'] }, listening());
  expect(samples(results)['last_of_each']?.[0]).toEqual([
    'lower(contact)',
    'max of the group',
    'considered_rows',
    'max',
  ]);
  expect(JSON.stringify(results)).not.toMatch(ADDRESS);
}, 20_000);

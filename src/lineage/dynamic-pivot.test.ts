import { expect, test } from 'vitest';
import { ANY_VALUE, withAnyValue } from './dynamic-pivot.ts';

const IN = ` in ('${ANY_VALUE}')`;

test.each([
  ['pivot sales on year using sum(amount)', `pivot sales on year${IN} using sum(amount)`],
  ['with p as (pivot sales on year) from p', `with p as (pivot sales on year${IN}) from p`],
  [
    'PIVOT (from sales) ON year, upper("on") USING sum(a) GROUP BY id',
    `PIVOT (from sales) ON year${IN}, upper("on")${IN} USING sum(a) GROUP BY id`,
  ],
  [
    "pivot s on year || ' on, using' -- on what\n using sum(a)",
    `pivot s on year || ' on, using'${IN} -- on what\n using sum(a)`,
  ],
  ['pivot s on year in (select y from years order by 1) using sum(a)', `pivot s on year${IN} using sum(a)`],
  ['pivot s on coalesce(a, b) order by all', `pivot s on coalesce(a, b)${IN} order by all`],
])('%s', (sql, expected) => expect(withAnyValue(sql)).toBe(expected));

test.each([
  'pivot sales on year in (2023, 2024) using sum(amount)',
  "select 'pivot x on y' as text from pivots",
  'select * from (unpivot t on a, b) join pivoted on true',
])('%s needs none', (sql) => expect(withAnyValue(sql)).toBeUndefined());

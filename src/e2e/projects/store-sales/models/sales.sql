select
  Store::integer as Store,
  DayOfWeek::integer as DayOfWeek,
  "Date"::date as "Date",
  Sales::integer as Sales,
  Customers::integer as Customers,
  Open::integer as Open,
  Promo::integer as Promo,
  StateHoliday::varchar as StateHoliday,
  SchoolHoliday::integer as SchoolHoliday
from {{ source('raw', 'sales') }}

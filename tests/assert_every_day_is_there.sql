-- Between the first and the last complete day no day may be missing.
with bounds as (

    select min(flight_date) as first_day, max(flight_date) as last_day
    from {{ ref('fct_daily_flights') }}

)

select expected.day::date as missing_day
from bounds, generate_series(first_day, last_day, interval 1 day) as expected(day)
anti join {{ ref('fct_daily_flights') }} as days
    on expected.day::date = days.flight_date

-- Between the first and the last complete day no day may be missing.
with expected as (

    select unnest(generate_series(min(flight_date), max(flight_date), interval 1 day))::date as flight_date
    from {{ ref('fct_daily_flights') }}

)

select expected.flight_date as missing_day
from expected
anti join {{ ref('fct_daily_flights') }} as days
    on expected.flight_date = days.flight_date

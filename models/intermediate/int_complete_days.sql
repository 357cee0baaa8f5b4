-- The days that were delivered completely. The last day of the file has 6 flights where others have 16,000.
select
    flight_date,
    count(*) as flights
from {{ ref('stg_flights') }}
group by flight_date
having count(*) >= {{ var('complete_day_flights') }}

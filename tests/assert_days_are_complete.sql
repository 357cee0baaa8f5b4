{{ config(severity='warn') }}

-- Days the supplier delivered only in part: the marts leave them out.
select flight_date, count(*) as flights
from {{ ref('stg_flights') }}
group by flight_date
having count(*) < {{ var('complete_day_flights') }}

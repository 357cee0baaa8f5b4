-- Routes in one direction. The distance is the one most flights recorded.
select
    origin_airport || '-' || destination_airport as route,
    origin_airport,
    destination_airport,
    origin_region,
    destination_region,
    mode(distance_miles) as distance_miles,
    count(*) as flights
from {{ ref('int_flights_enriched') }}
group by all

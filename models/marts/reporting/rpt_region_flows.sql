select
    origin_region,
    destination_region,
    count(*) as flights,
    round(avg(distance_miles)) as mean_distance_miles
from {{ ref('int_flights_enriched') }}
group by all

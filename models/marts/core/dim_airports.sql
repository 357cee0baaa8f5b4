-- Airports that flights of the period touched, with how busy they were.
with touched as (

    select origin_airport as airport, 1 as departures, 0 as arrivals
    from {{ ref('int_flights_enriched') }}
    union all
    select destination_airport, 0, 1
    from {{ ref('int_flights_enriched') }}

)

select
    airports.airport,
    airports.airport_name,
    airports.city,
    airports.state,
    airports.state_name,
    airports.region,
    airports.latitude,
    airports.longitude,
    sum(touched.departures)::bigint as departures,
    sum(touched.arrivals)::bigint as arrivals
from touched
inner join {{ ref('int_airports_located') }} as airports
    on touched.airport = airports.airport
group by all

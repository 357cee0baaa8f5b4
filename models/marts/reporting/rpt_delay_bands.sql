-- How flights spread over the bands; a band without flights still has its row.
select
    bands.band,
    bands.delay_band,
    count(flights.delay_minutes) as flights,
    {{ percentage('count(flights.delay_minutes)', 'sum(count(flights.delay_minutes)) over ()') }} as percent
from {{ ref('int_delay_bands') }} as bands
left join {{ ref('int_flights_enriched') }} as flights
    on flights.delay_minutes >= bands.from_minutes
    and flights.delay_minutes < bands.below_minutes
group by bands.band, bands.delay_band

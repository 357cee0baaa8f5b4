select
    origin_airport || '-' || destination_airport as route,
    {{ punctuality_columns() }}
from {{ ref('int_flights_enriched') }}
group by route

select
    date_trunc('month', flight_date)::date as month,
    origin_region as region,
    {{ punctuality_columns() }}
from {{ ref('int_flights_enriched') }}
group by all

{{ config(
    materialized='incremental',
    unique_key='flight_date',
    incremental_strategy='delete+insert',
    on_schema_change='append_new_columns'
) }}

-- One row a day. Days that may still get rows are computed again, whole: running twice changes nothing.
select
    flight_date,
    {{ punctuality_columns() }},
    sum(distance_miles)::bigint as miles
from {{ ref('int_flights_enriched') }}
{% if is_incremental() %}
where flight_date >= (select max(flight_date) - {{ var('late_arrival_days') }} from {{ this }})
{% endif %}
group by flight_date

{{ config(
    materialized='incremental',
    unique_key=['flight_date', 'airport'],
    incremental_strategy='delete+insert'
) }}

select
    flight_date,
    origin_airport as airport,
    {{ punctuality_columns() }}
from {{ ref('int_flights_enriched') }}
{% if is_incremental() %}
where flight_date >= (select max(flight_date) - {{ var('late_arrival_days') }} from {{ this }})
{% endif %}
group by flight_date, origin_airport

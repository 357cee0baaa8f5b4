{{ config(materialized='table') }}

-- Some flights were recorded twice, to the last field: one of each is kept.
with recorded as (

    select distinct
        date as scheduled_at,
        delay as reported_delay_minutes,
        distance as distance_miles,
        origin as origin_airport,
        destination as destination_airport
    from {{ source('raw', 'flights') }}

)

select
    scheduled_at,
    scheduled_at::date as flight_date,
    origin_airport,
    destination_airport,
    distance_miles,
    reported_delay_minutes,
    {{ is_believable_delay('reported_delay_minutes') }} as has_believable_delay,
    case when {{ is_believable_delay('reported_delay_minutes') }} then reported_delay_minutes end as delay_minutes
from recorded

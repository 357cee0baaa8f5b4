{{ config(materialized='view') }}

-- Flights of complete days with the regions of both airports.
select
    flights.flight_date,
    flights.scheduled_at,
    flights.origin_airport,
    flights.destination_airport,
    flights.distance_miles,
    flights.delay_minutes,
    origin.region as origin_region,
    origin.state as origin_state,
    destination.region as destination_region,
    destination.state as destination_state
from {{ ref('stg_flights') }} as flights
semi join {{ ref('int_complete_days') }} as days
    on flights.flight_date = days.flight_date
inner join {{ ref('int_airports_located') }} as origin
    on flights.origin_airport = origin.airport
inner join {{ ref('int_airports_located') }} as destination
    on flights.destination_airport = destination.airport

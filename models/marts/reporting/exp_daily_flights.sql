{{ config(materialized='external', location='target/exports/daily_flights.parquet') }}

select
    days.flight_date,
    dates.weekday,
    days.flights,
    days.late_flights,
    days.late_percent,
    days.mean_delay_minutes
from {{ ref('fct_daily_flights') }} as days
inner join {{ ref('dim_dates') }} as dates
    on days.flight_date = dates.flight_date
order by days.flight_date

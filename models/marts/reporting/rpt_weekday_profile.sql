{{ config(materialized='view') }}

select
    dates.iso_weekday,
    dates.weekday,
    round(avg(days.flights)) as mean_flights,
    round(avg(days.late_percent), 2) as mean_late_percent
from {{ ref('fct_daily_flights') }} as days
inner join {{ ref('dim_dates') }} as dates
    on days.flight_date = dates.flight_date
group by all

select
    flight_date,
    year(flight_date) as year,
    month(flight_date) as month,
    monthname(flight_date) as month_name,
    isodow(flight_date) as iso_weekday,
    dayname(flight_date) as weekday,
    isodow(flight_date) >= 6 as is_weekend
from {{ ref('int_complete_days') }}

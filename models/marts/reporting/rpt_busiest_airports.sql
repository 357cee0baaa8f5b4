{{ config(materialized='view') }}

select
    rank() over (order by departures + arrivals desc) as position,
    airport,
    airport_name,
    city,
    state,
    departures + arrivals as movements
from {{ ref('dim_airports') }}
qualify position <= 20

select
    iata as airport,
    trim(name) as airport_name,
    nullif(city, 'NA') as city,
    nullif(state, 'NA') as state,
    country,
    latitude,
    longitude,
    country = 'USA' as is_in_usa
from {{ source('raw', 'airports') }}

-- Every airport with its region; those without a state get one of their own, so that no flight is lost in a join.
select
    airports.airport,
    airports.airport_name,
    airports.city,
    airports.state,
    coalesce(regions.state_name, 'Unknown') as state_name,
    coalesce(regions.region, 'Unknown') as region,
    coalesce(regions.division, 'Unknown') as division,
    airports.country,
    airports.latitude,
    airports.longitude
from {{ ref('stg_airports') }} as airports
left join {{ ref('us_regions') }} as regions
    on airports.state = regions.state

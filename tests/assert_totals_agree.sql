-- The daily mart and the routes count the same flights.
select daily.flights as by_day, routes.flights as by_route
from (select sum(flights) as flights from {{ ref('fct_daily_flights') }}) as daily
cross join (select sum(flights) as flights from {{ ref('dim_routes') }}) as routes
where daily.flights is distinct from routes.flights

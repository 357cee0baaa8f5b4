{# The columns every punctuality table has, so that they mean the same everywhere. #}
{% macro punctuality_columns() %}
    count(*) as flights,
    count(delay_minutes) as flights_with_delay,
    count(*) filter ({{ is_late('delay_minutes') }}) as late_flights,
    {{ percentage('count(*) filter (' ~ is_late('delay_minutes') ~ ')', 'count(delay_minutes)') }} as late_percent,
    round(avg(delay_minutes), 2) as mean_delay_minutes,
    median(delay_minutes) as median_delay_minutes
{%- endmacro %}

{# True for delays the recording can be trusted with. #}
{% macro is_believable_delay(minutes) -%}
    {{ minutes }} between {{ var('earliest_believable_delay') }} and {{ var('latest_believable_delay') }}
{%- endmacro %}

{# True for flights that count as late. NULL delays count as unknown: the answer is NULL. #}
{% macro is_late(minutes) -%}
    {{ minutes }} >= {{ var('late_from_minutes') }}
{%- endmacro %}

{# A share in percent with two digits; NULL when there is nothing to divide by. #}
{% macro percentage(part, whole) -%}
    round(100.0 * {{ part }} / nullif({{ whole }}, 0), 2)
{%- endmacro %}

{# Sums of integers are exact, so a figure does not depend on where its window began to be computed. #}
{% macro rolling_mean(column, window) -%}
(sum({{ column }}) over {{ window }} / count(*) over {{ window }})::float
{%- endmacro %}

{% macro rolling_std(column, window) -%}
case
    when count(*) over {{ window }} > 1
    then sqrt(
      (count(*) over {{ window }} * sum({{ column }}::bigint * {{ column }}) over {{ window }} - (sum({{ column }}) over {{ window }}) ** 2)
      / (count(*) over {{ window }} * (count(*) over {{ window }} - 1))
    )
  end::float
{%- endmacro %}

{# The months as the promotion's interval spells them. #}
{% macro month_in_interval(date) -%}
list_extract(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'], month({{ date }}))
{%- endmacro %}

{# The Monday of a week counted from the year's first Monday. #}
{% macro monday_of_week(year, week) -%}
(date_trunc('week', make_date({{ year }}, 1, 7))::date + ({{ week }} - 1) * 7)
{%- endmacro %}

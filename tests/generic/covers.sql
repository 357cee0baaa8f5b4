{# Every value of a column of another relation occurs at least once. #}
{% test covers(model, column_name, to, field) %}
select {{ field }} as uncovered
from {{ to }}
where {{ field }} not in (select {{ column_name }} from {{ model }} where {{ column_name }} is not null)
{% endtest %}

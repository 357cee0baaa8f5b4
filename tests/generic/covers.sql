{# Every value of a column of another relation occurs at least once. #}
{% test covers(model, column_name, to, field) %}
select wanted.{{ field }} as uncovered
from {{ to }} as wanted
anti join {{ model }} as present
    on wanted.{{ field }} = present.{{ column_name }}
{% endtest %}

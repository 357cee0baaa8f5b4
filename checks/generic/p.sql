{% test pos(model, column_name) %}
{{ config(where="id > 1", group_by='shop', severity='warn') }}
select * from {{ model }} where {{ column_name }} < 0
{% endtest %}

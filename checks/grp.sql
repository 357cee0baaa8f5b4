{{ config(severity='warn', group_by='shop') }}
select * from {{ ref('orders') }} where amount < 0

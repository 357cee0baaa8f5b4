{{ config(severity='warn', where='id > 1', warn_if='> 10%') }}
select * from {{ ref('orders') }} where amount < 0

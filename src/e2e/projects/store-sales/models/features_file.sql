{{ config(materialized='external', location='exports/features.parquet') }}

select *
from {{ ref('features') }}
order by "Date", Store

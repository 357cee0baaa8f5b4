{{ config(materialized='external', location='exports/features_by_year', options={'partition_by': 'Year'}) }}

select *
from {{ ref('features') }}
order by "Date", Store

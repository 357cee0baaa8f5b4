{{ config(materialized='ephemeral') }}

select
    band,
    label as delay_band,
    from_minutes,
    below_minutes
from {{ ref('delay_bands') }}

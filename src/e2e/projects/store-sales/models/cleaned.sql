select
  sales.*,
  stores.* exclude (Store)
from {{ ref('sales') }} as sales
join {{ ref('stores') }} as stores using (Store)

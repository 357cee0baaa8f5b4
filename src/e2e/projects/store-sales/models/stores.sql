select
  Store::integer as Store,
  StoreType,
  Assortment,
  coalesce(CompetitionDistance, 100000)::float as CompetitionDistance,
  coalesce(CompetitionOpenSinceMonth, 0)::integer as CompetitionOpenSinceMonth,
  coalesce(CompetitionOpenSinceYear, 0)::integer as CompetitionOpenSinceYear,
  Promo2::integer as Promo2,
  coalesce(Promo2SinceWeek, 0)::integer as Promo2SinceWeek,
  coalesce(Promo2SinceYear, 0)::integer as Promo2SinceYear,
  coalesce(PromoInterval, '') as PromoInterval
from {{ source('raw', 'stores') }}

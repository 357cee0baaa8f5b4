{{ config(
  materialized='incremental',
  incremental_strategy='delete+insert',
  unique_key=['Store', 'Date']
) }}

with days as (
  select *
  from {{ ref('cleaned') }}
  {%- if is_incremental() %}
  where "Date" > (select max("Date") from {{ this }}) - to_days({{ var('corrected_days') + var('lookback_days') }})
  {%- endif %}
)

select
  Store, DayOfWeek, "Date", Sales, Customers, Open, Promo, StateHoliday, SchoolHoliday,
  StoreType, Assortment, CompetitionDistance, CompetitionOpenSinceMonth, CompetitionOpenSinceYear,
  Promo2, Promo2SinceWeek, Promo2SinceYear, PromoInterval,

  -- Calendar
  year("Date")::smallint as "Year",
  month("Date")::smallint as "Month",
  week("Date")::smallint as "Week",
  day("Date")::smallint as "Day",
  dayofmonth("Date")::smallint as DayOfMonth,
  quarter("Date")::smallint as "Quarter",
  (day("Date") = 1)::tinyint as IsMonthStart,
  ("Date" = last_day("Date"))::tinyint as IsMonthEnd,
  ("Date" = date_trunc('quarter', "Date"))::tinyint as IsQuarterStart,
  ("Date" = last_day("Date") and month("Date") % 3 = 0)::tinyint as IsQuarterEnd,
  (DayOfWeek >= 6)::tinyint as IsWeekend,
  (month("Date") % 12 // 3)::tinyint as Season,

  -- Promotion
  (Promo2 = 1 and contains(PromoInterval, {{ month_in_interval('"Date"') }}))::tinyint as Promo2Active,
  case
    when Promo2 = 0 then 0
    else greatest("Date" - {{ monday_of_week('Promo2SinceYear', 'Promo2SinceWeek') }}, 0)
  end::integer as Promo2Duration,
  (PromoInterval = 'Jan,Apr,Jul,Oct')::tinyint as PromoInterval_JAJO,
  (PromoInterval = 'Feb,May,Aug,Nov')::tinyint as PromoInterval_FMAN,
  (PromoInterval = 'Mar,Jun,Sept,Dec')::tinyint as PromoInterval_MJSD,

  -- Competition
  ln(1 + CompetitionDistance)::float as CompetitionDistance_log,
  (CompetitionDistance < 100000)::tinyint as HasCompetition,
  case
    when CompetitionOpenSinceYear = 0 then 0
    else greatest("Date" - make_date(CompetitionOpenSinceYear, CompetitionOpenSinceMonth, 1), 0)
  end::integer as CompetitionAge

  {#- Lags and rolling figures of each shop. #}
  {%- for rows in [1, 7, 14, 28] %},
  (lag(Sales, {{ rows }}) over shop)::float as Sales_Lag_{{ rows }}
  {%- endfor %}
  {%- for rows in [7, 14, 28, 60] %},
  {{ rolling_mean('Sales', 'last_' ~ rows) }} as Sales_RollingMean_{{ rows }},
  {{ rolling_std('Sales', 'last_' ~ rows) }} as Sales_RollingStd_{{ rows }}
  {%- endfor %}

from days
window
  shop as (partition by Store order by "Date")
  {%- for rows in [7, 14, 28, 60] %},
  last_{{ rows }} as (partition by Store order by "Date" rows {{ rows - 1 }} preceding)
  {%- endfor %}

{%- if is_incremental() %}
qualify "Date" > (select max("Date") from {{ this }}) - to_days({{ var('corrected_days') }})
{%- endif %}

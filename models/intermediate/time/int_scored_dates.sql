-- Grain: scored date. The dates on which every lead is scored (the macro scored_days says which they are); on those ahead nothing more has happened (days_before is
-- negative there).
-- Everything that scores depends on this model and this model on the fault list, so that a faulty seed stops the build before any score changes.
with offsets as (
    {% for days_before in lead_scoring.scored_days() %}
    select {{ days_before }} as days_before
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        days_before,
        {{ lead_scoring.days_after(lead_scoring.as_of_date(), '-offsets.days_before') }} as scored_on
    from offsets
    where not exists (select 1 from {{ ref('stg_config__faults') }})

)

select * from final

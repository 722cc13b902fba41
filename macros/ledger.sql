{# What a correction did, as a person reads it in the ledger. #}
{% macro correction_in_words(entry_type, entry_id) -%}
    case {{ entry_type }}
        when 'group_combine' then 'group ' || {{ entry_id }} || ': only its largest counts'
        when 'group_bound' then 'group ' || {{ entry_id }} || ': within its bounds'
        when 'subscore_bound' then {{ entry_id }} || ': within its bounds'
        when 'subscore_weight' then {{ entry_id }} || ': its weight in the score'
        when 'normalisation' then 'normalisation of the score model'
        when 'score_bound' then 'the score: within its bounds'
    end
{%- endmacro %}


{# The place of an entry among those of its lead and score model: what gives or takes most is first, ties by type and id. #}
{% macro reason_rank() -%}
    row_number() over (partition by lead_id, score_model order by abs(points) desc, entry_type, entry_id)
{%- endmacro %}

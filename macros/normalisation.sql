{# Which share of the largest raw score a raw score is, as its score model reckons it: of its largest score, or of 1. Of nothing there is no share: where nobody is above
   0, everybody is at 0. All are SQL expressions. #}
{% macro share_of_maximum(raw_score, raw_max, normalisation, score_max) -%}
    case
        when {{ raw_max }} > 0 and {{ normalisation }} = 'scale'
            then {{ lead_scoring.divided('cast(' ~ score_max ~ ' as decimal(20, 4)) * ' ~ raw_score, 'nullif(greatest(' ~ raw_max ~ ', 0), 0)') }}
        when {{ raw_max }} > 0 and {{ normalisation }} = 'sqrt'
            then {{ lead_scoring.divided('least(greatest(' ~ raw_score ~ ', 0), ' ~ raw_max ~ ')', 'nullif(greatest(' ~ raw_max ~ ', 0), 0)') }}
        else 0
    end
{%- endmacro %}


{# A raw score as its score model shows it, before the bounds of the score model: itself, its share of the largest, or the root of that share. #}
{% macro normalised_score(raw_score, share, normalisation, score_max) -%}
    case {{ normalisation }}
        when 'scale' then cast({{ share }} as decimal(18, 6))
        when 'sqrt' then cast(cast({{ score_max }} as decimal(24, 4)) * {{ lead_scoring.square_root(share) }} as decimal(18, 6))
        else {{ raw_score }}
    end
{%- endmacro %}

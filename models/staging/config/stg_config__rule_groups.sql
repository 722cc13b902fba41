-- Grain: rule group. How the rules of a group are combined and bounded.
-- What an empty cell stands for is said here and nowhere else.
{% set columns = {
    'score_model': 'text key',
    'rule_group': 'text key',
    'subscore': 'word required',
    'combine': 'word',
    'min_points': 'decimal',
    'max_points': 'decimal',
} %}
{% set defaults = {'combine': 'sum'} %}

with source as (

    {{ lead_scoring.trimmed_cells('rule_groups', columns) }}

),

typed as (

    {{ lead_scoring.typed_cells('source', columns) }}

),

renamed as (

    {{ lead_scoring.judged_cells('typed', columns, defaults) }}

)

select * from renamed

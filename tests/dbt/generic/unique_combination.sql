{# No two rows of the model have the same values in these columns; null equals null. `never_null` says that none of them may be null either. #}
{% test unique_combination(model, columns, never_null=false) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1{{ ' or ' ~ columns | join(' is null or ') ~ ' is null' if never_null }}

{% endtest %}

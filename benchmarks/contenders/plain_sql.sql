-- Scores of all leads on three dates. In: the variables events, contacts, point_grid, score_models, as_of. Out: the table scores.

create temp table rules as
select
    cast(row_number() over (order by rule_id) as smallint) as rule,
    event_type,
    operator,
    operand,
    cast(points as decimal(10, 4)) as points,
    decay,
    cast(decay_days as integer) as decay_days,
    cast(decay_percent as integer) as decay_percent,
    cast(max_per_day as bigint) as max_per_day,
    cast(max_points as decimal(18, 6)) as max_points
from read_csv(getvariable('point_grid'), all_varchar = true);

-- of one event the highest version stands, then the earliest delivery
create temp table events as
select
    event_type,
    occurred_at,
    lower(trim(email)) as email,
    contact_id,
    anonymous_id,
    lower(trim(page_path)) as page_path
from read_parquet(getvariable('events'))
qualify row_number() over (partition by event_id order by event_version desc, loaded_at, occurred_at, event_type, page_path nulls first) = 1;

create temp table contacts as
select
    contact_id,
    anonymous_id,
    created_at,
    coalesce('email:' || lower(trim(email)), 'contact:generic:' || contact_id) as name
from read_parquet(getvariable('contacts'));

-- whom an event names
create temp table named as
select
    events.event_type,
    events.page_path,
    events.occurred_at,
    events.anonymous_id,
    coalesce('email:' || events.email, contacts.name, 'contact:generic:' || events.contact_id) as name
from events
left join contacts on events.contact_id = contacts.contact_id;

drop table events;

-- one whole number per lead from here on, in the order of the lead ids, since ties go to the smaller one
create temp table leads as
select
    name,
    md5(name) as lead_id,
    cast(row_number() over (order by md5(name)) as integer) as lead
from (
    select name from named where name is not null
    union
    select name from contacts
);

create temp table numbered as
select
    leads.lead,
    named.event_type,
    named.page_path,
    named.occurred_at,
    named.anonymous_id
from named
left join leads on named.name = leads.name;

drop table named;

create temp table known as
select
    leads.lead,
    contacts.anonymous_id,
    contacts.created_at
from contacts
inner join leads on contacts.name = leads.name;

-- who sat at the browser, as far as somebody said so
create temp table evidence as
select
    anonymous_id,
    identified_at,
    min(lead) as lead
from (
    select anonymous_id, occurred_at as identified_at, lead from numbered where anonymous_id is not null and lead is not null
    union all
    select anonymous_id, created_at as identified_at, lead from known where anonymous_id is not null
)
group by anonymous_id, identified_at;

create temp table attributed as
select
    lead,
    event_type,
    page_path,
    cast(occurred_at as date) as occurred_on
from numbered
where lead is not null
union all
select
    coalesce(latest.lead, earliest.lead) as lead,
    numbered.event_type,
    numbered.page_path,
    cast(numbered.occurred_at as date) as occurred_on
from numbered
inner join (select anonymous_id, arg_min(lead, identified_at) as lead from evidence group by anonymous_id) as earliest
    on numbered.anonymous_id = earliest.anonymous_id
asof left join evidence as latest
    on numbered.anonymous_id = latest.anonymous_id
    and numbered.occurred_at >= latest.identified_at
where numbered.lead is null;

drop table numbered;

-- which rules a page of an event type fires: there are far fewer of them than events
create temp table matches as
select
    pages.event_type,
    pages.page_path,
    rules.rule
from (select distinct event_type, page_path from attributed) as pages
inner join rules on pages.event_type = rules.event_type
where case rules.operator
    when 'eq' then pages.page_path = rules.operand
    when 'in' then list_contains(string_split(rules.operand, '|'), pages.page_path)
    when 'starts_with' then starts_with(pages.page_path, rules.operand)
    when 'contains' then contains(pages.page_path, rules.operand)
    when 'matches' then regexp_matches(pages.page_path, rules.operand)
    else true
end;

create temp table matched_days as
select
    attributed.lead,
    matches.rule,
    attributed.occurred_on,
    count(*) as occurrences
from attributed
inner join matches
    on attributed.event_type = matches.event_type
    and attributed.page_path is not distinct from matches.page_path
group by attributed.lead, matches.rule, attributed.occurred_on;

create temp table scored_dates as
select cast(getvariable('as_of') as date) - days_before as scored_on
from (values (0), (7), (30)) as offsets (days_before);

create temp table factors as
select
    rules.rule,
    ages.age,
    cast(
        case rules.decay
            when 'half_life' then pow(0.5, ages.age / rules.decay_days)
            when 'linear' then cast(greatest(
                (2000000000000 * (rules.decay_days - ages.age) + rules.decay_days) // (2 * rules.decay_days), 0
            ) as decimal(18, 0)) * 0.000000000001
            when 'step' then cast(greatest(100 - rules.decay_percent * (ages.age // rules.decay_days), 0) as decimal(18, 0)) * 0.01
            when 'step_compound' then pow(1 - rules.decay_percent / 100, ages.age // rules.decay_days)
            when 'window' then case when ages.age < rules.decay_days then 1 else 0 end
            else 1
        end as decimal(13, 12)
    ) as factor
from rules
cross join (
    select cast(range as integer) as age
    from range((select max(cast(getvariable('as_of') as date) - occurred_on) + 1 from matched_days))
) as ages;

create temp table counted_days as
select
    matched_days.lead,
    scored_dates.scored_on,
    matched_days.rule,
    scored_dates.scored_on - matched_days.occurred_on as age,
    least(matched_days.occurrences, rules.max_per_day) as occurrences
from matched_days
inner join scored_dates on matched_days.occurred_on <= scored_dates.scored_on
inner join rules on matched_days.rule = rules.rule;

-- what so many occurrences of that age are worth: wide decimals are dear, so once and not for every day of every lead
create temp table worths as
select
    occurring.rule,
    occurring.age,
    occurring.occurrences,
    cast(cast(rules.points * occurring.occurrences as decimal(24, 6)) * factors.factor as decimal(18, 6)) as points
from (select distinct rule, age, occurrences from counted_days) as occurring
inner join rules on occurring.rule = rules.rule
inner join factors on occurring.rule = factors.rule and occurring.age = factors.age;

create temp table points as
select
    by_rule.lead,
    by_rule.scored_on,
    sum(least(greatest(by_rule.points_uncapped, -rules.max_points), rules.max_points)) as points
from (
    select
        counted_days.lead,
        counted_days.scored_on,
        counted_days.rule,
        sum(worths.points) as points_uncapped
    from counted_days
    inner join worths
        on counted_days.rule = worths.rule
        and counted_days.age = worths.age
        and counted_days.occurrences = worths.occurrences
    group by counted_days.lead, counted_days.scored_on, counted_days.rule
) as by_rule
inner join rules on by_rule.rule = rules.rule
group by by_rule.lead, by_rule.scored_on;

create temp table scores as
select
    leads.lead_id,
    scored_dates.scored_on,
    cast(least(greatest(coalesce(points.points, 0), bounds.score_min), bounds.score_max) as decimal(18, 6)) as score_exact
from (
    select lead, min(seen_on) as first_seen_on
    from (
        select lead, occurred_on as seen_on from attributed
        union all
        select lead, cast(created_at as date) as seen_on from known
    )
    group by lead
) as seen
inner join scored_dates on seen.first_seen_on <= scored_dates.scored_on
inner join leads on seen.lead = leads.lead
left join points on seen.lead = points.lead and scored_dates.scored_on = points.scored_on
cross join (
    select cast(score_min as decimal(18, 6)) as score_min, cast(score_max as decimal(18, 6)) as score_max
    from read_csv(getvariable('score_models'), all_varchar = true)
) as bounds;

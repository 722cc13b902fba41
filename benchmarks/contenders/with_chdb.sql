-- Scores of all leads on three dates, for ClickHouse. In: the files {events}, {contacts}, {rules}, {factors}; {as_of}. Out: the file {output}.

create table rules engine = Memory as
select * from file('{rules}', 'CSVWithNames', 'rule UInt16, event_type String, operator String, operand String, points Int64, max_per_day Int64, max_points Int64');

create table factors engine = Memory as
select * from file('{factors}', 'CSVWithNames', 'rule UInt16, age Int32, factor Int64');

create table contacts engine = Memory as
select
    contact_id,
    anonymous_id,
    assumeNotNull(created_at) as created_at,
    if(email is null, 'contact:generic:' || contact_id, 'email:' || lowerUTF8(trimBoth(email))) as name
from file('{contacts}', 'Parquet');

-- most events came once, so only the others are ranked
create table again engine = Memory as
select event_id from file('{events}', 'Parquet') group by event_id having count() > 1;

create table named engine = Memory as
select
    cast(assumeNotNull(events.event_type) as LowCardinality(String)) as event_type,
    cast(lowerUTF8(trimBoth(events.page_path)) as LowCardinality(Nullable(String))) as page_path,
    assumeNotNull(events.occurred_at) as occurred_at,
    events.anonymous_id as anonymous_id,
    multiIf(
        events.email is not null, 'email:' || lowerUTF8(trimBoth(events.email)),
        events.contact_id is not null, coalesce(contacts.name, 'contact:generic:' || events.contact_id),
        null
    ) as name
from (
    select event_type, page_path, occurred_at, anonymous_id, email, contact_id
    from file('{events}', 'Parquet')
    where event_id not in (select event_id from again)
    union all
    select event_type, page_path, occurred_at, anonymous_id, email, contact_id
    from (
        select *
        from file('{events}', 'Parquet')
        where event_id in (select event_id from again)
        order by event_version desc, loaded_at, occurred_at, event_type, page_path nulls first
        limit 1 by event_id
    )
) as events
left join contacts on events.contact_id = contacts.contact_id;

-- one whole number per lead from here on, in the order of the lead ids, since ties go to the smaller one
create table leads engine = Memory as
select assumeNotNull(name) as name, lower(hex(MD5(assumeNotNull(name)))) as lead_id, toUInt32(row_number() over (order by lead_id)) as lead
from (
    select name from named where name is not null
    union distinct
    select name from contacts
);

create table numbered engine = Memory as
select named.event_type as event_type, named.page_path as page_path, named.occurred_at as occurred_at, named.anonymous_id as anonymous_id, leads.lead as lead
from named
left join leads on named.name = leads.name;

drop table named;

create table known engine = Memory as
select leads.lead as lead, contacts.anonymous_id as anonymous_id, contacts.created_at as created_at
from contacts
inner join leads on contacts.name = leads.name;

create table evidence engine = Memory as
select anonymous_id, identified_at, min(evidence_lead) as lead
from (
    select assumeNotNull(anonymous_id) as anonymous_id, occurred_at as identified_at, assumeNotNull(lead) as evidence_lead
    from numbered
    where anonymous_id is not null and lead is not null
    union all
    select assumeNotNull(anonymous_id) as anonymous_id, created_at as identified_at, lead as evidence_lead
    from known
    where anonymous_id is not null
)
group by anonymous_id, identified_at;

create table attributed engine = Memory as
select assumeNotNull(lead) as lead, event_type, page_path, toDate(occurred_at) as occurred_on
from numbered
where lead is not null
union all
select assumeNotNull(coalesce(latest.lead, anonymous.earliest)) as lead, anonymous.event_type, anonymous.page_path, toDate(anonymous.occurred_at) as occurred_on
from (
    select
        assumeNotNull(numbered.anonymous_id) as anonymous_id,
        numbered.occurred_at as occurred_at,
        numbered.event_type as event_type,
        numbered.page_path as page_path,
        first_evidence.earliest as earliest
    from numbered
    inner join (select anonymous_id, argMin(lead, identified_at) as earliest from evidence group by anonymous_id) as first_evidence
        on numbered.anonymous_id = first_evidence.anonymous_id
    where numbered.lead is null
) as anonymous
asof left join evidence as latest
    on anonymous.anonymous_id = latest.anonymous_id
    and anonymous.occurred_at >= latest.identified_at;

drop table numbered;

-- which rules a page of an event type fires: there are far fewer of them than events
create table matches engine = Memory as
select pages.event_type as event_type, pages.page as page, rules.rule as rule, rules.max_per_day as max_per_day
from (select distinct event_type, coalesce(page_path, '') as page from attributed) as pages
inner join rules on pages.event_type = rules.event_type
where multiIf(
    rules.operator = 'eq', pages.page = rules.operand,
    rules.operator = 'in', has(splitByChar('|', rules.operand), pages.page),
    rules.operator = 'starts_with', startsWith(pages.page, rules.operand),
    rules.operator = 'contains', position(pages.page, rules.operand) > 0,
    rules.operator = 'matches', match(pages.page, rules.operand),
    true
);

create table counted_days engine = Memory as
select attributed.lead as lead, matches.rule as rule, attributed.occurred_on as occurred_on, toUInt32(least(count(), any(matches.max_per_day))) as occurrences
from attributed
inner join matches on attributed.event_type = matches.event_type and coalesce(attributed.page_path, '') = matches.page
group by attributed.lead, matches.rule, attributed.occurred_on;

create table scored_dates engine = Memory as
select toDate('{as_of}') - arrayJoin([0, 7, 30]) as scored_on;

-- what so many occurrences of that age are worth, in millionths: computed once for all leads
create table worths engine = Memory as
select
    occurring.rule as rule,
    occurring.age as age,
    occurring.occurrences as occurrences,
    toInt64(sign(rules.points) * intDiv(abs(toInt128(rules.points)) * occurring.occurrences * factors.factor + 5000000000, toInt128(10000000000))) as worth
from (
    select distinct rule, toInt32(scored_dates.scored_on - occurred_on) as age, occurrences
    from counted_days
    cross join scored_dates
    where occurred_on <= scored_dates.scored_on
) as occurring
inner join rules on occurring.rule = rules.rule
inner join factors on occurring.rule = factors.rule and occurring.age = factors.age;

create table points engine = Memory as
select by_rule.lead as lead, by_rule.scored_on as scored_on, sum(greatest(least(by_rule.uncapped, rules.max_points), -rules.max_points)) as points
from (
    select days.lead as lead, days.rule as rule, days.scored_on as scored_on, sum(worths.worth) as uncapped
    from (
        select lead, rule, occurrences, scored_dates.scored_on as scored_on, toInt32(scored_dates.scored_on - occurred_on) as age
        from counted_days
        cross join scored_dates
        where occurred_on <= scored_dates.scored_on
    ) as days
    inner join worths on days.rule = worths.rule and days.age = worths.age and days.occurrences = worths.occurrences
    group by days.lead, days.rule, days.scored_on
) as by_rule
inner join rules on by_rule.rule = rules.rule
group by by_rule.lead, by_rule.scored_on;

insert into function file('{output}', 'Parquet')
select
    leads.lead_id as lead_id,
    seen.scored_on as scored_on,
    toDecimal64(least(greatest(coalesce(points.points, 0), {score_min}), {score_max}), 6) / 1000000 as score_exact
from (
    select first_seen.lead as lead, scored_dates.scored_on as scored_on
    from (
        select lead, min(seen_on) as first_seen_on
        from (
            select lead, occurred_on as seen_on from attributed
            union all
            select lead, toDate(created_at) as seen_on from known
        )
        group by lead
    ) as first_seen
    cross join scored_dates
    where first_seen.first_seen_on <= scored_dates.scored_on
) as seen
inner join leads on seen.lead = leads.lead
left join points on seen.lead = points.lead and seen.scored_on = points.scored_on;

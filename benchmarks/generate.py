"""Make up raw events of any size: the `generic` tables of docs/interfaces.md, as a loader would have written them.

Every row is a function of its number: each choice is an integer hash of (number, purpose), so neither DuckDB's threads nor the order of the
work can change a row, and a file can be made again without the others. Who does how much follows Zipf; a quarter of the events only know a
browser; some come late, some twice, a few corrected.

    python -m benchmarks.generate 10 target/benchmarks/10 --days 3
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import duckdb
import typer

LAST_DAY = date(2026, 3, 10)
"""The last day of history; the days after it are files of their own."""
DAYS_OF_HISTORY = 545
PAGES = 2_000
LONGEST_DELAY = timedelta(days=46)
"""Up to 40 days late, and up to 5 more until it is delivered again."""
MEMORY_LIMIT = "3GB"
EVENTS_AT_ONCE = 5_000_000
"""What DuckDB describes in one statement, which has to fit into the memory."""

# How often of a thousand events. Those with a page are also what browsers do that nobody has identified.
EVENT_TYPES_WITH_PAGE = {
    "page_viewed": 400,
    "session_started": 60,
    "file_downloaded": 20,
    "form_submitted": 20,
    "video_viewed": 20,
    "site_searched": 15,
    "chat_started": 5,
    "webinar_registered": 5,
    "contact_requested": 4,
    "demo_requested": 3,
    "quote_requested": 2,
    "trial_started": 2,
}
EVENT_TYPES_WITHOUT_PAGE = {
    "email_delivered": 170,
    "email_opened": 100,
    "product_used": 60,
    "email_opened_by_machine": 40,
    "email_clicked": 40,
    "webinar_attended": 8,
    "email_bounced_soft": 6,
    "call_completed": 5,
    "email_replied": 4,
    "email_unsubscribed": 4,
    "event_registered": 3,
    "event_attended": 2,
    "meeting_booked": 2,
}
EVENT_TYPES = EVENT_TYPES_WITH_PAGE | EVENT_TYPES_WITHOUT_PAGE

SECTIONS = (
    "blog", "product", "pricing", "docs", "customers", "careers", "webinars", "compare", "integrations", "security",
    "academy", "events", "partners", "press", "support", "templates", "guides", "tools", "industries", "about",
)  # fmt: skip
SUBJECTS = ("scoring", "segments", "cycles", "consent", "attribution", "email", "forms", "reports", "privacy", "routing", "trial")
FIRST_NAMES = ("anna", "ben", "clara", "david", "elena", "felix", "greta", "hugo", "ines", "jonas", "katja", "leon", "maria")
LAST_NAMES = ("adler", "bach", "costa", "dahl", "evans", "fischer", "garcia", "holm", "jensen", "koch", "lopez", "meyer", "novak")
COMPANIES = ("alder", "beacon", "cobalt", "delta", "ember", "falcon", "granite", "harbour", "indigo", "juniper", "kestrel")
INDUSTRIES = ("software", "manufacturing", "logistics", "finance", "retail", "healthcare", "education", "energy")
JOB_TITLES = ("CTO", "Marketing Manager", "Head of Procurement", "Sales Director", "Software Engineer", "Student", "Consultant")
COUNTRIES = ("DE", "FR", "GB", "US", "NL", "AT", "CH", "ES", "SE")

# Thirty-two bits of a number and a purpose; u is below n, each as often. zipf() has its density at rank r in proportion to r^(-2/3).
MACROS = """
create macro stirred(bits) as (xor(bits, bits >> 16::ubigint) * 73244475::ubigint) & 4294967295::ubigint;
create macro draw(number, purpose) as
    stirred(stirred(stirred((cast(number as ubigint) + cast('0x' || left(md5(purpose), 8) as ubigint)) & 4294967295::ubigint)));
create macro below(number, purpose, n) as cast((draw(number, purpose) * cast(n as ubigint)) >> 32::ubigint as bigint);
create macro zipf(number, purpose, n) as
    cast((((((draw(number, purpose) * draw(number, purpose)) >> 32::ubigint) * draw(number, purpose)) >> 32::ubigint) * cast(n as ubigint)) >> 32::ubigint as bigint);
create macro pick(number, purpose, options) as options[1 + below(number, purpose, len(options))];

create macro has_contact(lead) as below(lead, 'contact', 2) = 0;
create macro has_email(lead) as not has_contact(lead) or below(lead, 'contact without e-mail', 50) > 0;
create macro company(lead) as pick(lead, 'company', {companies}) || below(lead, 'company number', 5000) || '.example';
create macro email(lead) as pick(lead, 'first name', {first_names}) || '.' || pick(lead, 'last name', {last_names}) || lead || '@' || company(lead);
create macro contact_id(lead) as 'c' || lpad(cast(lead as varchar), 9, '0');
create macro anonymous_id(browser) as left(md5('browser' || browser), 20);
-- in history half of the browsers are never told whose they are
create macro is_told(browser) as below(browser, 'told', 2) = 0;
"""

# An event is its number i; the numbers from {events} on are those of the days after history.
EVENTS = """
create macro day_of(i) as (i - {events}) // {events_a_day};
create macro occurred_at(i) as case
    when i < {events} then make_timestamp({starts} + i * {step} + below(i, 'jitter', 3600) * 1000000)
    -- a day's late ones happened up to 40 days before
    else make_timestamp({ends} + day_of(i) * 86400000000 + below(i, 'time of day', 82800) * 1000000 + below(i, 'microseconds', 1000000))
        - to_days(cast(case when below(i, 'late', 100) = 0 then 1 + below(i, 'delay', 40) else 0 end as integer))
end;
create macro first_loaded_at(i) as case
    when i < {events} then least(
        occurred_at(i) + to_seconds(60 + below(i, 'latency', 3000) + case when below(i, 'late', 100) = 0 then below(i, 'delay', 3456000) else 0 end),
        make_timestamp({ends} - 1000000)
    )
    else make_timestamp({ends} + day_of(i) * 86400000000 + 82800000000 + below(i, 'latency', 3500) * 1000000)
end;
"""

# What the delivery of an event says. A browser is now and then used by somebody else; `delivery` is 2 for a correction.
DELIVERIES = """
with numbered as (

    select
        i,
        delivery,
        loaded_at,
        zipf(i, 'lead', {active_leads}) as lead,
        below(i, 'only a browser', 4) = 0 as is_anonymous,
        case when delivery = 2 then zipf(i, 'corrected page', {pages}) else zipf(i, 'page', {pages}) end as page
    from ({deliveries})

),

typed as (

    select
        numbered.*,
        types.event_type,
        types.has_page,
        2 * numbered.lead + below(i, 'browser', 2) + case when below(i, 'borrowed', 200) = 0 then 2 else 0 end as browser
    from numbered
    inner join types
        on types.is_anonymous = numbered.is_anonymous
        and types.draw = below(i, 'type', types_drawn())

),

named as (

    select
        *,
        not is_anonymous and has_email(lead) as may_name_email,
        not is_anonymous and has_contact(lead) and (not has_email(lead) or below(i, 'names contact', 3) = 0) as names_contact
    from typed

)

select
    md5('event' || named.i) as event_id,
    named.event_type,
    occurred_at(named.i) as occurred_at,
    named.loaded_at,
    cast(case when named.delivery = 2 then 1 else 0 end as integer) as event_version,
    case
        when named.may_name_email and (not named.names_contact or below(named.i, 'names both', 10) = 0)
            -- some forms keep the capitals that were typed
            then case when below(named.i, 'capitals', 20) = 0 then upper(email(named.lead)) else email(named.lead) end
    end as email,
    case when named.names_contact then contact_id(named.lead) end as contact_id,
    case
        when named.is_anonymous then anonymous_id(named.browser)
        when named.has_page and below(named.i, 'names browser', 3) = 0 and (named.i >= {events} or is_told(named.browser))
            then anonymous_id(named.browser)
    end as anonymous_id,
    case when named.has_page then left(md5(named.browser || ' ' || cast(occurred_at(named.i) as date)), 16) end as session_id,
    case when named.has_page then pages.page_path end as page_path,
    case when named.event_type like 'email%' then 'mail-' || below(named.i, 'mail', 600) end as email_id,
    case when named.event_type = 'page_viewed' and below(named.i, 'tagged', 30) = 0 then pick(named.i, 'campaign', ['search', 'social']) end as utm_source,
    case when named.event_type = 'page_viewed' then cast(below(named.i, 'duration', 300) as double) end as duration_seconds,
    case when named.event_type = 'product_used' then '{{"feature": "' || pick(named.i, 'feature', {subjects}) || '"}}' end as properties
from named
inner join pages on named.page = pages.page
"""
AS_LOADED = "select * from ({rows}) order by loaded_at, event_id"

CONTACTS = """
select
    contact_id(lead) as contact_id,
    case when has_email(lead) then email(lead) end as email,
    created_at + to_hours(below(lead, 'contact loaded', 24)) as loaded_at,
    created_at,
    created_at as updated_at,
    case when below(lead, 'contact on browser', 10) = 0 then anonymous_id(2 * lead) end as anonymous_id,
    pick(lead, 'first name', {first_names}) as first_name,
    pick(lead, 'last name', {last_names}) as last_name,
    company(lead) as company_domain,
    pick(lead, 'job title', {job_titles}) as job_title,
    pick(lead, 'industry', {industries}) as industry,
    pick(lead, 'country', {countries}) as country,
    10 + zipf(lead, 'employees', 20000) as employee_count,
    below(lead, 'opted out', 30) = 0 as is_email_opted_out,
    below(lead, 'consent', 3) > 0 as has_marketing_consent
from (
    select
        lead,
        make_timestamp({starts} + below(lead, 'created', {days_of_history} - 2) * 86400000000 + below(lead, 'created at', 86400) * 1000000) as created_at
    from (select range as lead from range({leads}))
    where has_contact(lead)
)
order by loaded_at, contact_id
"""


@dataclass(frozen=True)
class Size:
    """How much there is of everything, for so many million events."""

    million: float

    @property
    def events(self) -> int:
        """Events of history, redeliveries apart."""
        return round(self.million * 1_000_000)

    @property
    def events_a_day(self) -> int:
        """New events of each day after history."""
        return max(1, self.events * 3 // 1000)

    @property
    def leads(self) -> int:
        """People, of whom some do nothing."""
        return max(10, self.events // 10)

    @property
    def active_leads(self) -> int:
        """People who do something."""
        return self.leads * 6 // 10


def generate(folder: Path, million: float, days: int = 1) -> None:
    """Write `raw/generic/` (history) and `days/day_<n>.parquet` (what each day after it brings) into ``folder``.

    What stands there already is kept; a folder is either whole or absent.
    """
    if folder.exists():
        if len(list((folder / "days").glob("*.parquet"))) < days:
            raise ValueError(f"{folder} holds fewer than {days} days of new events; remove it to have it made again")
        return
    making = folder.with_name(folder.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    events = making / "raw" / "generic" / "events"
    events.mkdir(parents=True)
    (making / "days").mkdir()
    size = Size(million)
    with connected(size, making / "spilled") as connection:
        write(connection, CONTACTS.format(**sql_words(size)), making / "raw" / "generic" / "contacts.parquet")
        for together in months_at_once(size):
            loaded = history_loaded(size, together[0][0], together[-1][1])
            rows = DELIVERIES.format(deliveries=loaded, **sql_words(size))
            connection.execute(f"create or replace temp table deliveries as {rows}")
            for first, end in together:
                of_month = f"from deliveries where loaded_at >= timestamp '{first}' and loaded_at < timestamp '{end}'"
                write(connection, AS_LOADED.format(rows=of_month), events / f"{first:%Y-%m}.parquet")
        for day in range(1, days + 1):
            loaded = day_loaded(size, day)
            rows = DELIVERIES.format(deliveries=loaded, **sql_words(size))
            write(connection, AS_LOADED.format(rows=rows), making / "days" / f"day_{day}.parquet")
    shutil.rmtree(making / "spilled", ignore_errors=True)
    making.rename(folder)


def months() -> Iterator[tuple[datetime, datetime]]:
    """The calendar months of history, each as its first moment and the first moment after it."""
    first = (starts_at()).replace(day=1)
    while first < ends_at():
        end = (first + timedelta(days=32)).replace(day=1)
        yield first, min(end, ends_at())
        first = end


def months_at_once(size: Size) -> Iterator[list[tuple[datetime, datetime]]]:
    """The months in groups of about as many events as are described in one statement."""
    every = list(months())
    length = max(1, len(every) * EVENTS_AT_ONCE // size.events)
    for start in range(0, len(every), length):
        yield every[start : start + length]


def starts_at() -> datetime:
    """The first moment of history."""
    return ends_at() - timedelta(days=DAYS_OF_HISTORY)


def ends_at() -> datetime:
    """The first moment after history."""
    return datetime.combine(LAST_DAY, datetime.min.time()) + timedelta(days=1)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, taken as UTC."""
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def step(size: Size) -> int:
    """Microseconds from one event to the next; the last hour is left for jitter and latency."""
    return (microseconds(ends_at()) - microseconds(starts_at()) - 3 * 3_600_000_000) // size.events


def history_loaded(size: Size, first: datetime, end: datetime) -> str:
    """SQL for the deliveries loaded from ``first`` up to ``end``: event number, which delivery it is, when it was loaded."""
    number = [
        min(max((microseconds(moment) - microseconds(starts_at())) // step(size) + 1, 0), size.events)
        for moment in (first - LONGEST_DELAY - timedelta(days=1), end)
    ]
    return f"""
        select i, delivery, loaded_at
        from (
            select i, 0 as delivery, first_loaded_at(i) as loaded_at
            from (select range as i from range({number[0]}, {number[1]}))
            union all
            select
                i,
                case when below(i, 'corrected', 20) = 0 then 2 else 1 end as delivery,
                least(first_loaded_at(i) + to_seconds(3600 + below(i, 'again after', 428400)), make_timestamp({microseconds(ends_at()) - 1_000_000})) as loaded_at
            from (select range as i from range({number[0]}, {number[1]}))
            where below(i, 'again', 50) = 0
        )
        where loaded_at >= timestamp '{first}' and loaded_at < timestamp '{end}'
    """


def day_loaded(size: Size, day: int) -> str:
    """SQL for the deliveries of a day after history: its own events, and events of history once more."""
    first = size.events + (day - 1) * size.events_a_day
    return f"""
        select i, 0 as delivery, first_loaded_at(i) as loaded_at
        from (select range as i from range({first}, {first + size.events_a_day}))
        union all
        select below(i, 'delivered again', {size.events}) as i, case when below(i, 'corrected', 20) = 0 then 2 else 1 end as delivery, first_loaded_at(i) as loaded_at
        from (select range as i from range({first}, {first + size.events_a_day}))
        where below(i, 'again', 50) = 0
    """


def sql_words(size: Size) -> dict[str, object]:
    """What the SQL texts name."""
    lists = {
        "companies": COMPANIES, "first_names": FIRST_NAMES, "last_names": LAST_NAMES, "subjects": SUBJECTS,
        "industries": INDUSTRIES, "job_titles": JOB_TITLES, "countries": COUNTRIES,
    }  # fmt: skip
    return {name: list(options) for name, options in lists.items()} | {
        "events": size.events,
        "events_a_day": size.events_a_day,
        "leads": size.leads,
        "active_leads": size.active_leads,
        "pages": PAGES,
        "days_of_history": DAYS_OF_HISTORY,
        "starts": microseconds(starts_at()),
        "ends": microseconds(ends_at()),
        "step": step(size),
    }


def connected(size: Size, spilled: Path) -> duckdb.DuckDBPyConnection:
    """A connection that knows the macros, the pages and how often each event type is drawn."""
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(spilled)})
    connection.execute(MACROS.format(**sql_words(size)))
    connection.execute(EVENTS.format(**sql_words(size)))
    paths = [page_path(page) for page in range(PAGES)]
    connection.execute(
        "create table pages as select unnest(range(len(paths))) as page, unnest(paths) as page_path from (select ? as paths)",
        [paths],
    )
    connection.execute("create table types (is_anonymous boolean, draw bigint, event_type varchar, has_page boolean)")
    for is_anonymous, weights in ((True, EVENT_TYPES_WITH_PAGE), (False, EVENT_TYPES)):
        drawn = [name for name, weight in weights.items() for _ in range(weight)]
        connection.execute(
            """
            insert into types
            select ?, draw, drawn[1 + draw * len(drawn) // 1000], list_contains(?, drawn[1 + draw * len(drawn) // 1000])
            from (select unnest(range(1000)) as draw, ? as drawn)
            """,
            [is_anonymous, list(EVENT_TYPES_WITH_PAGE), drawn],
        )
    connection.execute("create macro types_drawn() as 1000")
    return connection


def page_path(page: int) -> str:
    """The path of a page, the most viewed one being number 0: `/blog/scoring-20`; some are written with capitals."""
    section = SECTIONS[page % len(SECTIONS)]
    if page < len(SECTIONS):
        return f"/{section}"
    path = f"/{section}/{SUBJECTS[page % len(SUBJECTS)]}-{page}"
    return path.title() if page % 97 == 0 else path


def write(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write what a query gives, in its order."""
    connection.execute(f"copy ({query}) to '{file}' (format parquet)")


def main(
    million: Annotated[float, typer.Argument(help="How many million events.")],
    folder: Annotated[Path, typer.Argument(help="The folder to write; it must not exist.")],
    days: Annotated[int, typer.Option(help="How many days of new events.")] = 1,
) -> None:
    """Make up raw events and contacts, and some days of new events."""
    generate(folder, million, days)


if __name__ == "__main__":
    typer.run(main)

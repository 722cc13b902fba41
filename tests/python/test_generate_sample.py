"""The made-up sample: always the same, in the contract's shape, with every situation it promises.

What is promised is stated here a second time, in terms of the raw rows alone, so that the generator cannot vouch for itself.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import generate_sample as script
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "scripts" / "generate_sample.py"
SHIPPED = PROJECT / "sample" / "raw"
LAST_DAY = date(2026, 3, 10)


TABLES = ["events", "contacts", "accounts", "identity_links", "adjustments", "outcomes", "erasures"]

text, whole, big, number, flag = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()
moment, day, points = pa.timestamp("us"), pa.date32(), pa.decimal128(10, 4)

# docs/interfaces.md section 1, in its order.
CONTRACT: dict[str, list[tuple[pa.DataType, str]]] = {
    "events": [
        (text, "event_id event_type"),
        (moment, "occurred_at loaded_at"),
        (whole, "event_version"),
        (flag, "is_deleted"),
        (text, "email contact_id anonymous_id session_id page_path page_title referrer email_id link_url"),
        (text, "asset campaign utm_source utm_medium utm_campaign"),
        (number, "duration_seconds amount"),
        (text, "properties"),
    ],
    "contacts": [
        (text, "contact_id email"),
        (moment, "loaded_at created_at updated_at"),
        (text, "anonymous_id first_name last_name company company_domain job_title seniority department industry country city"),
        (big, "employee_count"),
        (number, "annual_revenue"),
        (text, "lead_source persona phone"),
        (whole, "age cycle_months"),
        (flag, "is_email_opted_out has_marketing_consent"),
        (moment, "consented_at"),
        (text, "owner lifecycle_stage"),
        (moment, "enriched_at"),
    ],
    "accounts": [
        (text, "company_domain name industry country"),
        (big, "employee_count"),
        (number, "annual_revenue"),
        (moment, "updated_at loaded_at"),
    ],
    "identity_links": [(text, "contact_id merged_into_contact_id"), (moment, "occurred_at loaded_at")],
    "adjustments": [
        (text, "adjustment_id email contact_id score_model"),
        (points, "points"),
        (text, "reason author"),
        (day, "effective_on expires_on"),
        (moment, "loaded_at"),
    ],
    "outcomes": [
        (text, "outcome_id email contact_id outcome reason"),
        (moment, "occurred_at loaded_at"),
        (number, "amount"),
    ],
    "erasures": [(text, "email contact_id"), (moment, "requested_at loaded_at")],
}


def fingerprint(raw: Path, table: str) -> tuple[int, str]:
    """Return the number of rows and a digest of all rows in their order; NaN and infinity count as themselves."""
    query = """
        select count(*), md5(string_agg(md5(cast(delivered as varchar)), '' order by delivered.file_row_number))
        from read_parquet($file, file_row_number = true) as delivered
    """
    return duckdb.connect().execute(query, {"file": str(raw / "generic" / f"{table}.parquet")}).fetchall()[0]


def fingerprints(raw: Path) -> dict[str, tuple[int, str]]:
    return {table: fingerprint(raw, table) for table in TABLES}


def generate(
    output: Path, *, leads: int = 2_000, seed: int = script.DEFAULT_SEED, months: int = 14, threads: int | None = None
) -> Path:
    script.generate(script.Parameters(leads, seed, LAST_DAY, months), output, threads=threads)
    return output


@pytest.fixture(scope="session")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest sample there is, of another seed: what is promised is promised at every size."""
    return generate(tmp_path_factory.mktemp("smallest"), leads=1_000, seed=7)


# --- Always the same ------------------------------------------------------------------------------------------------------


def test_shipped_sample_is_a_fresh_generation_on_one_thread(tmp_path: Path) -> None:
    assert fingerprints(SHIPPED) == fingerprints(generate(tmp_path, threads=1))


def test_threads_and_chunks_change_no_row(tmp_path: Path, smallest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "LEADS_PER_CHUNK", 333)
    assert fingerprints(generate(tmp_path, leads=1_000, seed=7, threads=3)) == fingerprints(smallest)


@pytest.mark.parametrize("change", [{"seed": 8}, {"months": 13}], ids=str)
def test_seed_and_months_matter(tmp_path: Path, smallest: Path, change: dict[str, int]) -> None:
    other = generate(tmp_path, **{"leads": 1_000, "seed": 7, **change})
    assert fingerprint(other, "events") != fingerprint(smallest, "events")


def test_history_may_be_five_years_and_end_with_a_year(tmp_path: Path) -> None:
    assert min(script.generate(script.Parameters(1_000, 1, date(2025, 12, 31), 60), tmp_path).values()) > 0


def test_history_starts_on_the_last_day_of_a_shorter_month() -> None:
    assert script.Parameters(1_000, 1, date(2024, 5, 31), 3).first_day == date(2024, 2, 29)
    assert script.Parameters(1_000, 1, date(2026, 3, 10), 14).first_day == date(2025, 1, 10)


# --- In the contract's shape ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_columns_and_types_are_those_of_the_contract(table: str) -> None:
    expected = [(name, kind) for kind, names in CONTRACT[table] for name in names.split()]
    file = pq.ParquetFile(SHIPPED / "generic" / f"{table}.parquet")
    assert [(field.name, field.type) for field in file.schema_arrow] == expected
    chunk = file.metadata.row_group(0)
    assert {chunk.column(index).compression for index in range(chunk.num_columns)} == {"ZSTD"}


def test_shipped_sample_is_small_and_complete() -> None:
    files = sorted((SHIPPED / "generic").iterdir())
    assert [file.name for file in files] == sorted(f"{table}.parquet" for table in TABLES)
    assert sum(file.stat().st_size for file in files) < 4_000_000


def test_readme_states_the_rows() -> None:
    told = re.findall(r"\| `(\w+)\.parquet` \| ([\d,]+) \|", (PROJECT / "sample" / "README.md").read_text(encoding="utf-8"))
    assert {table: int(rows.replace(",", "")) for table, rows in told} == {
        table: fingerprint(SHIPPED, table)[0] for table in TABLES
    }


def test_generated_folder_holds_nothing_else(smallest: Path) -> None:
    assert sorted(file.name for file in (smallest / "generic").iterdir()) == sorted(f"{table}.parquet" for table in TABLES)


# --- With every situation it promises -------------------------------------------------------------------------------------

# The quarantine of docs/design.md, the first reason that holds. A column that cannot be read as its type cannot be shown in
# typed Parquet; that reason belongs to the sources that take text.
REASON = """
    case
        when coalesce(trim(event_id), '') = '' then 'missing_event_id'
        when coalesce(trim(event_type), '') = '' then 'missing_event_type'
        when lower(trim(event_type)) not in (select event_type from known_types) then 'unknown_event_type'
        when occurred_at is null then 'missing_occurred_at'
        when loaded_at is null then 'missing_loaded_at'
        when occurred_at < timestamp '1970-01-01' or occurred_at >= timestamp '10000-01-01' then 'impossible_time'
        when occurred_at > loaded_at + interval 1 day then 'future_event'
        when trim(coalesce(email, '') || coalesce(contact_id, '') || coalesce(anonymous_id, ''), ' ' || chr(160)) = '' then 'no_identity'
        when duration_seconds < 0 then 'negative_duration'
        when not isfinite(amount) or not isfinite(duration_seconds) or abs(amount) >= 1e12 or duration_seconds >= 1e9
            then 'impossible_number'
    end
"""
REASONS = [
    "missing_event_id",
    "missing_event_type",
    "unknown_event_type",
    "missing_occurred_at",
    "missing_loaded_at",
    "impossible_time",
    "future_event",
    "no_identity",
    "negative_duration",
    "impossible_number",
]

VIEWS = f"""
    create table judged as select *, {REASON} as fault from events;
    create table good as
        select * replace (lower(trim(event_type)) as event_type), nfc_normalize(lower(trim(email, ' ' || chr(160) || chr(8203)))) as address
        from judged where fault is null;
    create table standing as
        select * from good
        qualify row_number() over (partition by event_id order by coalesce(event_version, 0) desc, loaded_at, occurred_at) = 1;
    create table addresses as select contact_id, lower(email) as address from contacts group by all;
    create table order_days as
        select coalesce(contact_id, address) as buyer, cast(occurred_at as date) as ordered_on
        from standing where event_type = 'order_completed' and occurred_at < timestamp '2026-03-11' group by all;
    create table gaps as
        select buyer, ordered_on, date_diff('day', lag(ordered_on) over (partition by buyer order by ordered_on), ordered_on) as gap
        from order_days;
    create table cycles as
        select buyer, round(median(gap) / 30.4375) as months, stddev_pop(gap) / avg(gap) as variation,
            date_diff('day', max(ordered_on), date '2026-03-10') / median(gap) as gaps_since
        from gaps group by buyer having count(*) >= 3;
"""

# situation -> (a query that counts it, how often it is there at least in the smallest sample)
SITUATIONS: dict[str, tuple[str, int]] = {
    # e-mail addresses and people
    "visitors who are never identified": (
        """select count(distinct anonymous_id) from good where anonymous_id not in (
            select anonymous_id from good where anonymous_id is not null and coalesce(email, contact_id) is not null
            union select anonymous_id from contacts where anonymous_id is not null)""",
        200,
    ),
    "visits before somebody is identified": (
        """select count(*) from (
            select anonymous_id, min(occurred_at) as first_at, min(occurred_at) filter (coalesce(email, contact_id) is not null) as known_at
            from good where anonymous_id is not null group by 1) where first_at < known_at - interval 1 day""",
        100,
    ),
    "devices that two people use": (
        """select count(*) from (select anonymous_id from good where address like '%@%' and anonymous_id is not null
            group by 1 having count(distinct split_part(address, '@', 1)) > 1)""",
        5,
    ),
    "people with two devices": (
        "select count(*) from (select address from good where anonymous_id is not null group by 1 having count(distinct anonymous_id) > 1)",
        20,
    ),
    "people whom only an address identifies": (
        "select count(distinct address) from good where address like '%@%' and address not in (select address from addresses where address is not null)",
        20,
    ),
    "contacts that never had an address": (
        "select count(*) from (select contact_id from contacts group by 1 having count(email) = 0)",
        10,
    ),
    "contacts of one address in two systems": (
        "select count(*) from (select address from addresses where address is not null group by 1 having count(*) > 1)",
        10,
    ),
    "contacts that change their address": (
        "select count(*) from (select contact_id from addresses where address is not null group by 1 having count(distinct address) > 1)",
        10,
    ),
    "contacts that were merged": ("select count(*) from identity_links", 20),
    "chains of merges": (
        """select count(*) from identity_links as first inner join identity_links as second on second.contact_id = first.merged_into_contact_id
            where second.merged_into_contact_id <> first.contact_id""",
        3,
    ),
    "cycles of merges": (
        """select count(*) from identity_links as first inner join identity_links as second on second.contact_id = first.merged_into_contact_id
            where second.merged_into_contact_id = first.contact_id""",
        2,
    ),
    "contacts merged twice": (
        "select count(*) from (select contact_id from identity_links group by 1 having count(distinct merged_into_contact_id) > 1)",
        1,
    ),
    "merges into a contact that is not there": (
        "select count(*) from identity_links where merged_into_contact_id not in (select contact_id from contacts where contact_id is not null)",
        1,
    ),
    "own staff": ("select count(distinct address) from good where address like '%@example-vendor.com'", 3),
    "free-mail addresses": ("select count(*) from addresses where address like 'fictitious-%@gmail.com'", 20),
    "competitors by domain": (
        "select count(distinct contact_id) from contacts where lower(company_domain) in ('example-competitor.com', 'example-rival.com')",
        2,
    ),
    "competitors by persona": ("select count(distinct contact_id) from contacts where persona = 'competitor'", 5),
    "consultants": (
        "select count(distinct contact_id) from contacts where job_title ilike '%consultant%' or persona = 'consultant'",
        10,
    ),
    "students": (
        "select count(distinct contact_id) from contacts where job_title ilike '%student%' or persona = 'student'",
        10,
    ),
    "job seekers": ("select count(*) from good where page_path like '/careers%'", 50),
    "addresses spelled in another case or with blanks": ("select count(*) from good where email <> lower(trim(email))", 20),
    "addresses with a zero-width character": ("select count(*) from good where contains(email, chr(8203))", 3),
    "addresses in another Unicode form": ("select count(*) from good where email <> nfc_normalize(email)", 2),
    "identities that are no address": ("select count(*) from good where address not like '%@%'", 3),
    # companies
    "companies with several leads": (
        """select count(*) from (select lower(company_domain) from contacts where company_domain is not null group by 1
            having count(distinct contact_id) > 3)""",
        20,
    ),
    "accounts with two versions": (
        "select count(*) from (select lower(company_domain) from accounts group by 1 having count(*) > 1)",
        10,
    ),
    "accounts in capitals": ("select count(*) from accounts where company_domain <> lower(company_domain)", 3),
    "companies of every size": (
        """select count(distinct case when employee_count < 5 then 1 when employee_count < 50 then 2 when employee_count < 1000 then 3 else 4 end)
            from accounts where employee_count is not null""",
        4,
    ),
    "fields of white space only": ("select count(*) from contacts where trim(last_name) = ''", 10),
    # deliveries
    "the same event twice, loaded at another time": (
        "select count(*) from (select event_id from good group by 1 having count(distinct loaded_at) > 1)",
        50,
    ),
    "the same row twice": ("select (select count(*) from good) - (select count(*) from (select distinct * from good))", 10),
    "the same id with another content": (
        """select count(*) from (select event_id from good where event_version is null group by 1
            having count(distinct (occurred_at, page_title, campaign)) > 1)""",
        10,
    ),
    "corrections": ("select count(*) from good where event_version = 1 and is_deleted is null", 20),
    "deletions": ("select count(*) from standing where is_deleted", 10),
    "deletions taken back": ("select count(*) from good where event_version = 2 and not is_deleted", 3),
    "late events": (
        "select count(*) from good where occurred_at >= timestamp '2025-01-10' and loaded_at > occurred_at + interval 2 day",
        200,
    ),
    "events forty days late": (
        "select count(*) from good where occurred_at >= timestamp '2025-01-10' and loaded_at > occurred_at + interval 35 day",
        5,
    ),
    "orders imported from before the tracking": ("select count(*) from good where occurred_at < timestamp '2024-06-01'", 50),
    "events after the last day": ("select count(*) from good where occurred_at >= timestamp '2026-03-11'", 50),
    "clocks ahead, within a day": ("select count(*) from good where occurred_at > loaded_at", 20),
    "codes in another spelling": (
        "select count(*) from judged where fault is null and event_type <> lower(trim(event_type))",
        10,
    ),
    "properties that are no object": (
        "select count(*) from good where properties is not null and not coalesce(try_cast(json_type(try_cast(properties as json)) as varchar) = 'OBJECT', false)",
        5,
    ),
    "contacts delivered twice": (
        "select (select count(*) from contacts) - (select count(*) from (select distinct * from contacts))",
        5,
    ),
    "contact versions loaded out of order": (
        """select count(*) from (select contact_id, loaded_at < lag(loaded_at) over (partition by contact_id order by updated_at) as is_behind from contacts)
            where is_behind""",
        1,
    ),
    # behaviour
    "opens by machines": ("select count(*) from good where event_type = 'email_opened_by_machine'", 300),
    "clicks by machines": ("select count(*) from good where event_type = 'email_clicked_by_machine'", 100),
    "minutes of webinars": (
        "select count(*) from good where event_type = 'webinar_attended' and properties like '{\"minutes\":%}'",
        20,
    ),
    "forms by name": ("select count(*) from good where event_type = 'form_submitted' and properties like '{\"form\":%}'", 100),
    "per cent of videos": (
        "select count(*) from good where event_type = 'video_viewed' and properties like '{\"percent\":%}'",
        50,
    ),
    "orders with a plan and an amount": (
        "select count(*) from good where event_type = 'order_completed' and properties like '{\"plan\":%}' and amount > 0",
        200,
    ),
    "visits with several pages and a duration": (
        "select count(*) from (select session_id from good where event_type = 'page_viewed' group by 1 having count(*) > 1 and sum(duration_seconds) > 0)",
        500,
    ),
    "visits of one page": (
        "select count(*) from (select session_id from good where event_type = 'page_viewed' group by 1 having count(*) = 1)",
        500,
    ),
    "visits from campaigns": ("select count(*) from good where utm_campaign is not null and utm_medium is not null", 200),
    "people who come back after half a year of silence": (
        """select count(distinct address) from (
            select address, occurred_at - lag(occurred_at) over (partition by address order by occurred_at) as pause from standing where address like '%@%')
            where pause > interval 180 day""",
        5,
    ),
    "people who unsubscribe": ("select count(distinct address) from standing where event_type = 'email_unsubscribed'", 5),
    "people who subscribe again": (
        """select count(*) from (select address from standing where event_type in ('email_unsubscribed', 'email_subscribed') group by 1
            having max(occurred_at) filter (event_type = 'email_subscribed') > min(occurred_at) filter (event_type = 'email_unsubscribed'))""",
        1,
    ),
    "opt-outs": ("select count(distinct contact_id) from contacts where is_email_opted_out", 10),
    "consent with a date": (
        "select count(distinct contact_id) from contacts where has_marketing_consent and consented_at is not null",
        100,
    ),
    "consent unknown": ("select count(distinct contact_id) from contacts where has_marketing_consent is null", 50),
    "enriched contacts": (
        "select count(distinct contact_id) from contacts where enriched_at is not null and employee_count is not null",
        100,
    ),
    # orders
    "buyers every three months": ("select count(*) from cycles where months = 3 and variation < 0.3", 10),
    "buyers every four months": ("select count(*) from cycles where months = 4 and variation < 0.3", 10),
    "irregular buyers": ("select count(*) from cycles where variation > 0.5", 2),
    "lapsed buyers": ("select count(*) from cycles where variation < 0.5 and gaps_since > 2.2", 3),
    "buyers of a season that is now": (
        """select count(*) from (select buyer from order_days where month(ordered_on) = 3 and ordered_on < date '2026-01-01'
            group by 1 having count(distinct year(ordered_on)) >= 2)""",
        3,
    ),
    "stated cycles": ("select count(distinct contact_id) from contacts where cycle_months in (3, 4, 12)", 10),
    "stated cycles that are none": ("select count(distinct contact_id) from contacts where cycle_months = 0", 1),
    # sales
    "adjustments that have expired": ("select count(*) from adjustments where expires_on <= date '2026-03-10'", 3),
    "adjustments that start later": ("select count(*) from adjustments where effective_on > date '2026-03-10'", 3),
    "adjustments in force": (
        "select count(*) from adjustments where effective_on <= date '2026-03-10' and coalesce(expires_on > date '2026-03-10', true)",
        5,
    ),
    "adjustments below zero": ("select count(*) from adjustments where points < 0", 3),
    "adjustments of another score model": ("select count(*) from adjustments where score_model <> 'default'", 1),
    "adjustments told again": ("select count(*) - count(distinct adjustment_id) from adjustments", 1),
    "adjustments by contact": ("select count(*) from adjustments where email is null and contact_id is not null", 5),
    "adjustments by address": ("select count(*) from adjustments where email is not null and contact_id is null", 5),
    "outcomes told again": ("select count(*) - count(distinct outcome_id) from outcomes", 1),
    "deals won in the last 90 days by people who had not bought before": (
        """select count(*) from (select substr(outcome_id, 1, 8) as person from outcomes where outcome = 'won' group by 1
            having min(occurred_at) >= timestamp '2025-12-11' and min(occurred_at) < timestamp '2026-03-11')""",
        5,
    ),
    "erasures by address": ("select count(*) from erasures where email is not null", 2),
    "erasures in another spelling": ("select count(*) from erasures where email <> lower(trim(email))", 1),
    "erasures by contact": ("select count(*) from erasures where contact_id is not null", 1),
    "erasures of people nobody knows": (
        """select count(*) from erasures where email not in (select address from good where address is not null)
            and lower(trim(email)) not in (select address from addresses where address is not null)""",
        1,
    ),
}


def open_raw(raw: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"create view {table} as select * from read_parquet('{raw / 'generic' / f'{table}.parquet'}')")
    with (PROJECT / "seeds" / "event_types.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["event_type"] for row in csv.DictReader(file)]
    connection.execute("create table known_types (event_type varchar)")
    connection.executemany("insert into known_types values (?)", [[code] for code in codes])
    connection.execute(VIEWS)
    return connection


@pytest.fixture(scope="session", params=["shipped", "smallest"])
def raw(request: pytest.FixtureRequest, smallest: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_raw(SHIPPED if request.param == "shipped" else smallest)
    yield connection
    connection.close()


def scalar(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    value = connection.execute(query).fetchall()[0][0]
    assert value is not None
    return float(value)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_situation_is_there(raw: duckdb.DuckDBPyConnection, situation: str) -> None:
    query, at_least = SITUATIONS[situation]
    assert scalar(raw, query) >= at_least


def test_every_event_type_is_there(raw: duckdb.DuckDBPyConnection) -> None:
    missing = raw.execute("select event_type from known_types where event_type not in (select event_type from good)").fetchall()
    assert missing == []


def test_every_reason_to_quarantine_is_there_twice_and_all_are_rare(raw: duckdb.DuckDBPyConnection) -> None:
    counts = dict(raw.execute("select fault, count(*) from judged where fault is not null group by 1").fetchall())
    assert set(counts) == set(REASONS)
    assert min(counts.values()) >= 2
    assert 0.002 < sum(counts.values()) / scalar(raw, "select count(*) from events") < 0.004


@pytest.mark.parametrize("column", ["contact_id", "created_at", "updated_at", "loaded_at"])
def test_contacts_that_cannot_be_read_are_there_twice(raw: duckdb.DuckDBPyConnection, column: str) -> None:
    assert scalar(raw, f"select count(*) from contacts where {column} is null") >= 2


@pytest.mark.parametrize("outcome", ["won", "lost", "accepted", "rejected", "contacted", "meeting"])
def test_every_outcome_is_there(raw: duckdb.DuckDBPyConnection, outcome: str) -> None:
    assert scalar(raw, f"select count(*) from outcomes where outcome = '{outcome}'") >= 20


def test_nothing_is_loaded_after_the_files_were_pulled(raw: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        assert scalar(raw, f"select count(*) from {table} where loaded_at > timestamp '2026-03-14 06:00:00'") == 0


def test_late_means_forty_days_at_most(raw: duckdb.DuckDBPyConnection) -> None:
    query = """select count(*) from good where event_version is null and occurred_at >= timestamp '2025-01-10'
        and cast(loaded_at as date) > cast(occurred_at as date) + 43"""
    assert scalar(raw, query) == 0


def test_addresses_are_nobody_s(raw: duckdb.DuckDBPyConnection) -> None:
    """Domains are reserved, ours, or free mail; free-mail addresses say that they are made up."""
    query = """
        select count(*) from (select address from good union select lower(trim(email)) from contacts) as told (address)
        where address like '%@%' and not regexp_matches(address, '\\.example$|@example-(vendor|competitor|rival)\\.com$|^fictitious-')
    """
    assert scalar(raw, query) == 0


def test_activity_is_unequal() -> None:
    """Many have a few events, a few have hundreds; about 30 a lead."""
    with open_raw(SHIPPED) as connection:
        query = (
            "select count(*) as events from standing where substr(event_id, 2, 7) <= '0002000' group by substr(event_id, 2, 7)"
        )
        assert 55_000 < scalar(connection, "select count(*) from events") < 66_000
        assert (
            scalar(connection, f"select median(events) from ({query})")
            < 20
            < scalar(connection, f"select avg(events) from ({query})")
        )
        assert scalar(connection, f"select max(events) from ({query})") > 400
        assert scalar(connection, f"select count(*) from ({query}) where events <= 5") > 200


def test_a_sensible_score_foretells_who_buys_but_not_surely() -> None:
    """The area under the curve of a crude score 90 days before the last day, against `won` in the 90 days after it."""
    query = """
        with scores as (

            select
                substr(event_id, 2, 7) as person,
                sum(power(0.5, date_diff('day', occurred_at, timestamp '2025-12-10') / 45.0) * case
                    when event_type like '%requested' or event_type in ('trial_started', 'meeting_held', 'call_completed') then 30
                    when event_type = 'page_viewed' and page_path like '/pricing%' then 20
                    when event_type in ('webinar_attended', 'file_downloaded', 'form_submitted', 'email_clicked') then 10
                    when event_type in ('page_viewed', 'email_opened') then 3
                    else 0
                end) as points
            from standing
            where occurred_at < timestamp '2025-12-11'
            group by 1

        ),

        deals as (

            select substr(outcome_id, 2, 7) as person, min(occurred_at) as won_at
            from outcomes where outcome = 'won' group by 1

        ),

        ranked as (

            select
                deals.won_at is not null and deals.won_at < timestamp '2026-03-11' as is_won,
                rank() over (order by scores.points) + (count(*) over (partition by scores.points) - 1) / 2.0 as place
            from scores
            left join deals on deals.person = scores.person
            where scores.person <= '0002000' and coalesce(deals.won_at >= timestamp '2025-12-11', true)

        )

        select
            (sum(place) filter (is_won) - count(*) filter (is_won) * (count(*) filter (is_won) + 1) / 2.0)
            / (count(*) filter (is_won) * count(*) filter (not is_won))
        from ranked
    """
    with open_raw(SHIPPED) as connection:
        assert 0.7 < scalar(connection, query) < 0.95


# --- The command ----------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


def test_command_writes_and_says_how_many_rows(tmp_path: Path) -> None:
    finished = run("--leads", "1000", "--months", "3", "--last-day", "2024-02-29", "--output", str(tmp_path))
    assert finished.returncode == 0, finished.stderr
    assert [line.split()[0] for line in finished.stdout.splitlines()] == TABLES
    assert "\x1b" not in finished.stdout


def test_help_names_every_parameter() -> None:
    finished = run("--help")
    assert finished.returncode == 0
    for option in ("--leads", "--seed", "--last-day", "--months", "--output"):
        assert option in finished.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--leads", "2000"],
        ["--leads", "999", "--output", "unused"],
        ["--leads", "1000001", "--output", "unused"],
        ["--months", "2", "--output", "unused"],
        ["--last-day", "10.03.2026", "--output", "unused"],
        ["--last-day", "1999-12-31", "--output", "unused"],
        ["--output", str(SCRIPT)],
        ["--output", "/proc/nowhere"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2

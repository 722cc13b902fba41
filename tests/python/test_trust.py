"""What a build does for those who trust it: erased people are gone to the last byte, what was never published is in no history, and SQL of a run reads nothing that it should not."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from building import Project, environment
from lead_scoring import erasing, publishing
from lead_scoring.errors import GUARDED, CommandError

DAY = "2026-03-10"
NEEDLE = "zebulon.plantagenet@needle.example"
NUMBER = "+49 170 5550 0199"
EVENTS = "event_id,event_type,occurred_at,loaded_at,email,anonymous_id,page_path,properties\n"
CONTACTS = "contact_id,email,loaded_at,created_at,updated_at,first_name,last_name,phone\n"


def write(raw: Path, table: str, text: str) -> None:
    """A raw CSV file of the source generic."""
    (raw / "generic" / table).mkdir(parents=True, exist_ok=True)
    number = len(list((raw / "generic" / table).iterdir())) + 1
    (raw / "generic" / table / f"{number}.csv").write_text(text, encoding="utf-8")


def events_of(email: str, days: range, event_type: str = "page_viewed") -> str:
    """An event a day."""
    return "".join(
        f"{email}-{day},{event_type},2026-03-{day:02d} 10:00:00,2026-03-{day:02d} 11:00:00,{email},browser{len(email)},/pricing,\n"
        for day in days
    )


def visits_of(browser: str, days: range) -> str:
    """Visits of a day each, of which nobody says whose they are."""
    return "".join(
        f"{browser}-{day},page_viewed,2026-03-{day:02d} 12:00:00,2026-03-{day:02d} 13:00:00,,{browser},/blog,\n" for day in days
    )


def build(project: Project, raw: Path, day: str = DAY, **variables: Any) -> None:
    """Build as the command line does, which awaits the publication."""
    with environment(LEAD_SCORING_AWAITS_PUBLICATION="yes"):
        project.build(raw, {"as_of_date": day, **variables})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path / "project")
    monkeypatch.setattr(erasing, "PROJECT", project.folder)
    return project


def files_with(folder: Path, needle: str) -> list[str]:
    """The files below a folder that hold a text, but for the raw data."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "raw" not in path.relative_to(folder).parts and needle.encode() in path.read_bytes()
    )


def test_whoever_asks_to_be_forgotten_is_gone_to_the_last_byte(project: Project) -> None:
    """Planted in every table of the raw data, in what is quarantined and in a line that is no row; afterwards in no file but the raw ones. An old file that comes again changes nothing."""
    raw = project.folder / "raw"
    write(
        raw,
        "events",
        EVENTS
        + events_of(NEEDLE, range(1, 10))
        + events_of("ann@example.com", range(2, 9))
        + events_of("bob@example.com", range(5, 6))
        # Known by the browser alone: nothing of these rows changes when the person is erased.
        + visits_of(f"browser{len(NEEDLE)}", range(1, 10)),
    )
    write(
        raw,
        "events",
        EVENTS
        + f"bad,page_viewed,not a time,2026-03-09 11:00:00,{NEEDLE},,/pricing,\n"
        + f"worse,page_viewed,2026-03-09 10:00:00,2026-03-09 11:00:00,{NEEDLE},,/pricing,,,,one too many\n",
    )
    write(
        raw,
        "contacts",
        CONTACTS
        + f'z1,{NEEDLE},2026-03-01 00:00:00,2026-02-01 00:00:00,2026-03-01 00:00:00,Zebulon,Plantagenet,"{NUMBER}"\n'
        + f'z2,{NEEDLE},2026-03-01 00:00:00,,2026-03-01 00:00:00,Zebulon,Plantagenet,"{NUMBER}"\n'
        + "a1,ann@example.com,2026-03-01 00:00:00,2026-02-01 00:00:00,2026-03-01 00:00:00,Ann,Example,\n",
    )
    write(
        raw,
        "adjustments",
        "adjustment_id,email,score_model,points,reason,author,effective_on,loaded_at\n"
        f"m1,{NEEDLE},default,5,Met {NEEDLE} at the fair,eve,2026-03-02,2026-03-02 00:00:00\n"
        f"m2,{NEEDLE},no_such_model,5,Met,eve,2026-03-02,2026-03-02 00:00:00\n",
    )
    write(
        raw,
        "outcomes",
        f"outcome_id,email,outcome,occurred_at,loaded_at\no1,{NEEDLE},contacted,2026-03-03 00:00:00,2026-03-03 00:00:00\n",
    )
    build(project, raw)
    assert publishing.publish(project.database, accept_guards=True).version is not None
    (project.folder / "logs").mkdir(exist_ok=True)
    (project.folder / "logs" / "dbt.log").write_text(f"Original Line: {NEEDLE}\n", encoding="utf-8")
    assert len(project.rows(f"select * from quarantine.events where contains(raw_text, '{NEEDLE}')")) == 2
    assert project.rows(f"select * from quarantine.records where contains(raw_text, '{NEEDLE}')")
    assert project.rows("select * from marts.fct_lead_score_contributions where entry_type = 'manual'")
    assert "lead_scoring.duckdb" in files_with(project.folder, NEEDLE)
    others = "select lead_id, score_exact, score, segment, top_reasons from marts.fct_lead_scores join marts.dim_leads using (lead_id) where email <> '{}' order by all"
    before = project.rows(others.format(NEEDLE))
    assert len(before) == 2
    assert project.rows("select count(*) as visits from intermediate.int_events_counted where page_path = '/blog'") == [
        {"visits": 9}
    ]

    write(raw, "erasures", f"email,requested_at,loaded_at\n {NEEDLE.upper()} ,2026-03-09 00:00:00,2026-03-09 00:00:00\n")
    build(project, raw)
    published = publishing.publish(project.database, accept_guards=True)
    assert published.purged == 1
    for needle in (NEEDLE, NUMBER, "Plantagenet"):
        assert files_with(project.folder, needle) == []
    assert project.rows(others.format(NEEDLE)) == before
    folder = publishing.published_folder(project.database)
    with publishing.connect(folder) as connection:
        assert connection.execute("select people from publication.erasures").fetchall() == [(1,)]
        assert connection.execute("select count(*) from marts.dim_leads").fetchall() == [(2,)]
    assert project.rows("select is_day_run from runs.this_run") == [{"is_day_run": True}]
    assert project.rows("select count(*) as visits from intermediate.int_events_counted where page_path = '/blog'") == [
        {"visits": 0}
    ]

    shutil.copy(raw / "generic" / "events" / "1.csv", raw / "generic" / "events" / "old_file_again.csv")
    build(project, raw)
    assert publishing.publish(project.database, accept_guards=True).purged == 0
    # Every run reads the lines of text files anew; none of them stays.
    assert files_with(project.folder, NEEDLE) == []
    assert project.rows(others.format(NEEDLE)) == before
    assert project.rows("select count(*) as leads from marts.dim_leads") == [{"leads": 2}]


def test_what_was_never_published_is_in_no_history(project: Project) -> None:
    """A guard stops a run whose feed broke; the next run, with the feed mended, takes back what that run had entered in the log."""
    raw = project.folder / "raw"
    write(raw, "events", EVENTS + "".join(events_of(f"lead{number}@example.com", range(1, 4)) for number in range(10)))
    build(project, raw)
    publishing.publish(project.database)
    log = "select lead_id, score_model, published_on, score, is_gone from state.int_scores_published order by all"
    published = project.rows(log)
    whole = raw / "generic" / "events" / "1.csv"
    content = whole.read_text(encoding="utf-8")
    whole.write_text(EVENTS + events_of("lead0@example.com", range(1, 4)), encoding="utf-8")
    build(project, raw, day="2026-03-11")
    with pytest.raises(CommandError, match=r"leads_kept: default has 10\.0% of the leads") as error:
        publishing.publish(project.database)
    assert error.value.exit_code == GUARDED
    assert sum(row["is_gone"] for row in project.rows(log)) == 9
    whole.write_text(content, encoding="utf-8")
    build(project, raw, day="2026-03-11")
    assert not any(row["is_gone"] for row in project.rows(log))
    assert publishing.publish(project.database).version is not None
    assert [row for row in project.rows(log) if str(row["published_on"]) == DAY] == published
    # A plain build awaits nobody.
    whole.write_text(EVENTS + events_of("lead0@example.com", range(1, 4)), encoding="utf-8")
    project.build(raw, {"as_of_date": "2026-03-12"})
    build(project, raw, day="2026-03-12")
    assert sum(row["is_gone"] for row in project.rows(log)) == 9


def model_reading(file: Path) -> str:
    return f"select content from read_text('{file}')\n"


@pytest.mark.parametrize(
    ("variables", "is_let"), [({}, False), ({"lead_scoring_external_access": True}, True)], ids=["locked down", "external access"]
)
def test_a_model_reads_no_file_that_is_not_of_the_project(
    project: Project, tmp_path: Path, variables: Mapping[str, Any], is_let: bool
) -> None:
    """Nor by a link out of the raw folder, nor does it write one; models of one's own that have to may be let."""
    raw = project.folder / "raw"
    write(raw, "events", EVENTS + events_of("ann@example.com", range(1, 3)))
    outside = tmp_path / "outside.txt"
    outside.write_text("secret", encoding="utf-8")
    link = raw / "link.txt"
    link.symlink_to(outside)
    models = project.folder / "models" / "marts"
    ways = {
        "way_by_path": model_reading(outside),
        "way_by_parent": model_reading(raw / ".." / ".." / "outside.txt"),
        "way_by_link": model_reading(link),
        "way_by_glob": f"select * from read_blob('{tmp_path}/*.txt')\n",
    }
    for name, text in ways.items():
        (models / f"{name}.sql").write_text("{{ config(contract={'enforced': false}) }}\n" + text, encoding="utf-8")
    outcome = project.dbt("run", "--select", *ways, raw=raw, variables={"as_of_date": DAY, **variables})
    results = [result for result in outcome.result if result.node.name in ways]
    statuses = {result.node.name: str(result.status) for result in results}
    assert statuses == dict.fromkeys(ways, "success" if is_let else "error")
    if not is_let:
        assert all("disabled by configuration" in result.message for result in results)


def test_events_are_kept_no_longer_than_said(project: Project) -> None:
    """As if what is older had never come; the first run of a month makes everything anew, the others go on."""
    raw = project.folder / "raw"
    old = "old,page_viewed,2026-01-31 23:59:59,2026-02-01 00:10:00,old@example.com,,/blog,\n"
    write(raw, "events", EVENTS + old + events_of("ann@example.com", range(1, 5)))
    days = [("2026-03-10", 37, ["ann@example.com"], False), ("2026-03-20", 37, ["ann@example.com"], True)]
    days += [("2026-04-09", 37, ["ann@example.com"], False), ("2026-04-09", 0, ["ann@example.com", "old@example.com"], False)]
    for day, kept, emails, is_day_run in days:
        build(project, raw, day=day, lead_scoring_retention_days=kept)
        assert [row["email"] for row in project.rows("select email from marts.dim_leads order by email")] == emails, day
        assert project.rows("select is_day_run from runs.this_run") == [{"is_day_run": is_day_run}], day
        rows = project.rows("select sum(row_count) as found from marts.rpt_source_rows where outcome = 'scored'")
        assert rows == [{"found": 4 if kept else 5}]


def test_whoever_has_not_consented_is_not_scored_where_that_is_asked(project: Project) -> None:
    raw = project.folder / "raw"
    people = ("yes", "no", "withdrawn", "silent", "again", "at_once")
    write(raw, "events", EVENTS + "".join(events_of(f"{name}@example.com", range(1, 3)) for name in people))
    consents = {"yes": ["true"], "no": ["false"], "withdrawn": ["true", "false"], "silent": [""], "again": ["false", "true", ""]}
    at_once = "at_once,at_once@example.com,2026-03-01 00:00:00,2026-03-01 00:00:00,2026-03-01 00:00:00,"
    rows = [
        f"{name},{name}@example.com,2026-03-0{version} 00:00:00,2026-03-01 00:00:00,2026-03-0{version} 00:00:00,{consent}"
        for name, said in consents.items()
        for version, consent in enumerate(said, start=1)
    ] + [f"{at_once}true", f"{at_once}false"]
    write(raw, "contacts", "contact_id,email,loaded_at,created_at,updated_at,has_marketing_consent\n" + "\n".join(rows) + "\n")
    build(project, raw, lead_scoring_score_without_consent=False)
    found = "select email from marts.fct_lead_scores join marts.dim_leads using (lead_id) order by email"
    assert [row["email"] for row in project.rows(found)] == ["again@example.com", "yes@example.com"]
    # The audit holds the laws: nobody is in the ledger who has no score.
    assert publishing.publish(project.database).version is not None
    assert project.rows("select count(distinct lead_id) as leads from marts.fct_lead_score_contributions") == [{"leads": 2}]
    build(project, raw)
    assert len(project.rows(found)) == len(people)

"""A new source in one command: what is guessed, what is written, what is refused; that it builds at once and keeps the rules of the house."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import lint_sql
import pyarrow
import pyarrow.parquet
import pytest
import yaml
from conftest import REPOSITORY, Copy, clean_environment, copy_project
from lead_scoring import errors, guesses, scaffold

# A copy of the project, its raw folder, what the command said, and the files before it ran.
Made = tuple[Copy, Path, dict[str, Any], dict[str, bytes]]

VISITS = """\
id,Action,created_at,E-Mail Address,url,visitor_id,score_total,seen_at,order
007,PageView,2026-03-01 10:00:00,ann@example.com,https://acme.example/pricing?utm_source=news,v1,5,2026-03-01,x
8,Request Quote,2026-03-02T10:00:00Z,ANN@example.com,,v1,6.5,soon,y
9,Heartbeat,2026-03-02T11:00:00Z,ann@example.com,,v1,7,,z
10,pageview,2026-03-03 10:00:00,,https://acme.example/,v1,8,,z
"""
PEOPLE = [
    {"_id": "c1", "email": "ann@example.com", "firstName": "Ann", "createdAt": "2026-01-01T00:00:00Z", "Employees": 12},
    {"_id": "c2", "email": "bob@example.com", "jobTitle": "Head of sales", "createdAt": "2026-02-01T00:00:00Z"},
]
TABLES = ("--table", "events=visits", "--table", "contacts=people", "--table", "outcomes=deals")


def write_sample(folder: Path) -> Path:
    """Files of a made-up system: gzipped CSV, JSON lines, Parquet in a folder, and one that nothing reads."""
    folder.mkdir(parents=True)
    with gzip.open(folder / "visits.csv.gz", "wt", encoding="utf-8", newline="") as file:
        file.write(VISITS)
    (folder / "people.jsonl").write_text("".join(json.dumps(row) + "\n" for row in PEOPLE), encoding="utf-8")
    (folder / "deals").mkdir()
    deals: dict[str, list[Any]] = {
        "deal_id": [7],
        "stage": ["won"],
        "closed_at": [datetime(2026, 3, 3)],
        "person_id": ["c1"],
        "value": [9.5],
        "seats": [3],
        "is_big": [True],
    }
    pyarrow.parquet.write_table(pyarrow.table(deals), folder / "deals" / "part.parquet")
    (folder / "colours.csv").write_text("name,shade_count\nred,3\nblue,1\n", encoding="utf-8")
    (folder / "read me.txt").write_text("not a table", encoding="utf-8")
    return folder


def call(project: Copy, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/new_source.py", *arguments],
        cwd=project.folder,
        env=clean_environment({"COLUMNS": "200"}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def build(project: Copy, raw: Path, source: str) -> subprocess.CompletedProcess[str]:
    """What a user types: dbt build on the one source, every test included that is about it."""
    return subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "build", "--no-use-colors", "--exclude-resource-type", "unit_test"),
            *("--vars", json.dumps({"as_of_date": "2026-03-10", "lead_scoring_sources": [source]})),
        ],
        cwd=project.folder,
        env=clean_environment({"LEAD_SCORING_RAW": str(raw)}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )


def rows(project: Copy, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(project.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def state_of(project: Copy) -> dict[str, bytes]:
    """Every file that the command may touch."""
    kept = ("models", "seeds", "docs", "dbt_project.yml")
    paths = [path for part in kept for path in [project.folder / part, *(project.folder / part).rglob("*")] if path.is_file()]
    return {path.relative_to(project.folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A copy of the project with a source out of the sample: the copy, the raw folder, what was said, and the files before."""
    root = tmp_path_factory.mktemp("new_source")
    project = copy_project(root / "project")
    before = state_of(project)
    sample = write_sample(root / "raw" / "acme")
    result = call(project, "acme", *TABLES, "--sample", str(sample), "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    return project, root / "raw", json.loads(result.stdout), before


# Guesses


def test_names_are_compared_whatever_their_spelling() -> None:
    assert {guesses.plain(name) for name in ("E-Mail Address", "e_mail_address", "E_MAIL ADDRESS")} == {"e_mail_address"}
    assert guesses.plain("firstName") == "first_name"


@pytest.mark.parametrize(
    ("kind", "names", "expected"),
    [
        ("events", ["e_mail", "timestamp", "event", "id"], {"email": "e_mail", "occurred_at": "timestamp", "event_type": "event", "event_id": "id"}),
        ("events", ["id", "event_id", "created_at", "occurred_at"], {"event_id": "event_id", "occurred_at": "occurred_at"}),
        ("contacts", ["id", "Email Address", "created_at", "_fivetran_synced"], {"contact_id": "id", "email": "Email Address", "created_at": "created_at", "loaded_at": "_fivetran_synced"}),
        ("identity_links", ["from_id", "to_id", "merged_at"], {"contact_id": "from_id", "merged_into_contact_id": "to_id", "occurred_at": "merged_at"}),
        ("contacts", ["shoe_size"], {}),
        ("events", ["date_hit", "tracking_id", "lead"], {"occurred_at": "date_hit", "anonymous_id": "tracking_id", "contact_id": "lead"}),
        ("events", ["hit_date"], {"occurred_at": "hit_date"}),
        ("events", ["date_submitted"], {"occurred_at": "date_submitted"}),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_name(kind: str, names: list[str], expected: dict[str, str]) -> None:
    assert guesses.columns_of(kind, scaffold.canonical_columns()[kind], names) == expected


@pytest.mark.parametrize(
    ("kind", "column", "name", "speaks_for", "speaks_against"),
    [
        ("events", "page_path", "page", ["/pricing", "7"], ["7", "12"]),
        ("events", "event_type", "code", ["open", "404"], ["200", "404"]),
        ("contacts", "job_title", "title", ["Mr", "Head of sales"], ["Mr.", "mrs", "Dr."]),
    ],
)
def test_a_name_counts_only_where_its_values_do_not_speak_against_it(
    kind: str, column: str, name: str, speaks_for: list[str], speaks_against: list[str]
) -> None:
    told = {
        str(values): guesses.columns_of(kind, [column], [name], lambda _, found=values: found)  # type: ignore[misc]
        for values in (speaks_for, [], speaks_against)
    }
    assert list(told.values()) == [{column: name}, {column: name}, {}]


def test_every_known_name_is_a_canonical_one_and_every_code_an_event_type() -> None:
    """The two files of names speak of columns and event types that exist, and each canonical column that can be found is found by its own name."""
    columns = scaffold.canonical_columns()
    for file in ("column_names.csv", "code_names.csv"):
        with (REPOSITORY / "scripts" / "lead_scoring" / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                names = row["names"].split("|")
                assert len(set(names)) == len(names), row
                if file == "column_names.csv":
                    kinds = [row["kind"]] if row["kind"] else list(columns)
                    assert any(row["column"] in columns[kind] for kind in kinds) or row["column"] in scaffold.ADDRESSES, row
                else:
                    assert row["event_type"] in scaffold._event_types(), row
    for kind, types in columns.items():
        missing = [name for name in types if name != "is_out_of_scope" and name not in guesses.columns_of(kind, types, types)]
        assert missing == [], kind


def test_codes_are_guessed_by_name() -> None:
    types = scaffold._event_types()
    told = {code: guesses.event_type_of(code, types) for code in ("page_viewed", "PageView", "Request Quote", "open", "fax")}
    assert told == {
        "page_viewed": "page_viewed",
        "PageView": "page_viewed",
        "Request Quote": "quote_requested",
        "open": "email_opened",
        "fax": None,
    }


# What is written


def test_types_come_from_what_a_column_becomes_its_parquet_type_or_its_values(made: Made) -> None:
    project = made[0]
    (declared,) = yaml.safe_load((project.folder / "models/staging/acme/_acme__sources.yml").read_text(encoding="utf-8"))[
        "sources"
    ]
    types = {table["name"]: {column["name"]: column["data_type"] for column in table["columns"]} for table in declared["tables"]}
    assert types["visits"] == {
        "id": "string", "Action": "string", "created_at": "timestamp", "E-Mail Address": "string", "url": "string", "visitor_id": "string",
        "score_total": "double", "seen_at": "string", "order": "string",
    }  # fmt: skip
    assert types["deals"] == {
        "deal_id": "string", "stage": "string", "closed_at": "timestamp", "person_id": "string", "value": "double", "seats": "bigint", "is_big": "boolean",
    }  # fmt: skip
    assert types["people"]["Employees"] == "bigint"
    assert types["colours"] == {"name": "string", "shade_count": "double"}


def test_every_canonical_column_stands_in_a_model_once(made: Made) -> None:
    project, _, told, _ = made
    assert set(told["columns"]) == {"events", "contacts", "outcomes"}
    for kind in told["columns"]:
        declared = yaml.safe_load((project.folder / "models/staging/acme/_acme__models.yml").read_text(encoding="utf-8"))[
            "models"
        ]
        (model,) = [model for model in declared if model["name"] == f"stg_acme__{kind}"]
        names = [column["name"] for column in model["columns"]]
        assert names[: len(scaffold.canonical_columns()[kind])] == list(scaffold.canonical_columns()[kind])
        assert len(set(names)) == len(names)


def test_only_two_files_change_and_only_by_what_is_added(made: Made) -> None:
    project, _, told, before = made
    after = state_of(project)
    assert set(after) - set(before) == set(told["written"]) - {"dbt_project.yml", "seeds/source_event_types.csv"}
    assert {name for name in before if after[name] != before[name]} == {"dbt_project.yml", "seeds/source_event_types.csv"}
    was, now = (files["dbt_project.yml"].decode().splitlines() for files in (before, after))
    added = [line for line in now if line not in was]
    assert added == ["    acme: [events, contacts, outcomes]", "    acme: [visits]"]
    assert [line for line in now if line not in added] == was
    variables = yaml.safe_load(after["dbt_project.yml"])["vars"]
    assert list(variables["lead_scoring_staged"])[-1] == list(variables["lead_scoring_event_tables"])[-1] == "acme"
    codes = after["seeds/source_event_types.csv"].decode()
    assert codes.startswith(before["seeds/source_event_types.csv"].decode())
    assert [line.rsplit(",", 1)[0] for line in codes.splitlines()[-3:]] == [
        "acme,Heartbeat,", "acme,PageView,page_viewed", "acme,Request Quote,quote_requested",
    ]  # fmt: skip


def test_make_lint_looks_at_the_new_source(made: Made) -> None:
    """sqlfluff skips the models of a source that is off, so every source is turned on for it."""
    told = tomllib.loads(lint_sql.settings(made[0].folder / "dbt_project.yml"))
    sources = told["tool"]["sqlfluff"]["templater"]["dbt"]["context"]["lead_scoring_sources"]
    assert {"generic", "hubspot", "acme"} <= set(sources)
    recipes = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert recipes.count("scripts/lint_sql.py") == 2
    assert "bin/sqlfluff" not in recipes


def test_what_is_not_known_is_said(made: Made) -> None:
    told = made[2]
    assert any("Heartbeat" in gap for gap in told["gaps"])
    assert any(note.startswith("read me.txt is left out") for note in told["notes"])
    assert len(told["next"]) == 3
    assert f"LEAD_SCORING_RAW={made[1]} " in told["next"][2]


def plan_of(folder: Path, tables: dict[str, str], **files: str) -> scaffold.Plan:
    """What would be written for a few CSV files."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return scaffold.plan("newcomer", tables, [], folder)


def test_csv_is_read_as_the_build_reads_it(tmp_path: Path) -> None:
    """Rows that a build would quarantine as no CSV are counted, and give columns no type; every other row is there."""
    torn = "id,email,occurred_at,body,hits_total\n" + "".join(
        f'{i},ann@example.com,2026-03-01,"{{\\"page\\":\\"/x\\", \\"n\\":{i}}}",{i}\n' for i in range(3)
    )
    good = 'id,email,occurred_at,body,hits_total\n1,ann@example.com,2026-03-01,"{""page"":""/x"", ""n"":1}\nand more",4\n'
    plan = plan_of(tmp_path, {"events": "torn"}, torn=torn, good=good, short="a,b\n1,2\n3\n4,5,6\n")
    assert [note for note in plan.notes if "as the build reads it" in note] == [
        "1 of 3 rows of short.csv are no CSV as the build reads it: they have fewer values than the header has names; the separator has to be a comma.",
        "1 of 3 rows of short.csv are no CSV as the build reads it: they have more values than the header has names; a value that holds a comma has to stand in quotes.",
        '3 of 3 rows of torn.csv are no CSV as the build reads it: a quote inside a value has to be doubled, not written \\"; write the file anew.',
    ]
    assert plan.tables["torn"]["hits_total"] == "string"
    assert plan.tables["good"]["hits_total"] == "double"


def test_a_hash_that_lacks_who_or_when_says_so(tmp_path: Path) -> None:
    hits = "code,page,body\nopen,/x,1\nopen,/x,2\nopen,/y,3\n"
    deals = "outcome,email,closed_at\nwon,ann@example.com,2026-03-01\n"
    plan = plan_of(tmp_path, {"events": "hits", "outcomes": "deals"}, hits=hits, deals=deals)
    assert [gap for gap in plan.gaps if "the hash" in gap] == [
        "stg_newcomer__events: no id was found, and the hash that stands in for it lacks who and when: of 3 rows 2 are different, "
        "the others count as duplicates. Add the columns that tell rows apart to event_id."
    ]


def test_what_is_read_out_of_an_address_is_told_by_its_own_name(tmp_path: Path) -> None:
    """``page_url`` and ``website`` are no canonical columns: the properties and the page name what is made of them, and a column is made of one."""
    events = "id,page,url,email,date_hit\n1,/x,https://www.example.com/x?utm_source=news,ann@example.com,2026-03-01\n"
    plan = plan_of(tmp_path, {}, events=events, contacts="id,website,date_added,Title\n1,www.acme.example,2026-03-01,Mr.\n")
    texts = {path.name: text for path, text in plan.files.items()}
    declared = yaml.safe_load(texts["_newcomer__sources.yml"])["sources"][0]["tables"]
    told = {column["name"]: column["description"] for table in declared for column in table["columns"]}
    assert told["page"] == "Becomes page_path."
    assert told["url"] == "Becomes utm_source, utm_medium and utm_campaign."
    assert told["website"] == "Becomes company_domain."
    assert told["Title"] == "As delivered; nothing reads it yet."
    assert "{{ lead_scoring.website_domain('source.website') }} as company_domain," in texts["stg_newcomer__contacts.sql"]
    assert "| company_domain | `website` |" in texts["newcomer.md"]
    assert [address for address in scaffold.ADDRESSES if address in texts["newcomer.md"]] == ["website"]
    (tmp_path / "events.csv").write_text(events.replace(",/x,", ",7,"), encoding="utf-8")
    (staged, *_) = scaffold.plan("newcomer", {}, [], tmp_path).staged
    assert "page_path" not in staged.columns
    assert staged.expressions["page_path"] == "{{ lead_scoring.url_path('source.url') }}"


# That it works


def test_it_builds_at_once_and_scores(made: Made) -> None:
    """Every row is accounted for, the codes mean what the seed says, and the people have scores."""
    project, raw, _, _ = made
    built = build(project, raw, "acme")
    assert built.returncode == 0, built.stdout[-3000:]
    assert rows(project, "select raw_table, outcome, reason, row_count from marts.rpt_source_rows order by all") == [
        ("visits", "out_of_scope", None, 1),
        ("visits", "scored", None, 3),
    ]
    assert rows(project, "select event_id, event_type, page_path, utm_source, lower(email) from staging.stg_acme__events where event_type is not null order by all") == [
        ("007", "page_viewed", "/pricing", "news", "ann@example.com"),
        ("10", "page_viewed", "/", None, None),
        ("8", "quote_requested", None, None, "ann@example.com"),
    ]  # fmt: skip
    assert rows(project, "select email, first_name, job_title, employee_count from marts.dim_leads order by email") == [
        ("ann@example.com", "Ann", None, 12),
        ("bob@example.com", None, "Head of sales", None),
    ]
    assert rows(project, "select outcome, amount from intermediate.int_outcomes_resolved") == [("won", 9.5)]
    assert rows(project, "select max(score) > 0 from marts.fct_lead_scores") == [(True,)]


def test_without_a_sample_every_kind_builds_on_nothing_and_keeps_the_rules_of_the_house(tmp_path: Path) -> None:
    """A source of all kinds, written blind, and one whose table has names of every sort; the house rules are run on the copy."""
    project = copy_project(tmp_path / "project")
    staged = yaml.safe_load((project.folder / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["lead_scoring_staged"]
    for source in set(staged) - {"generic"}:
        shutil.rmtree(project.folder / "models" / "staging" / source, ignore_errors=True)
    kinds = [word for kind in scaffold.KINDS[2:] for word in ("--kind", kind)]
    assert call(project, "blind", *kinds).returncode == 0
    sample = tmp_path / "odd"
    sample.mkdir()
    (sample / "hits.csv").write_text(
        "Select,Page URL,When,Who's,E-mail\n1,https://a.example/x,2026-03-01,x,ann@example.com\n", encoding="utf-8"
    )
    odd = call(project, "odd_1", "--table", "events=hits", "--sample", str(sample))
    assert odd.returncode == 0, odd.stderr
    assert "hits.Who's is left out" in odd.stdout
    assert "nothing looks like occurred_at; until you name it every row is quarantined." in odd.stdout
    built = build(project, tmp_path / "no_such_folder", "blind")
    assert built.returncode == 0, built.stdout[-3000:]
    house = project.folder / "tests" / "python"
    house.mkdir(parents=True)
    for name in ("conftest.py", "building.py", "landing.py", "test_house_rules.py"):
        shutil.copy(REPOSITORY / "tests" / "python" / name, house / name)
    shutil.copy(REPOSITORY / "pyproject.toml", project.folder / "pyproject.toml")
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:xdist",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=",
            "tests/python/test_house_rules.py",
        ],
        cwd=project.folder,
        env={**clean_environment(), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,
    )
    assert ran.returncode == 0, ran.stdout[-5000:]


# What is refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Acme",), "is no name for a source"),
        (("acme__shop",), "is no name for a source"),
        (("1acme",), "is no name for a source"),
        (("../acme",), "is no name for a source"),
        (("generic",), "There is a source generic already, in models/staging/"),
        (("hubspot",), "seeds/source_event_types.csv"),
        (("acme", "--table", "visits=events"), "is not KIND=TABLE"),
        (("acme", "--table", "events=my visits"), "is not KIND=TABLE"),
        (("acme", "--table", "events=visits", "--table", "events=hits"), "events is named twice, as visits and hits."),
        (("acme", "--kind", "visits"), "is not one of"),
        (("acme", "--sample", "no/such/folder"), "does not exist"),
        (("acme", "--sample", "sample/raw/generic", "--table", "events=visits"), "has no table visits; it has accounts, adjustments, contacts"),
        ((), "Missing argument"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2_and_writes_nothing(untouched: Copy, arguments: tuple[str, ...], sentence: str) -> None:
    before = state_of(untouched)
    result = call(untouched, *arguments)
    assert result.returncode == errors.WRONG_USAGE, result.stdout + result.stderr
    assert sentence in " ".join(result.stderr.replace("│", " ").split())
    assert state_of(untouched) == before


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the project that nothing may change."""
    return copy_project(tmp_path_factory.mktemp("untouched") / "project")


def test_files_that_cannot_be_read_exit_1(untouched: Copy, tmp_path: Path) -> None:
    before = state_of(untouched)
    (tmp_path / "events.csv").write_bytes(b"id,name\n1,\xff\n")
    (tmp_path / "events.jsonl").write_text("{}", encoding="utf-8")
    result = call(untouched, "acme", "--sample", str(tmp_path))
    assert (result.returncode, "files of several formats" in result.stderr) == (errors.DATA_WRONG, True)
    (tmp_path / "events.jsonl").unlink()
    (tmp_path / "events.csv").rename(tmp_path / "events.parquet")
    result = call(untouched, "acme", "--sample", str(tmp_path))
    assert (result.returncode, "events cannot be read" in result.stderr) == (errors.DATA_WRONG, True)
    assert state_of(untouched) == before


def test_the_folder_above_the_sources_is_recognised(tmp_path: Path) -> None:
    """Its folders look like tables: of one format, or of several."""
    (tmp_path / "newcomer").mkdir()
    (tmp_path / "newcomer" / "hits.csv").write_text("id\n1\n", encoding="utf-8")
    with pytest.raises(errors.CommandError, match=re.escape(f"above the source's? Then say --sample {tmp_path / 'newcomer'}.")):
        scaffold.plan("newcomer", {"events": "hits"}, [], tmp_path)
    for number in range(30):
        (tmp_path / "newcomer" / f"more_{number}.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(errors.CommandError, match="the folder above the source's") as refused:
        scaffold.plan("newcomer", {"events": "hits"}, [], tmp_path)
    assert len(str(refused.value)) < 500


def test_a_second_time_it_refuses(made: Made) -> None:
    project, _, _, _ = made
    before = state_of(project)
    result = call(project, "acme")
    assert result.returncode == errors.WRONG_USAGE
    assert "models/staging/, docs/sources/, dbt_project.yml, seeds/source_event_types.csv" in result.stderr
    assert state_of(project) == before


# That the page is right


def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    """Its files are written, its changes made and its commands run, in its order; the result is what it promises."""
    page = (REPOSITORY / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    project = copy_project(tmp_path / "project")
    files = re.findall(r"^`(raw/\S+)`:\n\n```csv\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    assert len(files) == 2
    for name, text in files:
        (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / name).write_text(text, encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    commands = [line for language, block in blocks if not language for line in block.splitlines()]
    assert [command.split()[1:3] for command in commands] == [
        ["scripts/new_source.py", "acme"], *(["scripts/lead_scoring", name] for name in ("check", "build", "show", "explain")),
    ]  # fmt: skip
    said = run_line(project, commands[0])
    (promised,) = re.findall(r"^> (stg_acme.*)$", page, flags=re.MULTILINE)
    assert promised in said
    (lines,) = [block for language, block in blocks if language == "sql" and "-- times" in block]
    model = project.folder / "models" / "staging" / "acme" / "stg_acme__events.sql"
    sql = model.read_text(encoding="utf-8").replace("        -- provenance\n", f"{lines}\n        -- provenance\n")
    for column in ("occurred_at", "loaded_at"):
        assert f"'{column}', " in sql
        sql = sql.replace(f"'{column}', ", "")
    model.write_text(sql, encoding="utf-8")
    sources = model.with_name("_acme__sources.yml")
    declared = sources.read_text(encoding="utf-8")
    column = '- name: happened\n            description: "As delivered; nothing reads it yet."\n            data_type: '
    assert column + "string" in declared
    sources.write_text(declared.replace(column + "string", column + "timestamp"), encoding="utf-8")
    said = {command.split()[2]: run_line(project, command) for command in commands[1:]}
    assert "ann@acme.example" in said["show"]
    assert "out of scope" in said["show"]
    assert "`make build`" in " ".join(said["show"].split())
    assert "Asked for a quote" in said["explain"]
    assert rows(project, "select outcome, row_count from marts.rpt_source_rows where source = 'acme' order by all") == [
        ("out_of_scope", 1),
        ("scored", 3),
    ]
    assert rows(project, "select count(*) from quarantine.events") == [(0,)]


def run_line(project: Copy, line: str) -> str:
    """Run a command line in the project as a user with the environment active does; what it says."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    ran = subprocess.run(
        ["bash", "-c", line],
        cwd=project.folder,
        env={**clean_environment({"COLUMNS": "140"}), "PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert ran.returncode == 0, f"{line}\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
    return ran.stdout

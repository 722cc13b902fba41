"""Another project installs this one, brings rules and segments of its own, and builds a mart on top."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from conftest import REPOSITORY, clean_environment
from lead_scoring import dbt

EVENTS = """
    ('1', 'page_viewed', timestamp '2026-03-10 10:00', 'ann@example.com', '/shop/boots'),
    ('2', 'page_viewed', timestamp '2026-02-03 10:00', 'ann@example.com', '/about'),
    ('3', 'page_viewed', timestamp '2026-03-10 10:00', 'bob@example.com', '/about'),
    ('4', 'quote_requested', timestamp '2026-03-10 10:00', 'bob@example.com', null)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database that the project under tests/install built."""
    folder = tmp_path_factory.mktemp("install") / "project"
    shutil.copytree(
        REPOSITORY / "tests" / "install", folder, ignore=shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb")
    )
    raw = folder / "raw" / "generic"
    raw.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select *, occurred_at as loaded_at from (values {EVENTS}) as events(event_id, event_type, occurred_at, email, page_path)) "
            f"to '{raw / 'events.parquet'}'"
        )
        connection.execute(
            "copy (select 'c1' as contact_id, 'ann@example.com' as email, 5000 as employee_count, known_from as loaded_at, known_from as created_at, known_from as updated_at "
            f"from (select timestamp '2026-01-01' as known_from)) to '{raw / 'contacts.parquet'}'"
        )
    environment = clean_environment(
        {"LEAD_SCORING_PACKAGE": str(REPOSITORY), "ACME_DB": str(folder / "acme_bi.duckdb"), "LEAD_SCORING_RAW": str(raw.parent)}
    )
    for command in (["deps"], ["build"]):
        run = subprocess.run(
            [dbt.find(), *command, "--no-use-colors", "--profiles-dir", "."],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert "WARN" not in run.stdout.replace("WARN=0", ""), run.stdout
    return folder / "acme_bi.duckdb"


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_rules_are_those_of_the_installing_project(installed: Path) -> None:
    """7 points fade over 70 days; the published rules (quotes, industries, silence) give nothing."""
    found = rows(
        installed,
        "select email, rule_id, points from crm.fct_lead_score_contributions join crm.dim_leads using (lead_id) order by email, rule_id",
    )
    assert found == [
        ("ann@example.com", "big_company", Decimal(20)),
        ("ann@example.com", "page", Decimal("10.5")),
        ("ann@example.com", "shop_page", Decimal(11)),
        ("bob@example.com", "page", Decimal(7)),
        ("cara@example.com", "big_company", Decimal(20)),
        ("cara@example.com", "page", Decimal(7)),
        ("cara@example.com", "shop_page", Decimal(11)),
    ]


def test_the_segments_are_those_of_the_installing_project(installed: Path) -> None:
    found = rows(
        installed,
        "select email, score, segment, temperature from crm.fct_lead_scores join crm.dim_leads using (lead_id) order by email",
    )
    assert found == [
        ("ann@example.com", 42, "call", "hot"),
        ("bob@example.com", 7, "watch", "cold"),
        ("cara@example.com", 38, "call", "hot"),
    ]


def test_a_mart_on_top_and_the_actions_of_the_project(installed: Path) -> None:
    assert [row[0] for row in rows(installed, "select email from acme.call_list order by email")] == [
        "ann@example.com",
        "cara@example.com",
    ]
    assert (
        rows(installed, "select segment, action, channel, sla_hours from crm.fct_next_actions")
        == [("call", "call", "phone", 8)] * 2
    )


def test_a_source_of_own_models_is_accounted_for(installed: Path) -> None:
    """Every row went somewhere, under the model's name; a blank address is none; what is quarantined can be looked at."""
    assert rows(
        installed, "select raw_table, outcome, reason, row_count from crm.rpt_source_rows where source = 'shop' order by all"
    ) == [
        ("acme_shop_events", "out_of_scope", None, 1),
        ("acme_shop_events", "quarantined", "no_identity", 1),
        ("acme_shop_events", "quarantined", "unknown_event_type", 1),
        ("acme_shop_events", "scored", None, 1),
    ]
    ((told,),) = rows(installed, "select raw_text from quarantine.events where source = 'shop' and reason = 'no_identity'")
    assert json.loads(str(told))["page_path"] == "/shop/hats"
    assert rows(installed, "select 1 from information_schema.schemata where schema_name = 'raw_shop'") == []


@pytest.mark.parametrize(
    ("own_models", "sentence"),
    [
        ({"shop": {"events": "acme_shop_event"}}, "'acme_shop_event' which was not found"),
        ({"shop": {"visits": "acme_shop_events"}}, "shop names visits, which is no kind of rows; there are events, contacts"),
        ({"shop": "acme_shop_events"}, "shop has to name a model for each kind of rows, as {shop: {events: shop_events}}"),
        ({"shop": {"events": ["acme_shop_events"]}}, "shop names no model for events"),
        ({}, "lead_scoring_sources names 'shop', which is no source"),
    ],
)
def test_a_wrong_name_is_told(installed: Path, own_models: dict[str, object], sentence: str) -> None:
    """Nothing is built, and the message says what is wrong."""
    run = subprocess.run(
        [
            dbt.find(),
            "seed",
            "--no-use-colors",
            "--profiles-dir",
            ".",
            "--vars",
            json.dumps({"lead_scoring_own_models": own_models}),
        ],
        cwd=installed.parent,
        env=clean_environment(
            {
                "LEAD_SCORING_PACKAGE": str(REPOSITORY),
                "ACME_DB": str(installed),
                "LEAD_SCORING_RAW": str(installed.parent / "raw"),
            }
        ),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode != 0
    assert sentence in " ".join(run.stdout.split())


def test_schemas_are_where_the_project_says(installed: Path) -> None:
    """The marts stand where the project puts them, by their literal name; its own seeds follow its own rule."""
    found = {row[0] for row in rows(installed, "select distinct table_schema from information_schema.tables")}
    assert {"crm", "quarantine", "staging", "intermediate", "seeds", "acme", "acme_acme_config"} <= found
    assert "marts" not in found


@pytest.mark.skipif(os.name == "nt", reason="dbt copies local packages there")
def test_the_package_is_not_copied(installed: Path) -> None:
    assert (installed.parent / "dbt_packages" / "lead_scoring").is_symlink()

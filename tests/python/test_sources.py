"""What holds for every source: it has a page and a row in the README, costs nothing while it is off, and leaves no table of the real data unmentioned."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import landing
import pytest
import yaml
from conftest import REPOSITORY, Copy

STAGED = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["lead_scoring_staged"]
VENDORS = sorted(set(STAGED) - {"generic"})


def test_the_sources_are_those_of_the_mission() -> None:
    """Every system that the project promises has a folder."""
    folders = {path.name for path in (REPOSITORY / "models" / "staging").iterdir() if path.is_dir()}
    assert folders - {"config"} == set(STAGED)


@pytest.mark.parametrize("source", VENDORS)
def test_every_source_has_a_page_and_a_row(source: str) -> None:
    """Whoever looks for a vendor finds it in the README and what becomes of its tables on a page."""
    page = (REPOSITORY / "docs" / "sources" / f"{source}.md").read_text(encoding="utf-8")
    for table in landing.declared_tables(source):
        stem = table.split("_")[0]
        assert f"`{table}`" in page or table in page or f"{stem}_" in page, f"{table} is not on the page of {source}"
    assert re.search(
        rf"^\|.*`{source}`.*docs/sources/{source}\.md", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )


def test_an_address_to_be_forgotten_stays_with_the_contact_that_asked() -> None:
    """A deleted contact gives its address up only where another one bears it; else whoever bore it before would be forgotten in its stead."""
    models = (REPOSITORY / "models" / "staging").rglob("stg_*__contacts.sql")
    joined = {
        path.stem: path.read_text(encoding="utf-8") for path in models if "__erasures')" in path.read_text(encoding="utf-8")
    }
    assert len(joined) >= 6
    # Either of the two ways to say it.
    ways = ("erasures.contact_id is null or erasures.email is not null", "where contact_id is not null and email is null")
    assert [name for name, text in joined.items() if not any(way in text for way in ways)] == []


def test_a_source_that_is_off_is_no_node(demo: Copy) -> None:
    """The build of the sample has neither a model nor a table nor a schema of any other source; what pushes came to is read beside it."""
    theirs = re.compile(rf"(stg|base)_({'|'.join(VENDORS)})__")
    manifest = json.loads((demo.folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    assert [
        node["name"] for node in manifest["nodes"].values() if node["config"]["enabled"] and theirs.search(node["name"])
    ] == []
    run = json.loads((demo.folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    assert run["results"]
    assert [result["unique_id"] for result in run["results"] if theirs.search(result["unique_id"])] == []
    with duckdb.connect(str(demo.database), read_only=True) as connection:
        schemas = connection.execute("select schema_name from information_schema.schemata").fetchall()
    assert {name for (name,) in schemas if name.startswith("raw_")} == {"raw_generic", "raw_activation"}


@pytest.mark.parametrize("source", sorted(set(landing.SHARED_FOLDERS) - {"activecampaign", "brevo", "email_webhooks"}))
def test_every_real_table_is_read_or_named(source: str, real_data: Callable[[str], Path]) -> None:
    """A table of the real data that no model reads stands on the source's page; those of expected results are for tests."""
    page = (REPOSITORY / "docs" / "sources" / f"{source}.md").read_text(encoding="utf-8")
    names = landing.LANDED_FILES.get(source, "{}")
    assert isinstance(names, str)
    pattern = re.escape(names).replace(re.escape("{}"), "(.+)")
    declared = set(landing.declared_tables(source))
    unmentioned = []
    for file in sorted(real_data(landing.SHARED_FOLDERS[source]).glob("*.csv")):
        found = re.fullmatch(pattern, file.stem)
        table = found.group(1) if found else file.stem
        if table not in declared and table not in page and not table.endswith("_expected"):
            unmentioned.append(table)
    assert unmentioned == []

"""What other people's tools are told: the files of integrations/ name what is there, and the readers that are installed here read the same.

`make try-readers` and `make try-superset` try the others; they need a package registry.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import try_readers
import try_superset
import yaml
from conftest import REPOSITORY, Copy
from lead_scoring.database import READING_ONLY
from lead_scoring.publishing import DATABASE
from lead_scoring.report import data as report_data

BUNDLE = try_superset.BUNDLE


@pytest.fixture(scope="module")
def published(demo: Copy) -> Path:
    """The published database of the sample."""
    return (demo.folder / "lead_scoring_published" / "current" / DATABASE).resolve()


@cache
def bundle(kind: str) -> dict[str, dict[str, Any]]:
    """The files of the Superset bundle of one kind, by their names."""
    return {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted((BUNDLE / kind).rglob("*.yaml"))}


@cache
def marts() -> dict[str, set[str]]:
    """The columns of every mart, as the property files declare them."""
    declared = [
        model
        for file in sorted((REPOSITORY / "models").rglob("*.yml"))
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])
    ]
    return {model["name"]: {column["name"] for column in model.get("columns", [])} for model in declared}


def queries(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """What a chart asks for."""
    asked: list[dict[str, Any]] = json.loads(chart["query_context"])["queries"]
    return asked


def named_in(chart: dict[str, Any]) -> set[str]:
    """Every column and metric that a chart names, for the browser and for the API."""
    told = chart["params"]
    names = {told[key] for key in ("x_axis", "column") if key in told}
    for part in (told, *queries(chart)):
        for key in ("columns", "all_columns", "groupby", "metrics"):
            names |= set(part.get(key, []))
        names |= {pair[0] for pair in part.get("orderby", [])}
    return names | {json.loads(pair)[0] for pair in told.get("order_by_cols", [])}


# Superset


def test_every_uuid_of_the_bundle_exists_and_is_used_once() -> None:
    kinds = ("databases", "datasets", "charts", "dashboards")
    uuids = {kind: [part["uuid"] for part in bundle(kind).values()] for kind in kinds}
    every = [uuid for kind in kinds for uuid in uuids[kind]]
    assert len(every) == len(set(every))
    assert {part["database_uuid"] for part in bundle("datasets").values()} == set(uuids["databases"])
    assert {part["dataset_uuid"] for part in bundle("charts").values()} == set(uuids["datasets"])
    (dashboard,) = bundle("dashboards").values()
    placed = [part["meta"] for part in dashboard["position"].values() if isinstance(part, dict) and part["type"] == "CHART"]
    assert {meta["uuid"]: meta["sliceName"] for meta in placed} == {
        part["uuid"]: part["slice_name"] for part in bundle("charts").values()
    }
    assert len({meta["chartId"] for meta in placed}) == len(placed)
    assert {
        target["datasetUuid"] for told in dashboard["metadata"]["native_filter_configuration"] for target in told["targets"]
    } <= set(uuids["datasets"])


def test_the_layout_of_the_dashboard_is_a_tree() -> None:
    (dashboard,) = bundle("dashboards").values()
    position = {name: part for name, part in dashboard["position"].items() if isinstance(part, dict)}
    children = [child for part in position.values() for child in part.get("children", [])]
    assert sorted(children) == sorted(set(position) - {"ROOT_ID", "HEADER_ID"})
    for name, part in position.items():
        assert part["id"] == name
        for child in part.get("children", []):
            assert position[child]["parents"] == [*part.get("parents", []), name]


@pytest.mark.parametrize("name", bundle("datasets"))
def test_every_column_of_a_dataset_exists(name: str, published: Path) -> None:
    """A dataset on a mart names the mart's columns; one with a query names the query's, with their types."""
    dataset = bundle("datasets")[name]
    columns = {column["column_name"]: column["type"] for column in dataset["columns"]}
    if "sql" not in dataset:
        assert set(columns) <= marts()[name]
    query = dataset.get("sql") or f"select {', '.join(columns)} from {dataset['schema']}.{name}"
    with duckdb.connect(str(published), read_only=True, config=dict(READING_ONLY)) as connection:
        described = {column: kind for column, kind, *_ in connection.execute(f"describe {query}").fetchall()}
        assert described == columns
        for metric in dataset["metrics"]:
            ((value,),) = connection.execute(f"select {metric['expression']} from ({query}) as asked").fetchall()
            assert value > 0, metric["metric_name"]


@pytest.mark.parametrize("name", bundle("charts"))
def test_every_chart_names_columns_and_metrics_of_its_dataset(name: str) -> None:
    chart = bundle("charts")[name]
    (dataset,) = [part for part in bundle("datasets").values() if part["uuid"] == chart["dataset_uuid"]]
    known = {column["column_name"] for column in dataset["columns"]} | {metric["metric_name"] for metric in dataset["metrics"]}
    assert named_in(chart) <= known
    assert chart["viz_type"] == chart["params"]["viz_type"]
    # An empty list of metrics would make Superset ask for distinct rows.
    assert all(query.get("metrics") != [] for query in queries(chart))


def test_superset_is_given_the_connection_that_we_use_ourselves() -> None:
    (database,) = bundle("databases").values()
    told = database["extra"]["engine_params"]["connect_args"]
    assert told == {"read_only": True, "config": READING_ONLY}


def test_the_zipped_bundle_names_the_database_that_is_there(tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    try_superset.write_bundle(tmp_path / DATABASE, file)
    with try_superset.zipfile.ZipFile(file) as zipped:
        names = zipped.namelist()
        database = yaml.safe_load(zipped.read("lead_scoring/databases/lead_scoring.yaml"))
    assert database["sqlalchemy_uri"] == f"duckdb:///{tmp_path / DATABASE}"
    assert len(names) == len(list(BUNDLE.rglob("*.yaml")))


def test_a_chart_that_is_missing_failed_is_empty_or_miscounts_is_told() -> None:
    answers = [
        {"name": "Leads per segment", "status": 200, "error": None, "rows": [{"leads": 2}, {"leads": 1}]},
        {"name": "Score distribution", "status": 200, "error": None, "rows": [{"0 - 1": 3, "1 - 2": 1}]},
        {"name": "Today's list", "status": 400, "error": "no such column", "rows": []},
        {"name": "Movers of the last seven days", "status": 200, "error": None, "rows": []},
    ]
    assert try_superset.faults_of(answers, 3) == [
        "Rows read, by what became of them: is not on the dashboard",
        "Score distribution: does not count 3 scores",
        "Today's list: 400 no such column",
        "Movers of the last seven days: has no data",
    ]


# Readers


@pytest.mark.parametrize(
    ("program", "parquet"), [(try_readers.DUCKDB, False), (try_readers.PYARROW, True)], ids=["duckdb", "pyarrow"]
)
def test_the_readers_that_are_installed_read_the_same(program: str, parquet: bool, published: Path, tmp_path: Path) -> None:
    expected = try_readers.read_by_us(published)
    assert all(value not in ("0", "None") for value in expected.values())
    if parquet:
        try_readers.write_parquet(published, tmp_path / "parquet")
    told = {
        "database": str(published),
        "parquet": str(tmp_path / "parquet"),
        "figures": try_readers.FIGURES,
        "settings": READING_ONLY,
    }
    assert try_readers.run(Path(sys.executable), program, told) == expected


def test_what_a_connection_sees_after_a_version_was_replaced(published: Path, tmp_path: Path) -> None:
    told = try_readers.write_versions(published, tmp_path)
    assert try_readers.run(Path(sys.executable), try_readers.SWAPPED_DUCKDB, told) == try_readers.SEES


def test_a_reader_that_reads_something_else_is_told() -> None:
    assert try_readers.differences({"leads": "3"}, {"leads": "2", "scores": "1"}) == ["leads: 3, not 2", "scores: None, not 1"]
    with pytest.raises(RuntimeError, match="ValueError: broken"):
        try_readers.run(Path(sys.executable), "raise ValueError('broken')", {})


# Exposures


def test_the_exposure_of_the_dashboard_names_the_marts_that_it_reads() -> None:
    declared = yaml.safe_load((REPOSITORY / "models" / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    (exposure,) = [part for part in declared if part["name"] == "superset_lead_scores"]
    read = {
        name for name in marts() if any(name == key or name in part.get("sql", "") for key, part in bundle("datasets").items())
    }
    assert set(exposure["depends_on"]) == {f"ref('{name}')" for name in read}


@pytest.mark.parametrize("name", ["boards", "report"])
def test_the_exposures_of_our_own_pages_name_the_marts_that_they_read(name: str) -> None:
    declared = yaml.safe_load((REPOSITORY / "models" / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    (exposure,) = [part for part in declared if part["name"] == name]
    boards = "".join(file.read_text(encoding="utf-8") for file in sorted((REPOSITORY / "charts").glob("*.yml")))
    read = {"boards": set(re.findall(r"ref\('(\w+)'\)", boards)), "report": set(report_data.NEEDED)}[name]
    assert set(exposure["depends_on"]) == {f"ref('{mart}')" for mart in read}


# The page


def test_the_page_about_connecting_names_what_is_there() -> None:
    """Its make targets, its metrics, and the versions that were tried."""
    page = (REPOSITORY / "docs" / "connecting.md").read_text(encoding="utf-8")
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)`", page)):
        assert f"\n{target}:" in makefile, target
    metrics = yaml.safe_load((REPOSITORY / "models" / "metrics.yml").read_text(encoding="utf-8"))["metrics"]
    assert [metric["name"] for metric in metrics if f"`{metric['name']}`" not in page] == []
    for reader in try_readers.READERS:
        for package in reader.packages:
            assert package.split("==")[1] in page, package

"""The same input gives the same digits: whatever the order of rows, the files, the deliveries, the threads, the run."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import cases
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import Project

MARTS = {
    "dim_leads": "lead_id",
    "fct_lead_scores": "lead_id, score_model",
    "fct_lead_score_contributions": "lead_id, score_model, entry_type, entry_id",
    "fct_segment_membership": "lead_id, score_model, entered_on",
    "fct_segment_transitions": "lead_id, score_model, changed_on",
    "fct_lead_score_history": "lead_id, score_model, valid_from",
    "fct_lead_id_changes": "old_lead_id, new_lead_id",
    "fct_next_actions": "lead_id, score_model, action, channel, template",
    "rpt_model_performance": "score_model, band",
    "rpt_rule_performance": "score_model, rule_id",
}
"""Each mart with an order that has no ties."""


def fingerprint(project: Project) -> dict[str, str]:
    """A hash of the ordered rows of every mart, without the run's own id."""
    prints = {}
    for mart, order in MARTS.items():
        rows = project.rows(f"select * from marts.{mart} order by {order}")
        text = "\n".join(str({name: value for name, value in row.items() if name != "run_id"}) for row in rows)
        prints[mart] = hashlib.sha256(text.encode()).hexdigest()
    return prints


def tables(raw: Path) -> dict[str, pa.Table]:
    """The raw tables of a folder by name, a folder of files as one table."""
    return {path.name.removesuffix(".parquet"): pq.read_table(path) for path in (raw / "generic").iterdir()}


def shuffled(source: Path, target: Path) -> None:
    """The same rows in another order."""
    for name, table in tables(source).items():
        order = list(range(table.num_rows))
        random.Random(name).shuffle(order)
        write(table.take(order), target / "generic" / f"{name}.parquet")


def split(source: Path, target: Path) -> None:
    """The same rows over several files."""
    for name, table in tables(source).items():
        for part in range(3):
            rows = list(range(part, table.num_rows, 3))
            write(table.take(rows), target / "generic" / name / f"part_{part}.parquet")


def delivered_twice(source: Path, target: Path) -> None:
    """Every row a second time, in a file of its own."""
    for name, table in tables(source).items():
        for part in ("first", "second"):
            write(table, target / "generic" / name / f"{part}.parquet")


def write(table: pa.Table, path: Path) -> None:
    """Write a Parquet file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path, dict[str, str]]:
    """A random case, built once, with its fingerprint."""
    folder = tmp_path_factory.mktemp("reproducibility")
    case = cases.make_case(77, folder / "seeds", folder / "raw", score_models=10)
    project = Project(folder / "project")
    project.replace_seeds(case.seeds_dir)
    project.build(case.raw_dir, VARIABLES)
    prints = fingerprint(project)
    assert len(set(prints.values())) > 1
    return project, case.raw_dir, prints


VARIABLES = {"as_of_date": str(cases.BASE_DATE), "scoring_timezone": "Europe/Berlin"}


@pytest.mark.parametrize("change", [shuffled, split, delivered_twice], ids=lambda change: change.__name__)
def test_how_rows_arrive_changes_no_digit(
    change: Callable[[Path, Path], None], built: tuple[Project, Path, dict[str, str]], tmp_path: Path
) -> None:
    """Shuffled, split over files, delivered twice."""
    project, raw_dir, prints = built
    change(raw_dir, tmp_path)
    project.build(tmp_path, VARIABLES)
    assert fingerprint(project) == prints


@pytest.mark.parametrize("threads", [1, 4])
def test_threads_change_no_digit(threads: int, built: tuple[Project, Path, dict[str, str]]) -> None:
    """One thread or four; the first build had two."""
    project, raw_dir, prints = built
    project.build(raw_dir, VARIABLES, threads=threads)
    assert fingerprint(project) == prints


def test_a_point_more_changes_the_fingerprint(built: tuple[Project, Path, dict[str, str]]) -> None:
    """The fingerprint sees what it should."""
    project, _, prints = built
    project.execute("update marts.fct_lead_scores set score = score + 1")
    assert fingerprint(project) != prints

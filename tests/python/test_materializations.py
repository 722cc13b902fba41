"""The project's own tables and views: one that cannot be made leaves the one before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from building import REPOSITORY, Project

MODEL = "stg_config__words"


def make(project: Project) -> bool:
    """Make the one model, and say whether that went well."""
    return bool(project.dbt("run", "--select", MODEL, raw=REPOSITORY / "sample" / "raw", variables={}).success)


@pytest.mark.parametrize("materialized", ["table", "view"])
def test_what_cannot_be_made_leaves_what_was(materialized: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    model = project.folder / "models" / "staging" / "config" / f"{MODEL}.sql"
    model.write_text(f"{{{{ config(materialized='{materialized}') }}}}\n{model.read_text(encoding='utf-8')}", encoding="utf-8")
    assert project.dbt("seed", "--select", "words", raw=REPOSITORY / "sample" / "raw", variables={}).success
    # Whatever stood under the name gives way, a view to a table and a table to a view.
    other = "view" if materialized == "table" else "table"
    project.execute(f"create schema if not exists staging; create {other} staging.{MODEL} as select 1 as one")
    assert make(project)
    made = project.rows(f"select * from staging.{MODEL} order by all")
    assert len(made) > 1
    assert make(project), "a second time in the place of the first"
    project.execute("alter table seeds.words rename to words_kept")
    assert not make(project)
    project.execute("alter table seeds.words_kept rename to words")
    assert project.rows(f"select * from staging.{MODEL} order by all") == made

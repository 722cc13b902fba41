"""The oracle and the SQL agree on random grids and events, in days of Europe/Berlin: every lead, score model, ledger row and digit."""

from __future__ import annotations

from pathlib import Path

import pytest
from agreement import assert_build_agrees, builds_in
from building import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One copy of the project, whose seeds every case replaces."""
    return Project(tmp_path_factory.mktemp("agreement") / "project")


@pytest.mark.parametrize("build", builds_in("Europe/Berlin"))
def test_random_grids_and_events_agree(build: int, project: Project, tmp_path: Path) -> None:
    """The builds of this zone, twenty score models in each: every kind of rule, decay, cap and operator."""
    assert_build_agrees(build, project, tmp_path)

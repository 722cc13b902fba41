"""The ways to the scores that are measured. Each is a module with `score(job)`, run in a process of its own by `benchmarks.contend`.

All do the same work, out of the same files: deduplicate, resolve who is who, match 200 rules, decay and cap, for three dates, and write
`lead_id, scored_on, score_exact` for every lead that existed on the date. Which parts of docs/scoring.md each leaves out says CONTENDERS.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

NARROW = "merges, erasures, former addresses, quarantine, other kinds of rules, ledger, grades, segments, history, reports"
"""What a contender leaves out that computes the score and nothing else."""


@dataclass(frozen=True)
class Job:
    """What a contender is to do, and where."""

    contender: str
    raw: Path
    seeds: Path
    as_of: date
    output: Path
    """The Parquet file of the scores."""
    work: Path
    """A folder for what else it needs: spilled data, the copy of the project."""
    database: Path
    """The database of the project, where the contender is the project."""
    memory_limit: str
    """What an engine that takes a limit may use."""
    parts: int = 1
    """In how many parts, of leads, the project makes its largest sums."""

    def to_json(self) -> str:
        """The job as text, for the process that does it."""
        return json.dumps({name: str(value) for name, value in asdict(self).items()})

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The job that ``to_json`` wrote."""
        told = json.loads(text)
        paths = {name: Path(told[name]) for name in ("raw", "seeds", "output", "work", "database")}
        return cls(
            told["contender"],
            as_of=date.fromisoformat(told["as_of"]),
            memory_limit=told["memory_limit"],
            parts=int(told["parts"]),
            **paths,
        )

    @property
    def events(self) -> str:
        """The files of the events, as a pattern."""
        return str(self.raw / "generic" / "events" / "*.parquet")

    @property
    def contacts(self) -> str:
        """The file of the contacts."""
        return str(self.raw / "generic" / "contacts.parquet")


@dataclass(frozen=True)
class Contender:
    """A way to the scores."""

    name: str
    module: str
    does: str
    leaves_out: str = "nothing"
    requires: str = "duckdb"
    """The Python package without which it cannot run."""
    largest: float | None = None
    """The largest size, in million events, at which it is worth waiting for."""
    state: str | None = None
    """What it starts from: the database that this contender left behind."""

    @property
    def is_installed(self) -> bool:
        """Whether it can run here."""
        return find_spec(self.requires) is not None

    @property
    def is_project(self) -> bool:
        """Whether it is the project itself, in one of its situations."""
        return self.module == "project"


CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender("limit", "limit", "reads the eight columns that every way has to read", "all but reading"),
        Contender("full", "project", "the project, into an empty database"),
        Contender("day", "project", "the project, again, after one day's new file", state="full"),
        Contender("weight", "project", "the project, again, after one rule's points changed", state="full"),
        Contender("match", "project", "the project, again, after one rule's condition changed", state="full"),
        Contender("sql", "plain_sql", "a SQL script on DuckDB", NARROW),
        Contender("polars", "with_polars", "lazy frames, streamed", NARROW, requires="polars"),
        Contender("chdb", "with_chdb", "a SQL script on ClickHouse, inside Python", NARROW, requires="chdb"),
        Contender("python", "plain_python", "a loop over the rows", NARROW, largest=1),
    )
}
